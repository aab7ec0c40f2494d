/**
 * Writes the pages and data that state facts about messages, from the declarations and fixtures.
 * Nothing that it writes is committed, so nothing can be stale.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadModel, ROOT, type Page } from '../../scripts/docs-model.ts';
import { nameWithIds } from '../../src/cli/genl-families.ts';
import { toHex } from '../../src/netlink/codec/bytes.ts';
import { loadFixtures, type Fixture } from '../../test/harness/fixture.ts';
import { dissect, know } from '../lib/dissect.ts';
import type { Example, ExampleName } from '../lib/example.ts';
import { drawn, ILLUSTRATED, illustratedPage, loadRecording } from './illustrated.ts';
import { entries, errorsPage, libraryPages } from './library.ts';
import { ipamPluginKeys, keysPage, pluginKeys } from './keys.ts';
import { GROUP_TITLES, indexPage, messagePage } from './message-page.ts';
import { SCENES } from './scenes.ts';

const SITE = resolve(import.meta.dirname, '..');
const PAGES = join(SITE, 'pages');
const PUBLIC = join(PAGES, 'public');

/** The captured messages that the lesson explains. */
const LESSON = [
  'netlink/ack/success',
  'netlink/ack/text',
  'netlink/done/success',
  'rtnl/addr/add',
  'rtnl/addr/dump-request',
  'rtnl/addr/event-new',
  'rtnl/addr/ipv4',
  'rtnl/link/add-bridge',
  'rtnl/neigh/add',
];

export async function generate(): Promise<void> {
  for (const folder of [
    'messages',
    'plugins',
    'library',
    'illustrated',
    'public/illustrated',
    'public/schemas',
    'public/examples',
    'public/source',
  ]) {
    rmSync(join(PAGES, folder), { recursive: true, force: true });
  }
  const model = await loadModel();
  const fixtures = loadFixtures();
  know(...new Set(fixtures.map(({ protocol }) => protocol)));
  for (const fixture of fixtures) {
    write(join(PUBLIC, `examples/${fixture.name}.json`), JSON.stringify(exampleOf(fixture)));
  }
  write(join(SITE, '.generated/examples.json'), JSON.stringify(fixtures.map(nameOf)));
  const own = model.pages.filter((page) => page.fixtures.length > 0 || page.sets.length > 0);
  for (const page of own) {
    const examples = ordered(page).map(nameOf);
    const first = page.fixtures.length === 0 ? undefined : exampleOf(ordered(page)[0]!);
    write(join(PAGES, `messages/${page.name}.md`), messagePage(page, model, examples, first));
    write(join(PUBLIC, `source/${page.path}.txt`), readFileSync(join(ROOT, page.path), 'utf8'));
  }
  write(join(PAGES, 'messages/index.md'), indexPage(own));
  for (const [name, text] of [...libraryPages(), ['errors', errorsPage()] as const]) {
    write(join(PAGES, `library/${name}.md`), text);
  }
  const listed = entries().map(({ name, page }) => ({ text: name, link: `/library/${page}` }));
  write(join(SITE, '.generated/library.json'), JSON.stringify(listed));
  const plugins = [...pluginKeys(), ...ipamPluginKeys()];
  for (const plugin of plugins) {
    write(join(PAGES, `plugins/${plugin.name}.md`), keysPage(plugin));
    write(
      join(PUBLIC, `schemas/${plugin.name}.json`),
      `${JSON.stringify(plugin.schema, null, 2)}\n`,
    );
    write(join(PUBLIC, `source/${plugin.path}.txt`), readFileSync(join(ROOT, plugin.path), 'utf8'));
  }
  for (const plugin of ILLUSTRATED) {
    write(join(PAGES, `illustrated/${plugin}.md`), illustratedPage(plugin));
  }
  const pageOf = pageOfType(own);
  for (const { name } of SCENES) {
    const text = JSON.stringify(drawn(loadRecording(name), pageOf));
    write(join(PUBLIC, `illustrated/${name}.json`), text);
  }
  const taught = fixtures.filter(({ name }) => LESSON.includes(name)).map(exampleOf);
  const lesson = Object.fromEntries(taught.map((example) => [example.name, example]));
  write(join(SITE, '.generated/lesson.json'), JSON.stringify(lesson));
  write(join(SITE, '.generated/sidebar.json'), JSON.stringify(sidebar(own)));
}

function exampleOf(fixture: Fixture): Example {
  const { protocol, bytes, setup, command, source } = fixture;
  const { program, kernel } = source;
  const dissection = dissect(protocol, bytes);
  return { ...nameOf(fixture), setup, command, program, kernel, hex: toHex(bytes), dissection };
}

const nameOf = ({ name, title, message, source, protocol }: Fixture): ExampleName => ({
  name,
  title,
  message,
  sent: source.direction === 'sent',
  protocol: nameWithIds(protocol),
});

/** What is sent first, and of that what makes something: a reader wants to write it; short first. */
function ordered({ fixtures }: Page): Fixture[] {
  const weight = ({ source, bytes, message }: Fixture): number =>
    (source.direction === 'sent' && bytes.length >= 40 ? 0 : 1e6) +
    (/_(NEW|SET)/.test(message) ? 0 : 1e5) +
    bytes.length;
  const [first] = [...fixtures].sort((a, b) => weight(a) - weight(b));
  return first === undefined ? [] : [first, ...fixtures.filter((each) => each !== first)];
}

/** Pages by the object that they are about. */
function sidebar(pages: readonly Page[]): object[] {
  const groups = new Map<string, Page[]>();
  for (const page of pages) {
    const group = page.name.startsWith('rtnl/link/') ? 'Parts of a link' : page.name.split('/')[0]!;
    groups.set(group, [...(groups.get(group) ?? []), page]);
  }
  const order = ['netlink', 'rtnl', 'Parts of a link'];
  const rank = (group: string): number => order.indexOf(group) + 1 || order.length + 1;
  return [...groups]
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([group, items]) => ({
      text: GROUP_TITLES[group] ?? group,
      items: items
        .map(({ name }) => ({
          text: name
            .split('/')
            .slice(name.startsWith('rtnl/link/') ? 2 : 1)
            .join(' / '),
          link: `/messages/${name}`,
        }))
        .sort((a, b) => (a.text < b.text ? -1 : 1)),
    }));
}

/** The page that a type of message is on. */
export function pageOfType(pages: readonly Page[]): (type: string) => string | undefined {
  const found = new Map<string, string>();
  for (const { name, messages } of pages) {
    for (const type of messages.flatMap(({ types }) => Object.keys(types))) {
      if (!found.has(type)) found.set(type, `/messages/${name}.html`);
    }
  }
  return (type) => found.get(type);
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

if (import.meta.main) await generate();
