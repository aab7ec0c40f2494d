/**
 * The TypeScript samples of a page, as programs. A sample may use what those before it made: `rt`
 * and the other names below are provided to the samples that do not make them.
 */
import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
export const PAGES = ['README.md', 'docs/guide.md'];

export interface Sample {
  /** `guide-3`, the third of its page. */
  readonly name: string;
  readonly text: string;
  /** It changes something in the kernel. */
  readonly needsRoot: boolean;
}

/** How a program gets each name. */
const GIVEN = {
  rt: "import { open as openRtnl } from 'netlink-ts'; using rt = openRtnl();",
  nft: "import { openNftables as openNft } from 'netlink-ts'; using nft = openNft();",
  signal: 'const signal = AbortSignal.timeout(200);',
  bytes:
    "import { fromHex as hex } from 'netlink-ts/codec'; const bytes = hex('20000000 12000100 01000000 00000000 00000000 00000000 00000000 00000000');",
};

/**
 * Programs, one for each entry, that import the names before the colon at the beginning of lines of
 * CHANGELOG.md, under the heading of the entry: `hostLocal`, `staticIpam`: address management. Of
 * `hostLocal().add` and `Socket.receive` it is the first word; verbs such as `links.list` are no
 * exports.
 */
export function namedInChangelog(): Map<string, string> {
  const programs = new Map<string, string>();
  const known = new Set<string>();
  const text = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
  for (const part of text.split(/^#+ /m)) {
    const [, entry, subpath = 'main'] = /^`(netlink-ts(?:\/(\w+))?)`\n/.exec(part) ?? [];
    if (entry === undefined) continue;
    for (const [, spans] of part.matchAll(/^- ((?:`[^`]+`(?:,\s+)?)+):/gm)) {
      for (const [, name] of spans!.matchAll(/`(\w+(?=`|\()|[A-Z]\w+(?=\.))/g)) {
        const line = `export type { ${name} } from '${entry}';\n`;
        if (!known.has(line)) programs.set(subpath, (programs.get(subpath) ?? '') + line);
        known.add(line);
      }
    }
  }
  return programs;
}

export const samplesOf = (page: string): Sample[] =>
  [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```ts\n([^]*?)^```$/gm)].map(
    ([, code], i) => {
      const given = Object.entries(GIVEN).filter(
        ([name]) =>
          new RegExp(`\\b${name}\\b`).test(code!) &&
          !new RegExp(`\\b(const|using) ${name}\\b`).test(code!),
      );
      const text = [...given.map(([, line]) => line), code, 'export {};\n'].join('\n');
      const name = `${basename(page, '.md').toLowerCase()}-${i + 1}`;
      return { name, text, needsRoot: /\b(rt|nft)\b/.test(code!) };
    },
  );
