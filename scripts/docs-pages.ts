/** The reference pages as text: Markdown, one page for each file of declarations. */
import type { Attr } from '../src/netlink/codec/attributes.ts';
import type { Codec } from '../src/netlink/codec/codec.ts';
import { isSet, wordsOf } from '../src/netlink/codec/declared-sets.ts';
import type { AnyMessage } from '../src/netlink/codec/message.ts';
import type { Struct } from '../src/netlink/codec/struct.ts';
import { reasonFor, type SetCoverage } from '../test/harness/coverage.ts';
import type { Fixture } from '../test/harness/fixture.ts';
import type { Model, Page } from './docs-model.ts';

const GENERATED = '<!-- Written by `npm run docs` from the declarations. Do not edit. -->';
/** The largest number of lines of an example. */
const MOST_LINES = 30;
const MOST_FIXTURES = 40;

/** All pages by path below `docs/reference`. */
export function pagesOf(model: Model): Map<string, string> {
  const texts = model.pages.map((page): [string, string] => [
    `${page.name}.md`,
    pageText(page, model),
  ]);
  return new Map([['README.md', indexText(model)], ...texts]);
}

function indexText({ pages }: Model): string {
  const rows = pages.map(({ name, about, messages }) => [
    `[${name}](${name}.md)`,
    // Several messages may share their types: a link is also a port of a bridge.
    [...new Set(messages.flatMap(({ types }) => Object.keys(types).map(code)))].join(', '),
    firstSentence(about),
  ]);
  return text([
    GENERATED,
    '# Messages and attributes',
    'What is declared in `src/rtnl`, `src/nftables`, `src/genl`, `src/diag`, `src/conntrack`, `src/tc`, `src/xfrm`, `src/nfqueue`, `src/nflog`, `src/wireguard`, `src/ethtool` and `src/devlink`, attribute by attribute, with the captured bytes that show it.',
    'A value in JavaScript is what its type says:',
    table(
      ['type', 'value'],
      [
        ['u8, u16, u32, s32, be16, be32', 'number; `be` is in network order on the wire'],
        ['u64, s64, be64', 'bigint; decimal text and numbers are accepted'],
        ['u32 or u64', 'number from four bytes, bigint from eight'],
        ['bool', 'true or false'],
        ['flag', 'true; the attribute is there or it is not'],
        ['string', 'text'],
        ['enum', 'one of its words, or a number that has no word'],
        ['flags', 'array of words; what has no word is one number at the end'],
        [
          'ip address, ipv4 address, ipv6 address',
          'text as in RFC 5952: `192.0.2.1`, `2001:db8::1`',
        ],
        ['mac address, link-layer address', 'text: `02:00:00:00:00:01`'],
        ['bytes', 'Uint8Array; hexadecimal text is accepted'],
        ['struct, attributes', 'object'],
        ['list, array', 'array'],
      ],
    ),
    table(['page', 'messages', 'about'], rows),
  ]);
}

function pageText(page: Page, model: Model): string {
  const { name, path, about, messages, sets, fixtures } = page;
  const up = '../'.repeat(name.split('/').length + 1);
  const roots = messages.map(({ body }) => body.attributes as unknown);
  const attributesOf = (message: AnyMessage, i: number): string[] => {
    const same = messages
      .slice(0, i)
      .find(({ body }) => body.attributes === message.body.attributes);
    if (same !== undefined) return [`Attributes: those of ${code(same.name)}.`];
    const body = sets.find(({ set }) => set.attributes === message.body.attributes);
    return body === undefined ? [] : setText(body, model, page, up);
  };
  const inner = sets.filter(({ set }) => !roots.includes(set.attributes));
  const example = exampleOf(fixtures);
  return text([
    GENERATED,
    `# ${name}`,
    about,
    `Declared in [${path}](${up}${path}).`,
    ...messages.flatMap((message, i) => [
      ...messageText(message, messages.slice(0, i)),
      ...attributesOf(message, i),
    ]),
    ...inner.flatMap((set) => [`## ${titleOf(set)}`, ...setText(set, model, page, up)]),
    ...(example === undefined ? [] : ['## Example', exampleText(example)]),
    ...(fixtures.length === 0 ? [] : ['## Captured', fixtureList(fixtures, up)]),
  ]);
}

/** A header that was explained further up on the page is not explained again. */
function messageText(message: AnyMessage, before: readonly AnyMessage[]): string[] {
  const { name, doc, types, family, sender, head } = message;
  const isNew = before.every((other) => other.head !== head);
  const numbers = Object.entries(types).map(([type, number]) => `${code(type)} ${number}`);
  const limits = [
    ...(family === undefined ? [] : [`Address family ${family} only.`]),
    ...(sender === undefined ? [] : [`Sent by the ${sender === 'kernel' ? 'kernel' : 'user'}.`]),
  ];
  return [
    `## ${name}`,
    [doc, ...limits].join(' '),
    `Types: ${numbers.join(', ')}.`,
    `Header: ${code(`struct ${head.name}`)}, ${head.span} bytes.`,
    ...(isNew ? [structTable(head), ...words(Object.entries(head.fields))] : []),
  ];
}

const isPadding = (key: string): boolean => key.startsWith('_');

const structTable = ({ fields, layout }: Struct<any, any>): string =>
  table(
    ['offset', 'field', 'type'],
    Object.entries(fields)
      .filter(([key]) => !isPadding(key))
      .map(([key, field]) => [String(layout.offsetOf(key)), code(key), field.type]),
  );

/** `link/IFLA_LINKINFO/IFLA_INFO_DATA(bridge)` is nested in two others. */
const titleOf = ({ path }: SetCoverage): string => {
  const steps = path.split('/');
  return steps.length === 1 ? path : `${steps.slice(1).join(' / ')}`;
};

function setText(set: SetCoverage, model: Model, page: Page, up: string): string[] {
  if (set.declared.length === 0) return ['No attributes.'];
  const rows = set.declared.map((attr) => [
    code((attr as Attr & { key: string }).key),
    code(attr.name),
    String(attr.id),
    typeText(attr, model, page, up),
    attr.doc,
    seenIn(attr, set, model, up),
  ]);
  const entries = set.declared.map((attr): [string, Codec<any, any>] => [
    (attr as Attr & { key: string }).key,
    attr.codec,
  ]);
  return [
    table(['key', 'attribute', 'no.', 'type', 'meaning', 'captured'], rows),
    ...structs(entries),
    ...words(entries),
  ];
}

function typeText({ codec, many }: Attr, model: Model, page: Page, up: string): string {
  const inside = setInside(codec);
  const home = inside && model.pageOf.get(inside.attributes);
  const elsewhere =
    home === undefined || home === page
      ? ''
      : `, see [${home.name}](${up}docs/reference/${home.name}.md)`;
  return `${many === true ? 'several: ' : ''}${codec.type}${elsewhere}`;
}

function setInside(codec: Codec<any, any>): { attributes: unknown } | undefined {
  if (isSet(codec)) return codec;
  const [only, ...others] = codec.inner?.() ?? [];
  return only === undefined || others.length > 0 ? undefined : setInside(only.codec);
}

function seenIn(attr: Attr, set: SetCoverage, { shown }: Model, up: string): string {
  const [first, ...others] = shown.of(attr);
  if (first === undefined) return `no: ${reasonFor(set, attr) ?? ''}`;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `[${first.split('/').slice(1).join('/')}](${up}fixtures/${first}.hex)${more}`;
}

/** The fields of structs that are values of attributes. */
function structs(entries: readonly (readonly [string, Codec<any, any>])[]): string[] {
  const found = entries.filter(
    ([, codec]) => (codec as Partial<Struct<any, any>>).kind === 'struct',
  );
  return found.map(([key, codec]) => {
    const { name, fields } = codec as Struct<any, any>;
    const list = Object.entries(fields)
      .filter(([field]) => !isPadding(field))
      .map(([field, { type }]) => `${code(field)} ${type}`);
    return `${code(key)} is ${code(`struct ${name}`)}: ${list.join(', ')}.`;
  });
}

/** The words of enums and flags with their numbers. */
function words(entries: readonly (readonly [string, Codec<any, any>])[]): string[] {
  const lines = entries.flatMap(([key, codec]) => {
    const numbers = wordsOf(codec);
    if (numbers === undefined) return [];
    const isMask = codec.type.startsWith('flags');
    const sorted = Object.entries(numbers).sort(([, a], [, b]) => a - b);
    const list = sorted.map(
      ([word, number]) => `${code(word)} ${isMask ? `0x${number.toString(16)}` : number}`,
    );
    return [`- ${code(key)}: ${list.join(', ')}`];
  });
  return lines.length === 0 ? [] : [`Words:`, lines.join('\n')];
}

/** The longest message from the kernel that fits, because it shows the most. */
function exampleOf(fixtures: readonly Fixture[]): Fixture | undefined {
  const fitting = fixtures.filter(({ hex }) => hex.split('\n').length <= MOST_LINES);
  const received = fitting.filter(({ source }) => source.direction === 'received');
  const from = received.length > 0 ? received : fitting;
  return [...from].sort((a, b) => b.bytes.length - a.bytes.length)[0];
}

function exampleText({ hex, value }: Fixture): string {
  const { payload } = value as { payload: unknown };
  const json = JSON.stringify(payload, null, 2);
  return [fence('text', hex.trimEnd()), 'The payload as a value:', fence('json', json)].join(
    '\n\n',
  );
}

function fixtureList(fixtures: readonly Fixture[], up: string): string {
  const lines = fixtures
    .slice(0, MOST_FIXTURES)
    .map(
      ({ name, message, title }) =>
        `- [${name}](${up}fixtures/${name}.hex) ${code(message)}: ${title}`,
    );
  const left = fixtures.length - lines.length;
  return [...lines, ...(left > 0 ? [`- and ${left} more`] : [])].join('\n');
}

/** Without the list of messages, which stands beside it. */
const firstSentence = (about: string): string =>
  /^.*?\.(?= |$)/
    .exec(about.split('\n\n')[0]!.replaceAll('\n', ' '))![0]
    .replace(/: `[A-Z_]+`(, `[A-Z_]+`)*\.$/, '.');

const code = (word: string): string => `\`${word}\``;
const fence = (language: string, body: string): string => `\`\`\`${language}\n${body}\n\`\`\``;
const cell = (content: string): string => content.replaceAll('|', '\\|');

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

const text = (blocks: readonly string[]): string => `${blocks.join('\n\n')}\n`;
