/**
 * The data for the reference pages: declarations, grouped by the file that they are in, and the
 * fixtures that show them.
 */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { viewOf } from '../src/netlink/codec/bytes.ts';
import { isSet, type DeclaredSet } from '../src/netlink/codec/declared-sets.ts';
import { frames, payloadCodec } from '../src/netlink/codec/frame.ts';
import { familyAt } from '../src/netlink/codec/datagram.ts';
import { NLMSG_HDRLEN } from '../src/netlink/constants.ts';
import type { AnyMessage } from '../src/netlink/codec/message.ts';
import { linkKinds } from '../src/rtnl/link/kinds.ts';
import { qdiscKinds } from '../src/tc/qdisc/kinds.ts';
import { coverageOf, GROUPS, Shown, type SetCoverage } from '../test/harness/coverage.ts';
import { loadFixtures, type Fixture } from '../test/harness/fixture.ts';

export const ROOT = resolve(import.meta.dirname, '..');

/** One page: what one file declares. */
export interface Page {
  /** `rtnl/addr` */
  readonly name: string;
  /** `src/rtnl/addr/message.ts` */
  readonly path: string;
  /** The comment that the file opens with, as paragraphs. */
  readonly about: string;
  readonly messages: readonly AnyMessage[];
  readonly sets: readonly SetCoverage[];
  /** Those that contain a message or an attribute of the page. */
  readonly fixtures: readonly Fixture[];
}

interface Source {
  readonly name: string;
  readonly path: string;
  readonly about: string;
  readonly exports: readonly unknown[];
}

export interface Model {
  readonly pages: readonly Page[];
  readonly shown: Shown;
  /** The number of all sets, also of those that no page has. */
  readonly sets: number;
  /** The page that a set stands on, by its attributes. */
  readonly pageOf: ReadonlyMap<unknown, Page>;
}

/** Folders of `src` that are not families: any other folder gets pages. */
const WITHOUT_MESSAGES = [
  'cli',
  'cni',
  'conformance',
  'host',
  'installer',
  'ipam',
  'netlink',
  'plugins',
  'sys',
].map((folder) => `src/${folder}/**`);

export async function loadModel(): Promise<Model> {
  const files = globSync('src/*/**/*.ts', { cwd: ROOT, exclude: WITHOUT_MESSAGES }).sort();
  const sources = await Promise.all(['src/netlink/codec/ack.ts', ...files].map(load));
  const fixtures = loadFixtures();
  const shown = new Shown(fixtures);
  const rows = Object.values(GROUPS).flatMap((sets) => coverageOf(sets(), shown));
  const owners = ownersOf(sources);
  const sourceOf = (set: DeclaredSet | undefined): Source | undefined =>
    set && (owners.get(set.set.attributes) ?? sourceOf(set.parent));
  const answered = new Map(fixtures.map((fixture) => [fixture, codecOf(fixture)]));

  const pages: Page[] = [];
  const pageOf = new Map<unknown, Page>();
  for (const source of sources) {
    const messages = source.exports.filter(isMessage);
    const sets = rows.filter((row) => sourceOf(row) === source);
    if (sets.length === 0 && messages.length === 0) continue;
    const held = new Set(sets.flatMap((set) => set.declared.flatMap((attr) => shown.of(attr))));
    const kinds = [...sets.flatMap(bareKinds), ...qdiscsIn(source)];
    const ours = fixtures.filter((fixture) =>
      messages.length > 0
        ? messages.includes(answered.get(fixture) as AnyMessage)
        : held.has(fixture.name) || kinds.includes(kindIn(fixture)),
    );
    const { name, path, about } = source;
    const page: Page = { name, path, about, messages, sets, fixtures: ours };
    pages.push(page);
    for (const { set } of sets) pageOf.set(set.attributes, page);
  }
  return { pages, shown, sets: rows.length, pageOf };
}

/** The kinds of links that have a set without attributes: nothing else shows it. */
const bareKinds = ({ set, declared }: SetCoverage): unknown[] =>
  declared.length > 0
    ? []
    : linkKinds.words().filter((kind) => {
        const codec = linkKinds.get(kind);
        return codec !== undefined && isSet(codec) && codec.attributes === set.attributes;
      });

/** The kinds of qdiscs whose options a file declares, whether a struct or nothing. */
const qdiscsIn = ({ exports }: Source): string[] =>
  qdiscKinds.words().filter((kind) => exports.includes(qdiscKinds.get(kind)));

/** The kind of the link or qdisc that a message is about. */
function kindIn({ message, value }: Fixture): unknown {
  const { payload } = value as {
    payload?: { attrs?: { kind?: unknown; linkinfo?: { kind?: unknown } } };
  };
  return /QDISC$/.test(message) ? payload?.attrs?.kind : payload?.attrs?.linkinfo?.kind;
}

/**
 * Folders that only group the files of an object are left out of the name, and the message of an
 * object is its page.
 */
export const pageName = (path: string): string =>
  path
    .replace(/^src\/|\.ts$/g, '')
    .replace(/\/(codec|messages|kinds)\//, '/')
    .replace(/\/message$/, '');

async function load(path: string): Promise<Source> {
  const file = resolve(ROOT, path);
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  const text = readFileSync(file, 'utf8');
  // Re-exports belong to another file.
  const own = Object.keys(module).filter((name) => text.includes(`export const ${name} `));
  return {
    name: pageName(path),
    path,
    about: openingComment(text),
    exports: own.map((name) => module[name]),
  };
}

/** The lines of a comment without the stars; a code block keeps its indentation. */
const openingComment = (text: string): string =>
  /^\/\*\*([^]*?)\*\//
    .exec(text)![1]!
    .replace(/^ ?\* ?/gm, '')
    .trim();

function ownersOf(sources: readonly Source[]): Map<unknown, Source> {
  const owners = new Map<unknown, Source>();
  for (const source of sources) {
    for (const thing of source.exports) {
      if (typeof thing !== 'object' || thing === null) continue;
      const set = isMessage(thing) ? thing.body : thing;
      if (isSet(set as never)) owners.set((set as { attributes: unknown }).attributes, source);
    }
  }
  return owners;
}

const isMessage = (thing: unknown): thing is AnyMessage =>
  (thing as Partial<AnyMessage> | null | undefined)?.kind === 'message';

/** The declaration that reads a fixture. */
function codecOf({ protocol, bytes }: Fixture): unknown {
  const view = viewOf(bytes);
  const [frame] = frames(view);
  const start = frame!.at + NLMSG_HDRLEN;
  return payloadCodec(protocol, frame!.header, familyAt(view, start, frame!.end));
}
