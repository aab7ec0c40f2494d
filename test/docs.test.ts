/** The reference pages are what the declarations say today, and the others name what there is. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { commandsPage, scenes } from '../scripts/commands-page.ts';
import { loadModel, ROOT } from '../scripts/docs-model.ts';
import { pagesOf } from '../scripts/docs-pages.ts';
import * as cni from '../src/cni/errors.ts';
import { ClosedError, CodecError } from '../src/errors.ts';
import type { Struct } from '../src/netlink/codec/struct.ts';

const FOLDER = join(ROOT, 'docs/reference');
const model = await loadModel();
const pages = pagesOf(model);

test('reference: the committed pages are those that `npm run docs` writes', (t) => {
  t.deepEqual(globSync('**/*.md', { cwd: FOLDER }).sort(), [...pages.keys()].sort());
  for (const [path, text] of pages) t.is(readFileSync(join(FOLDER, path), 'utf8'), text, path);
});

test('commands: the page is what `npm run docs` writes', (t) => {
  const text = readFileSync(join(ROOT, 'docs/commands.md'), 'utf8');
  t.is(text, commandsPage());
  t.true(scenes().flatMap(({ rows }) => rows).length >= 60);
});

const WRITTEN = ['*.md', 'docs/*.md', '{bench,fixtures}/README.md'];

test('pages: files that they name are there', (t) => {
  for (const page of globSync(WRITTEN, { cwd: ROOT })) {
    const text = readFileSync(join(ROOT, page), 'utf8');
    // Not a part of a longer path; what ends in a star or has a placeholder is a pattern.
    for (const [path] of text.matchAll(
      /(?<![\w./<{-])(src|test|docs|fixtures|examples|scripts|bench)\/[\w./*{<-]+/g,
    )) {
      if (/[*{<]/.test(path)) continue;
      t.true(existsSync(join(ROOT, path.replace(/\.$/, ''))), `${page}: ${path}`);
    }
  }
});

test('architecture: it is read in ten minutes', (t) => {
  const words = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8').split(/\s+/).length;
  t.true(words <= 2400, `${words} words; details belong in docs/internals.md`);
});

/** In the order of keepachangelog.com. */
const KINDS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];

test('changelog: versions, kinds and readers in order, and entries of three lines', (t) => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
  };
  const text = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8');
  const [, ...sections] = text.split(/^## /m);
  t.true(sections[0]?.startsWith(`[${version}] - `), 'the first section is of this version');
  for (const section of sections) {
    t.regex(section, /^\[\d+\.\d+\.\d+\] - (Unreleased|\d{4}-\d\d-\d\d)\n/);
    const [, ...parts] = section.split(/^### /m);
    const kinds = parts.map((part) => part.slice(0, part.indexOf('\n')));
    t.deepEqual(
      kinds,
      KINDS.filter((kind) => kinds.includes(kind)),
    );
    for (const part of parts) {
      const readers: string[] = part.match(/^#### .*$/gm) ?? [];
      t.deepEqual(readers, [...new Set(readers)]);
      const entries: string[] = part.match(/^- .*(\n  .*)*$/gm) ?? [];
      t.deepEqual(
        entries.filter((entry, i) => entry.split('\n').length > 3 || entries.indexOf(entry) !== i),
        [],
      );
    }
  }
});

test('reference: no message stands twice in a row of the index', (t) => {
  for (const row of pages
    .get('README.md')!
    .split('\n')
    .filter((line) => line.includes('RTM_'))) {
    const names = row.match(/(?<=`)[A-Z]+_\w+(?=`)/g) ?? [];
    t.deepEqual(names, [...new Set(names)], row);
  }
});

test('reference: every set of attributes stands on one page', (t) => {
  const sets = model.pages.flatMap((page) => page.sets);
  t.is(sets.length, model.sets);
  t.is(new Set(sets.map(({ set }) => set.attributes as unknown)).size, model.sets);
});

/** A word of a kernel name that says that the number behind it is a time, a size or a rate. */
const MEASURE =
  /_(AGE|AGEING|BURST|EXPIRATION|EXPIRES|HORIZON|LEN|LFT|MIIMON|MSECS|MTU|RATE|RTO_MIN|RTT|RTTVAR|SIZE|\w*(BYTES|DELAY|INTERVAL|INTVL|QLEN|ROOM|TIME|TIMEOUT|TIMER))(_|$)/;
const UNIT =
  /\b(bit|bytes|bits|packets|requests|segments|elements|connections|ns|ms|milliseconds|s|seconds)\b|µs/;
const isNumber = (type: string): boolean => /^([su]\d+|be\d+|u32 or u64)( in |$)/.test(type);

test('reference: numbers that are times, sizes or rates say their unit', (t) => {
  const measures = model.pages
    .flatMap((page) => page.sets)
    .flatMap((set) => set.declared)
    .filter(({ name, codec }) => MEASURE.test(name) && isNumber(codec.type));
  t.true(measures.length > 80);
  for (const { name, codec, doc } of measures) t.regex(`${codec.type} ${doc}`, UNIT, name);
});

/** The same of a field; `acceptRaMtu` is a switch, `used` of a route a count. */
const FIELD =
  /^mtu|^(prefered|valid|updated|confirmed|expires|lastuse)$|(Flush|Rand|Size|Lft|[tT]stamp|[rR]ate|[tT]ime|[iI]nterval|[dD]elay|Desync\w+|(key|Reasm)Len)$/;

test('reference: fields of structs that are times, sizes or rates say their unit', (t) => {
  const structs = model.pages
    .flatMap((page) => page.sets)
    .flatMap((set) => set.declared)
    .map(({ codec }) => codec as Partial<Struct<any, any>>)
    .filter(({ kind }) => kind === 'struct');
  const fields = structs.flatMap(({ name, fields }) =>
    Object.entries(fields!).map(([key, { type, unit }]) => ({
      name: `${name}.${key}`,
      key,
      type,
      unit,
    })),
  );
  const measures = fields.filter(({ key, type }) => FIELD.test(key) && isNumber(type));
  t.true(measures.length > 25);
  for (const { name, type, unit } of measures) {
    t.truthy(unit, name);
    t.true(type.endsWith(` in ${unit}`), name);
  }
});

test('reference: links to files lead to files', (t) => {
  for (const [path, text] of pages) {
    for (const [, target] of text.matchAll(/\]\(([^)#:]+)\)/g)) {
      const file = join(FOLDER, path, '..', target!);
      t.notThrows(() => readFileSync(file), `${path}: ${target}`);
    }
  }
});

/** Error codes in the first column of a table of docs/errors.md. */
const tableOfErrors = new Map(
  [...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^\| `?(\w+)`? +\| (.+)$/gm)].map(
    ([, code, row]) => [code!, row!],
  ),
);

test('errors: the table has the codes of each class', (t) => {
  t.true(tableOfErrors.has(new CodecError('').code));
  t.true(tableOfErrors.has(new ClosedError('lock').code));
  for (const [name, value] of Object.entries(cni)) {
    if (typeof value === 'number')
      t.true(tableOfErrors.get(`${value}`)?.includes(`\`${name}\``), name);
  }
  const ipam = readFileSync(join(ROOT, 'src/ipam/policy/errors.ts'), 'utf8');
  const [, codes] = /type IpamErrorCode =\s*([^;]+);/.exec(ipam)!;
  for (const [, code] of codes!.matchAll(/'(\w+)'/g)) t.true(tableOfErrors.has(code!), code);
});

/** The folders of entries, whose errors are NetlinkErrors. */
const NETLINK = globSync('src/*/index.ts', { cwd: ROOT })
  .map((path) => path.split('/')[1]!)
  .filter((folder) => !['ipam', 'cni'].includes(folder));

test('errors: the table has each errno that the library throws or promises', (t) => {
  const files = globSync(`src/{${NETLINK.join(',')}}/**/*.ts`, { cwd: ROOT });
  const named = new Set<string>();
  for (const file of files) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [, code] of text.matchAll(/new NetlinkError\(\s*(E[A-Z0-9]+)/g)) named.add(code!);
    for (const [comment] of text.matchAll(/\/\*\*[^]*?\*\//g)) {
      for (const [code] of comment.matchAll(/\bE[A-Z0-9]+\b/g)) {
        if (code in constants.errno) named.add(code);
      }
    }
  }
  t.true(named.size > 10);
  const missing = [...named].filter((code) => !tableOfErrors.has(code));
  t.deepEqual(missing, []);
});
