/**
 * `netlink-ts ynl`: prints the declaration of a family that one of the kernel's specifications
 * describes, or talks to the family, as tools/net/ynl/cli.py does.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { toJson } from '../netlink/codec/json.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../netlink/constants.ts';
import { jsonText } from '../printable.ts';
import type { Ynl, YnlEvent, YnlValue } from '../ynl/open.ts';
import type { YnlFamily } from '../ynl/ynl-family.ts';
import { UsageError, type Command, type Output } from './command.ts';
import { untilStopped } from './until-stopped.ts';

const HELP = `netlink-ts ynl SPEC.yaml [--do OP | --dump OP | --subscribe GROUP | --list-ops]

SPEC.yaml is a specification of the kernel: Documentation/netlink/specs in its sources. By itself, a
TypeScript file is printed that declares the family. Names and keys of requests are those of the
specification.

  --do OP            send the request of OP, and print the answer
  --dump OP          print all objects of OP, one per line
  --json JSON        what is asked for: an object with fields of the header and attributes
  --subscribe GROUP  print the notifications of a multicast group; may be repeated
  --count N          end after N notifications
  --list-ops         print the operations
  --netns NAME       in this network namespace: a name of ip-netns(8) or a path
  --create           with --do: make what is not there (NLM_F_CREATE)
  --excl             with --do: refuse what is there (NLM_F_EXCL)
  --replace          with --do: replace what is there (NLM_F_REPLACE)
  --append           with --do: add at the end of a list (NLM_F_APPEND)
`;

const FLAGS = {
  create: NLM_F_CREATE,
  excl: NLM_F_EXCL,
  replace: NLM_F_REPLACE,
  append: NLM_F_APPEND,
} as const;

const OPTIONS = {
  do: { type: 'string' },
  dump: { type: 'string' },
  json: { type: 'string' },
  subscribe: { type: 'string', multiple: true },
  count: { type: 'string' },
  'list-ops': { type: 'boolean' },
  netns: { type: 'string' },
  create: { type: 'boolean' },
  excl: { type: 'boolean' },
  replace: { type: 'boolean' },
  append: { type: 'boolean' },
} as const;

/** What is done with the family, one of which can be named. */
const ACTS = ['do', 'dump', 'subscribe', 'list-ops'] as const;

export const ynlCommand: Command = {
  summary: "use a family by the kernel's specification, or print its declaration",
  help: HELP,
  async run(args, output) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
    });
    const [path, ...others] = positionals;
    if (path === undefined || others.length > 0) {
      throw new UsageError('one specification is needed: a file in YAML');
    }
    const acts = ACTS.filter((name) => values[name] !== undefined);
    if (acts.length > 1) throw new UsageError(`--${acts.join(' and --')} exclude each other`);
    const [act] = acts;
    check(act, values);
    const value = requestOf(values.json);
    const most = values.count === undefined ? Infinity : Number(values.count);
    if (!(most > 0)) throw new UsageError('--count must be a number of notifications');

    const spec = read(path);
    // The parser is loaded for this command only.
    const { ynl, ynlFamily, ynlSource } = await import('../ynl/index.ts');
    const family = ynlFamily(spec, { keys: 'spec' });
    for (const note of family.notes) output.note(`${path}: ${note}\n`);
    if (act === undefined) {
      output.write(ynlSource(spec));
      return 0;
    }
    if (act === 'list-ops') {
      output.write(operationsOf(family));
      return 0;
    }
    using opened = ynl(family, { netns: values.netns });
    if (values.do !== undefined) {
      const flags = Object.entries(FLAGS)
        .filter(([name]) => values[name as keyof typeof FLAGS])
        .reduce((sum, [, flag]) => sum | flag, 0);
      const answer = opened.do(values.do, value, { flags });
      if (answer !== undefined) output.write(line(answer));
    } else if (values.dump !== undefined) {
      for (const each of opened.list(values.dump, value)) output.write(line(each));
    } else {
      await listen(opened, values.subscribe!, most, output);
    }
    return 0;
  },
};

/** Refuses options that go with another act. */
function check(act: (typeof ACTS)[number] | undefined, values: object): void {
  const given = (name: string): boolean => (values as Record<string, unknown>)[name] !== undefined;
  const only = (names: readonly string[], acts: readonly (typeof act)[]): void => {
    const alien = acts.includes(act) ? undefined : names.find(given);
    if (alien === undefined) return;
    throw new UsageError(`--${alien} goes with ${acts.map((each) => `--${each}`).join(' or ')}`);
  };
  only(Object.keys(FLAGS), ['do']);
  only(['json'], ['do', 'dump']);
  only(['count'], ['subscribe']);
  only(['netns'], ['do', 'dump', 'subscribe']);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function requestOf(text: string | undefined): YnlValue {
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`--json: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError('--json must be an object');
  }
  return value as YnlValue;
}

function operationsOf({ operations }: YnlFamily): string {
  return Object.values(operations)
    .map((each) => {
      const modes = (['do', 'dump'] as const).filter((mode) => each[mode] !== undefined);
      return `${each.name} (${modes.join(', ')})${each.doc === '' ? '' : `: ${each.doc}`}\n`;
    })
    .join('');
}

/** JSON, without the notes on forms that values do not show. */
const line = (value: object): string => `${jsonText(withoutNotes(toJson(value)))}\n`;

function withoutNotes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNotes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'nlaNotes')
      .map(([key, each]) => [key, withoutNotes(each)]),
  );
}

/** An error has no JSON form of its own. */
const plain = (event: YnlEvent): object =>
  'error' in event ? { ...event, error: event.error.message } : event;

async function listen(
  opened: Ynl,
  groups: readonly string[],
  most: number,
  output: Output,
): Promise<void> {
  const end = untilStopped();
  let count = 0;
  try {
    for await (const event of opened.notify(groups, { signal: end.signal })) {
      output.write(line(plain(event)));
      if (++count >= most) break;
    }
  } finally {
    end.done();
  }
}
