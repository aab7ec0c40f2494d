/** The page of a message, as Markdown with the parts that move as components. */
import type { Model, Page } from '../../scripts/docs-model.ts';
import type { Attr } from '../../src/netlink/codec/attributes.ts';
import type { Codec } from '../../src/netlink/codec/codec.ts';
import { wordsOf } from '../../src/netlink/codec/declared-sets.ts';
import type { AnyMessage } from '../../src/netlink/codec/message.ts';
import type { Struct } from '../../src/netlink/codec/struct.ts';
import { reasonFor, type SetCoverage } from '../../test/harness/coverage.ts';
import { setInside } from '../lib/dissect.ts';
import type { Example, ExampleName } from '../lib/example.ts';
import { groupsOf } from './groups.ts';
import required from '../required.json' with { type: 'json' };
import refusals from '../refusals.json' with { type: 'json' };
import { OLDEST, RELEASES, sinceText, statedIn } from './releases.ts';
import { structView, type StructView } from './structs.ts';
import uapi from '../uapi.json' with { type: 'json' };
import { verbsOf, type Verb } from './verbs.ts';

export function messagePage(
  page: Page,
  model: Model,
  examples: readonly ExampleName[],
  first: Example | undefined,
): string {
  const { name, about, messages, sets } = page;
  const up = '../'.repeat(name.split('/').length);
  const [lead, ...paragraphs] = about.split('\n\n');
  const roots = messages.map(({ body }) => body.attributes as unknown);
  const inner = sets.filter(({ set }) => !roots.includes(set.attributes));
  const verbs = verbsOf(page);
  const types = Object.assign({}, ...messages.map((each) => each.types)) as Record<string, number>;
  const title = Object.keys(types)[0] ?? name;
  return [
    `---\ntitle: ${JSON.stringify(`${name} · ${title}`)}\ndescription: ${JSON.stringify(oneLine(lead!))}\n---`,
    script(first, examples),
    `# ${name}`,
    `<div class="lead">\n\n${prose(lead!)}\n\n</div>`,
    ...paragraphs.map(prose),
    facts(page, types, up),
    ...(first === undefined
      ? []
      : ['## Captured bytes {#bytes}', '<Explorer :first="first" :examples="examples" page />']),
    ...(verbs.length === 0 ? [] : ['## Calls {#calls}', ...verbs.map(verbText)]),
    ...requiredText(types),
    ...refusalsText(types),
    ...messages.flatMap((message, i) => messageText(message, i, page, model, up)),
    ...inner.flatMap((set) => [
      `## ${titleOf(set)} {#${anchor(set.path)}}`,
      ...setText(set, page, model, up),
    ]),
  ].join('\n\n');
}

/** What the folders below `src` are about. */
export const GROUP_TITLES: Readonly<Record<string, string>> = {
  netlink: 'Every protocol',
  rtnl: 'rtnetlink',
  nftables: 'nf_tables',
  genl: 'Generic netlink',
  diag: 'Sockets',
  conntrack: 'Connection tracking',
  wireguard: 'WireGuard',
  ethtool: 'ethtool',
  devlink: 'devlink',
  tc: 'Traffic control',
  xfrm: 'IPsec',
  nflog: 'Logged packets',
  nfqueue: 'Held packets',
};

/** All pages with what they are about. */
export function indexPage(pages: readonly Page[]): string {
  const groupOf = ({ name }: Page): string => name.split('/')[0]!;
  const names = [...new Set(['netlink', 'rtnl', ...pages.map(groupOf)])];
  return [
    '---\ntitle: Messages\naside: false\n---',
    '# Messages',
    '<div class="lead">\n\nEvery message and every attribute that netlink-ts declares, with bytes that other programs and the kernel sent.\n\n</div>',
    `“Since Linux” on these pages comes from the kernel's user space headers of ${RELEASES} releases, as Debian, zig, linux-raw-sys and golang.org/x/sys publish them. Of a range such as “5.10 to 5.16”, the attribute came with one of these releases: headers of those between were not at hand. What has no release is in the headers of Linux ${OLDEST} already.`,
    ...names.flatMap((group) => [
      `## ${GROUP_TITLES[group] ?? group}`,
      `<dl class="index">\n${pages
        .filter((page) => groupOf(page) === group)
        .map(entry)
        .join('\n')}\n</dl>`,
    ]),
  ].join('\n\n');

  function entry({ name, about, messages }: Page): string {
    const types = [...new Set(messages.flatMap((each) => Object.keys(each.types)))];
    const list = types.length === 0 ? '' : ` <span class="index-types">${types.join(' ')}</span>`;
    return `<div><dt><a href="${name}.html">${name}</a></dt><dd>${inline(firstSentence(about))}${list}</dd></div>`;
  }
}

/** Without the list of messages, which is printed next to it. */
const firstSentence = (about: string): string =>
  /^.*?\.(?= |$)/
    .exec(about.split('\n\n')[0]!.replaceAll('\n', ' '))![0]
    .replace(/: `[A-Z_]+`(, `[A-Z_]+`)*\.$/, '.');

/** The first example comes with the page; the others are fetched when they are chosen. */
function script(first: Example | undefined, examples: readonly ExampleName[]): string {
  if (first === undefined) return '';
  const json = (value: unknown): string =>
    JSON.stringify(value).replaceAll('</', '<\\/').replaceAll('`', '\\u0060');
  return `<script setup>
const first = ${json(first)}
const examples = ${json(examples)}
</script>`;
}

function facts(page: Page, types: Readonly<Record<string, number>>, up: string): string {
  const { path, messages } = page;
  const rows: [string, string][] = [];
  const numbers = Object.entries(types);
  if (numbers.length > 0) {
    const list = numbers.map(
      ([type, number]) => `<span><code>${type}</code> ${number}${since(type, '')}</span>`,
    );
    rows.push([
      numbers.length === 1 ? 'Type' : 'Types',
      `<span class="types">${list.join(' ')}</span>`,
    ]);
  }
  const groups = groupsOf(messages);
  if (groups.length > 0) {
    const list = groups.map(({ name, number }) => `<code>${name}</code> ${number}`).join(', ');
    rows.push(['Notifications', `group${groups.length > 1 ? 's' : ''} ${list}`]);
  }
  rows.push([
    'Declaration',
    `<a href="${up}source/${path}.txt" target="_self"><code>${path}</code></a>`,
  ]);
  const cells = rows.map(([title, text]) => `<div><dt>${title}</dt><dd>${text}</dd></div>`);
  return `<dl class="facts" v-pre>${cells.join('')}</dl>`;
}

const verbText = ({ signature, doc, example }: Verb): string =>
  `<div class="verb">\n\n\`${signature}\`\n\n${doc}${example === undefined ? '' : `\n\n\`\`\`ts\n${example}\n\`\`\``}\n\n</div>`;

/** What a call cannot be without: examples of it that a kernel was sent without each of their keys. */
function requiredText(types: Readonly<Record<string, number>>): string[] {
  const examples = required.required.filter(({ type }) => Object.hasOwn(types, type));
  if (examples.length === 0) return [];
  return [
    '## What is required {#required}',
    'Each of these calls succeeds. Without one of the keys that are listed it is an error; any other key may be left out.',
    ...examples.map(({ call, kernel, required: keys }) => {
      const rows = Object.entries(keys).map(
        ([key, said]) => `<tr><td><code>${key}</code></td><td>${escape(said)}</td></tr>`,
      );
      const table =
        rows.length === 0
          ? 'No key is required by itself.'
          : `<div class="table" v-pre tabindex="0" role="region" aria-label="Required keys of ${escape(call)}"><table><thead><tr><th>without</th><th>${kernel} or the library says</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
      return `\`\`\`ts\n${call}\n\`\`\`\n\n${table}`;
    }),
  ];
}

/** What the kernel has refused, in its words. */
function refusalsText(types: Readonly<Record<string, number>>): string[] {
  const found = refusals.refusals.filter(({ type }) => Object.hasOwn(types, type));
  if (found.length === 0) return [];
  const rows = found.map(
    ({ call, message }) =>
      `<tr><td><code>${escape(call)}</code></td><td>${escape(message)}</td></tr>`,
  );
  const kernels = [...new Set(found.map(({ kernel }) => kernel))].join(' and ');
  return [
    '## What the kernel refuses {#refusals}',
    `Recorded from ${kernels}, in a network namespace with a bridge \`br0\`, which has 192.0.2.1/24, and a pair \`v0\`, \`v1\`.`,
    `<div class="table" v-pre tabindex="0" role="region" aria-label="Refusals"><table><thead><tr><th>call</th><th>error</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`,
  ];
}

function messageText(
  message: AnyMessage,
  i: number,
  page: Page,
  model: Model,
  up: string,
): string[] {
  const { name, doc, types, family, sender, head, body } = message;
  const earlier = page.messages.slice(0, i);
  const limits = [
    ...(family === undefined ? [] : [`Address family ${family} only.`]),
    ...(sender === undefined ? [] : [`Sent by the ${sender === 'kernel' ? 'kernel' : 'user'}.`]),
  ];
  const isNew = earlier.every((other) => other.head !== head);
  const same = earlier.find((other) => other.body.attributes === body.attributes);
  const set = page.sets.find((each) => each.set.attributes === body.attributes);
  const list = Object.keys(types).map(code).join(', ');
  return [
    `## ${name} {#${anchor(name)}}`,
    `${[doc, ...limits].join(' ')} ${list}.`,
    ...(head.span === 0
      ? ['No header: attributes follow the `nlmsghdr`.']
      : isNew
        ? [
            `### Header: struct ${head.name} {#${anchor(`${name}-${head.name}`)}}`,
            structTable(head),
            words(Object.entries(head.fields)),
          ]
        : [`The header is ${code(`struct ${head.name}`)}, as above.`]),
    ...(same !== undefined
      ? [`Its attributes are those of [${same.name}](#${anchor(same.name)}).`]
      : set === undefined
        ? []
        : [`### Attributes {#${anchor(`${name}-attributes`)}}`, ...setText(set, page, model, up)]),
  ];
}

const structTable = (struct: Struct<any, any>): string =>
  cStruct(structView(struct, uapi as never));

function cStruct({ name, span, header, lines }: StructView): string {
  const width = Math.max(...lines.map((line) => line.c.length));
  const members = lines.map(({ offset, c, member, type, row, key }) => {
    const attributes = row === undefined ? '' : ` data-row="${escape(row)}" tabindex="0"`;
    const text = `  <span class="c-type">${c.padEnd(width)}</span> <span class="c-name">${escape(member)}</span>;`;
    const note = key === undefined ? 'padding' : `${key}: ${type}`;
    return `<span class="c-line"${attributes}><span class="c-at">${String(offset).padStart(3)}</span>${text} <span class="c-note">${escape(note)}</span></span>`;
  });
  const from = header === undefined ? '' : ` <span class="c-note">${header}</span>`;
  return `<div class="c-struct" v-pre role="group" aria-label="struct ${name}"><pre><span class="c-line"><span class="c-at">  0</span><span class="c-type">struct</span> <span class="c-name">${name}</span> {${from}</span>\n${members.join('\n')}\n<span class="c-line"><span class="c-at">${String(span).padStart(3)}</span>};</span></pre></div>`;
}

function setText(set: SetCoverage, page: Page, model: Model, up: string): string[] {
  if (set.declared.length === 0) return ['No attributes.'];
  const rows = set.declared.map((attr) => {
    const key = (attr as Attr & { key: string }).key;
    const id = anchor(`${set.path}/${attr.name}`);
    return `<tr id="${id}" data-row="${escape(`${set.path}/${attr.name}`)}"><td class="name"><a href="#${id}"><code>${attr.name}</code></a> <code class="key">${escape(key)}</code></td><td>${attr.id}</td><td>${typeText(attr, page, model, up)}</td><td>${inline(attr.doc)}${since(attr.name, attr.doc)}</td><td>${seenIn(attr, set, page, model)}</td></tr>`;
  });
  const entries = set.declared.map((attr): [string, Codec<any, any>] => [
    (attr as Attr & { key: string }).key,
    attr.codec,
  ]);
  const structs = new Map(
    entries
      .map(([, codec]) => codec as Partial<Struct<any, any>> & { head?: Struct<any, any> })
      .map((codec) => (codec.kind === 'struct' ? (codec as Struct<any, any>) : codec.head))
      .filter((struct) => struct !== undefined)
      .map((struct) => [struct.name, struct]),
  );
  return [
    `<div class="table" v-pre tabindex="0" role="region" aria-label="Attributes of ${escape(set.path)}"><table><thead><tr><th>attribute, key</th><th>no.</th><th>type</th><th>meaning</th><th>captured</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`,
    ...[...structs.values()].map(structTable),
    words(entries),
  ];
}

/** Left out where the text says it, more exactly than the headers that were at hand. */
function since(name: string, text: string): string {
  const release = statedIn(text) === undefined ? sinceText(name) : undefined;
  return release === undefined ? '' : ` <span class="since">since Linux ${release}</span>`;
}

function typeText({ codec, many }: Attr, page: Page, model: Model, up: string): string {
  const inside = setInside(codec);
  const home = inside && model.pageOf.get(inside.attributes);
  const elsewhere =
    home === undefined || home === page
      ? ''
      : `, see <a href="${up}messages/${home.name}.html">${home.name}</a>`;
  return `${many === true ? 'several: ' : ''}${escape(codec.type)}${elsewhere}`;
}

/** Chooses the example on this page that holds the attribute. */
function seenIn(attr: Attr, set: SetCoverage, page: Page, { shown }: Model): string {
  const all = shown.of(attr);
  if (all.length === 0)
    return `<span class="not-captured">no: ${inline(reasonFor(set, attr) ?? '')}</span>`;
  const here = page.fixtures.map(({ name }) => name).filter((name) => all.includes(name));
  const name = here[0] ?? all[0]!;
  const label = name.split('/').slice(1).join('/');
  const link = here.length === 0 ? label : `<a href="#bytes" data-example="${name}">${label}</a>`;
  return `${link}${all.length === 1 ? '' : ` <span class="more">+${all.length - 1}</span>`}`;
}

/** The words of enums and flags with their numbers. */
function words(entries: readonly (readonly [string, Codec<any, any>])[]): string {
  const items = entries.flatMap(([key, codec]) => {
    const numbers = wordsOf(codec);
    if (numbers === undefined) return [];
    const isMask = codec.type.startsWith('flags');
    const list = Object.entries(numbers).map(
      ([word, number]) =>
        `<span><code>${escape(word)}</code> ${isMask ? `0x${number.toString(16)}` : number}</span>`,
    );
    return [`<dt><code>${escape(key)}</code></dt><dd>${list.join(' ')}</dd>`];
  });
  return items.length === 0 ? '' : `<dl class="words" v-pre>${items.join('')}</dl>`;
}

const titleOf = ({ path }: SetCoverage): string => {
  const steps = path.split('/');
  return steps.length === 1 ? path : steps.slice(1).join(' / ');
};

const anchor = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
const code = (word: string): string => `\`${word}\``;
const oneLine = (text: string): string => text.replaceAll('\n', ' ').replaceAll('`', '');
const escape = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
const inline = (text: string): string => escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
/** A comment as Markdown: `<` would begin an element. A drawing stays as it is. */
const prose = (text: string): string =>
  /^ {4}/.test(text) ? text : text.replaceAll('<', '&lt;').replaceAll('{{', '{&#123;');
