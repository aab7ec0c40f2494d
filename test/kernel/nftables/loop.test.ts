/**
 * From nft to the kernel, to words, to nft and to the kernel again: the words make the same rule,
 * or none.
 */
import { readFileSync } from 'node:fs';
import { toJson } from '../../../src/netlink/codec/json.ts';
import { isPrintable } from '../../../src/printable.ts';
import { addRule, type Key, type RuleObject, type TypeName } from '../../../src/nftables/index.ts';
import { keyText } from '../../../src/nftables/messages/key.ts';
import { openNftables, type Nftables } from '../../../src/nftables/open.ts';
import { ruleText } from '../../../src/nftables/rules/print-rule.ts';
import { rule } from '../../../src/nftables/rules/match.ts';
import { accept } from '../../../src/nftables/rules/statement.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { generated, GRAMMARS, SETS, type Grammar } from '../../harness/nft-rules.ts';

const SEED = Number(process.env['LOOP_SEED'] ?? 14);
const COUNT = Number(process.env['LOOP_COUNT'] ?? 300);

interface Place {
  readonly family: string;
  readonly chain: string;
  readonly rule: string;
}

/** Adds rules, each of them unless nft or the kernel refuses it; says which ones are in. */
function addEach(ns: Namespace, places: readonly Place[]): boolean[] {
  if (places.length === 0) return [];
  const lines = places.map(({ family, chain, rule }) => `add rule ${family} t ${chain} ${rule}`);
  try {
    ns.exec('nft', lines.join('\n'));
    return places.map(() => true);
  } catch {
    if (places.length === 1) return [false];
    const half = places.length >> 1;
    return [...addEach(ns, places.slice(0, half)), ...addEach(ns, places.slice(half))];
  }
}

/** The elements of a set without a name as nft writes them; undefined for ranges. */
function anonymousText(
  nft: Nftables,
  family: string,
  name: string,
  table = 't',
): string | undefined {
  const at = { family: family as 'ip', table };
  const { type, map, flags } = nft.sets.get({ ...at, name });
  if (flags.includes('interval')) return undefined;
  const texts = nft.elements.list({ ...at, name }).map(({ key, data }) => {
    const text = keyText(type, key!);
    if (data === undefined) return text;
    const isVerdict = typeof data === 'object' && 'code' in data;
    const given = isVerdict ? [data.code, data.chain] : [keyText(map as TypeName, data as Key)];
    return `${text} : ${given.filter((word) => word !== undefined).join(' ')}`;
  });
  return texts.sort().join(', ');
}

/** What a rule is, whatever its handle and the numbers of its sets. */
const kernelForm = (nft: Nftables, rule: RuleObject): string => {
  const { family, table, expr, comment, userdata } = rule;
  // Programs set other bits in the types of attributes than the kernel does.
  const text = JSON.stringify(toJson({ expr, comment, userdata }), (key, value: unknown) =>
    key === 'nlaNotes' ? undefined : value,
  );
  return text.replace(/"__(set|map)\d+"/g, (name) =>
    JSON.stringify(
      anonymousText(nft, String(family), JSON.parse(name) as string, table) ?? 'ranges',
    ),
  );
};

function tableOf({ family, hooks }: Grammar): string {
  const copies = ['', '_copy'];
  const chains = Object.entries({ plain: { hook: '' }, ...hooks }).flatMap(([chain, { hook }]) =>
    copies.map((copy) => `chain ${chain}${copy} { ${hook} }`),
  );
  return `table ${family} t {\n${SETS}\n${chains.join('\n')}\n}`;
}

for (const grammar of GRAMMARS) {
  const { family } = grammar;
  const title = `print: ${family} rules go from nft to the kernel and back as the same rules`;
  needs('nftables-inet')(title, (t) => {
    const ns = freshNamespace(t);
    ns.exec('nft', tableOf(grammar));
    const wanted = generated(grammar, COUNT, SEED);
    const added = addEach(
      ns,
      wanted.map((each) => ({ ...each, family })),
    );
    const made = wanted.filter((_, i) => added[i]);
    using nft = openNftables({ netns: ns.path });
    const all = { said: 0, refused: 0 };
    for (const chain of new Set(made.map((each) => each.chain))) {
      const at = { family: family as 'ip', table: 't' };
      const rules = nft.rules.list({ ...at, chain });
      const sources = made.filter((each) => each.chain === chain).map(({ rule }) => rule);
      t.is(rules.length, sources.length);
      const anonymous = (set: string): string | undefined => anonymousText(nft, family, set);
      const texts = rules.map((rule) => ruleText(rule, { anonymous }));
      // Also those in brackets: it is nft that has to refuse them.
      const again = addEach(
        ns,
        texts.map((rule) => ({ family, chain: `${chain}_copy`, rule })),
      );
      const copies = nft.rules.list({ ...at, chain: `${chain}_copy` });
      let copy = 0;
      rules.forEach((rule, i) => {
        const text = texts[i]!;
        if (!again[i]) {
          all.refused++;
          // What nft said before it should be able to say again, but for a few that it writes
          // otherwise.
          if (!/\[NFTA|@__/.test(text)) t.log(`refused: ${sources[i]} -> ${text}`);
          return;
        }
        all.said++;
        t.is(kernelForm(nft, copies[copy++]!), kernelForm(nft, rule), `${sources[i]} -> ${text}`);
      });
    }
    t.log(`${family}: ${made.length} rules`, all);
    t.true(all.said > 0.85 * made.length);
  });
}

interface Capture {
  readonly case: string;
  readonly setup: readonly string[];
  readonly command: string;
}
const captures = JSON.parse(
  readFileSync(new URL('../../../fixtures/captures.json', import.meta.url), 'utf8'),
) as Capture[];

needs('nftables-inet')('print: the rules of all fixtures make the same rules, or none', (t) => {
  let said = 0;
  for (const { case: name, setup, command } of captures) {
    if (!name.startsWith('nftables/') || !/\bnft\b/.test(command)) continue;
    const ns = freshNamespace(t);
    try {
      for (const each of [...setup, command]) ns.exec('sh', '-c', each);
    } catch (error) {
      t.log(name, (error as Error).message);
    }
    using nft = openNftables({ netns: ns.path });
    for (const rule of nft.rules.list()) {
      const { table, chain } = rule;
      const family = String(rule.family);
      const anonymous = (set: string): string | undefined => anonymousText(nft, family, set, table);
      const text = ruleText(rule, { anonymous });
      try {
        ns.exec('nft', `add rule ${family} ${table} ${chain} ${text}`);
      } catch {
        continue;
      }
      const at = { family: rule.family as 'ip', table, chain };
      t.is(kernelForm(nft, nft.rules.list(at).at(-1)!), kernelForm(nft, rule), `${name}: ${text}`);
      said++;
    }
    ns.remove();
  }
  t.true(said > 50, String(said));
});

/** What no quotes can hold: a text that reads on behind its end, or that a terminal obeys. */
const HOSTILE = [
  'a" drop comment "b',
  'x" ; flush ruleset ; "',
  'two\nlines',
  '\x1b[31mred',
  '\x7f',
  '\u202egnp.exe',
  '"',
  'ä',
];

needs('nftables-inet')('print: text of others is never read as words of nft', (t) => {
  const ns = freshNamespace(t);
  ns.exec('nft', 'table inet t { chain c { } ; chain copy { } ; }');
  using nft = openNftables({ netns: ns.path });
  const at = { family: 'inet', table: 't', chain: 'c' } as const;
  const data = (prefix: string) => [{ name: 'log', data: { prefix } }] as const;
  for (const text of HOSTILE) {
    nft.apply(addRule({ ...at, expr: rule('inet', accept()), comment: text }));
    nft.apply(addRule({ ...at, expr: data(text) }));
  }
  for (const each of nft.rules.list(at)) {
    const text = ruleText(each);
    t.true(isPrintable(text), JSON.stringify(text));
    if (addEach(ns, [{ family: 'inet', chain: 'copy', rule: text }])[0]) {
      const [copy] = nft.rules.list({ ...at, chain: 'copy' }).slice(-1);
      t.is(kernelForm(nft, copy!), kernelForm(nft, each), text);
    }
  }
  t.is(nft.rules.list(at).length, 2 * HOSTILE.length);
});
