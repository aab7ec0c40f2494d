/**
 * Manual pages, in mdoc(7): one for each plugin, from the texts of its keys, and `netlink-ts(8)`
 * from the help of its commands. No text is written twice.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { COMMANDS } from '../../src/cli/main.ts';
import { type JsonSchema, pluginKeys } from '../../site/scripts/keys.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** The section for programs of administrators and daemons. */
const SECTION = 8;
/** Plugins share names with other programs: bridge(8) is iproute2's. */
const manName = (plugin: string): string => `netlink-ts-${plugin}`;

const PLUGIN_ABOUT: Readonly<Record<string, string>> = {
  bridge: 'attach containers to a bridge of the host',
  ipvlan: 'give containers an ipvlan interface of a link of the host',
  loopback: 'set the loopback interface of containers up',
  'host-local': 'assign addresses from ranges, kept in files of the host',
  static: 'assign the addresses that the configuration names',
};

/** The pages without a table of keys. */
const PROSE: Readonly<Record<string, string>> = {
  loopback:
    'It has no keys of its own. ADD sets lo up, DEL sets it down, CHECK tests whether it is up.',
  static:
    'Below `ipam`: `addresses`, a list of objects with `address` (with a prefix length) and `gateway`; `routes`, a list of objects with `dst` and `gw`; `dns`. Addresses of `CNI_ARGS` (`IP=` and `GATEWAY=`) are added; those of `args.cni.ips` and of the capability `ips` replace all others.',
};

/** The pages by file name, for a date in seconds since 1970. */
export function manPages(epoch: number): Map<string, string> {
  const pages = new Map<string, string>();
  const add = (name: string, about: string, body: string): void => {
    const head = `.Dd ${dateOf(epoch)}\n.Dt ${name.toUpperCase()} ${SECTION}\n.Os\n.Sh NAME\n.Nm ${name}\n.Nd ${about}\n`;
    pages.set(`${name}.${SECTION}`, `${head}${body}`);
  };
  add('netlink-ts', 'look at netlink, and at CNI plugins', toolBody());
  for (const [plugin, about] of Object.entries(PLUGIN_ABOUT))
    add(manName(plugin), about, pluginBody(plugin));
  return pages;
}

const dateOf = (epoch: number): string =>
  new Date(epoch * 1000).toLocaleDateString('en-US', {
    timeZone: 'UTC',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
  });

function pluginBody(plugin: string): string {
  const others = Object.keys(PLUGIN_ABOUT).filter((each) => each !== plugin);
  return [
    section('SYNOPSIS', `.Nm ${plugin}\n.No < Ar configuration`),
    section(
      'DESCRIPTION',
      `A plugin of the Container Network Interface, which a container runtime executes. The command is in the variable CNI_COMMAND: ADD, DEL, CHECK, STATUS, GC or VERSION; the configuration is JSON on standard input, and the result JSON on standard output. It is a file named ${plugin}, in the folder where the runtime looks for plugins.`,
      'Without CNI_COMMAND it prints its version on standard error.',
    ),
    `.Sh CONFIGURATION\n${keysOf(plugin)}`,
    section('EXIT STATUS', '0, or 1 with a JSON object on standard output: code, msg and details.'),
    `.Sh SEE ALSO\n${seeAlso(['netlink-ts', ...others.map(manName)])}`,
    section(
      'STANDARDS',
      'Container Network Interface Specification 0.1.0 to 1.1.0. How it differs from the plugins of the CNI project is in docs/compatibility.md of the source.',
    ),
  ].join('');
}

function keysOf(plugin: string): string {
  const keys = pluginKeys().find(({ name }) => name === plugin);
  if (keys !== undefined) {
    const listed = Object.entries(keys.schema.properties!).filter(([, each]) => each.description);
    return definitions(
      listed.map(([key, schema]) => [`${key} (${typeOf(schema)})`, withDefault(schema)] as const),
    );
  }
  if (plugin !== 'host-local') return sentences(PROSE[plugin]!);
  const page = readFileSync(join(ROOT, 'docs/host-local.md'), 'utf8');
  const [table = ''] = page.split('## Keys of `ipam`')[1]!.split('\n## ');
  const rows = table.split('\n').flatMap((line) => {
    const [, key = '', preset = '', meaning = ''] = line
      .split(/(?<!\\)\|/)
      .map((each) => each.trim());
    if (!key.startsWith('`')) return [];
    const [words, own] = [key.replaceAll(/[`◆]/g, '').trim(), key.includes('◆')];
    const text = `${meaning}.${preset === '' ? '' : ` Default: ${preset}.`}`;
    return [[words, own ? `${text} The reference ignores this key.` : text] as const];
  });
  return `${sentences('Below `ipam`:')}${definitions(rows)}`;
}

const seeAlso = (names: readonly string[]): string =>
  `${names
    .toSorted()
    .map((name) => `.Xr ${name} ${SECTION}`)
    .join(' ,\n')}\n`;

const typeOf = ({ type, items }: JsonSchema): string =>
  items === undefined ? (type ?? 'any value') : `list of ${items.type ?? 'values'}`;

function withDefault({ description = '', default: preset }: JsonSchema): string {
  if (preset === undefined || preset === '' || typeof preset === 'object') return description;
  return `${description} Default: ${JSON.stringify(preset)}.`;
}

/** The help of each command, taken apart: usage lines, paragraphs, and lists. */
function toolBody(): string {
  const usage = Object.values(COMMANDS).map(({ help }) => usageOf(help).map(synopsis).join(''));
  const subsections = Object.entries(COMMANDS).map(([name, { summary, help }]) => {
    const blocks = help.trimEnd().split('\n\n').slice(1);
    return `.Ss netlink-ts ${name}\n${sentences(`${capital(summary)}.`)}${blocks.map(block).join('')}`;
  });
  const summary =
    'Commands on this library: they list and watch what the kernel reports by netlink, explain messages, manage leases of host-local, and try CNI plugins. netlink-ts --version prints the version, netlink-ts COMMAND --help what is below.';
  return [
    `.Sh SYNOPSIS\n${usage.join('')}`,
    `.Sh DESCRIPTION\n${sentences(summary)}`,
    subsections.join(''),
    section('EXIT STATUS', '0 for success, 1 for a failure, 2 for invalid arguments.'),
    `.Sh SEE ALSO\n${seeAlso(['ip', 'nft', ...Object.keys(PLUGIN_ABOUT).map(manName)])}`,
  ].join('');
}

/** Lines that continue a usage line are indented. */
const usageOf = (help: string): string[] =>
  help
    .split('\n\n')[0]!
    .replaceAll(/\n {3,}/g, ' ')
    .split('\n');

const synopsis = (line: string): string =>
  `.Nm\n.No ${escaped(line.replace(/^netlink-ts /, '').replaceAll(/ +/g, ' '))}\\&\n`;

function block(text: string): string {
  const lines = text.split('\n');
  if (!lines.every((line) => line.startsWith('  '))) return paragraphs(text.replaceAll('\n', ' '));
  // An example has no gap between a word and its meaning.
  if (!lines.some((line) => /^ {2}\S.*? {2,}\S/.test(line)))
    return `.Bd -literal -offset indent\n${lines.map((line) => `${escaped(line.trim())}\n`).join('')}.Ed\n`;
  const rows: [string, string][] = [];
  for (const line of lines) {
    const [, word, meaning] = /^ {2}(\S.*?) {2,}(\S.*)$/.exec(line) ?? [];
    if (word !== undefined) rows.push([word, meaning!]);
    else rows.at(-1)![1] += ` ${line.trim()}`;
  }
  return definitions(rows);
}

const definitions = (rows: readonly (readonly [string, string])[]): string =>
  `.Bl -tag -width Ds\n${rows
    .map(([word, text]) => `.It ${escaped(word)}\n${sentences(text)}`)
    .join('')}.El\n`;

const section = (title: string, ...texts: readonly string[]): string =>
  `.Sh ${title}\n${texts.map((text) => (text.startsWith('.') ? `${text}\n` : sentences(text))).join('.Pp\n')}`;

const paragraphs = (text: string): string => `.Pp\n${sentences(text)}`;

/** One sentence per line, as mdoc(7) asks for, in lines that are not too long. */
const sentences = (text: string): string =>
  plain(text)
    .split(/(?<=[A-Za-z0-9`)][.:?]) +(?=[A-Z`/])/)
    .flatMap((sentence) => wrapped(sentence))
    .map((line) => `${escaped(line)}\n`)
    .join('');

function wrapped(sentence: string): string[] {
  const lines = [''];
  for (const word of sentence.split(/\s+/)) {
    const last = lines.at(-1)!;
    if (last !== '' && last.length + word.length > 76) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines;
}

/** Markdown without its marks. */
const plain = (text: string): string =>
  text
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .replaceAll('\\|', '|')
    .replaceAll('**', '');

const capital = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`;

/** Characters that roff would interpret. */
const escaped = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('…', '...')
    .replaceAll('–', '\\(en')
    .replaceAll('◆', '')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replace(/^\./, '\\&.')
    // Punctuation that stands alone has a meaning in a macro's line.
    .replaceAll(/(?<=^| )([.,:;()[\]?!|])(?= |$)/g, '\\&$1');
