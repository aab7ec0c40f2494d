/**
 * Writes the tables of docs/conformance.md: the reference's plugins, Debian's and ours, tried by
 * `netlink-ts conformance` on this host's kernel, or in user-mode Linux if the host lacks a kind of
 * link. As root.
 *
 * By hand: `node scripts/conformance.ts`, two to five minutes.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildCni, cniFolder } from './build-cni.ts';
import type { Arch } from './engine/objects.ts';
import { requirePackages } from './debian.ts';
import { buildReference, REFERENCE } from './reference.ts';

const ROOT = resolve(import.meta.dirname, '..');
export const PAGE = join(ROOT, 'docs/conformance.md');
/** The folders of the sets of plugins, in the order of the columns. */
export const SETS = {
  'reference 1.10.0': REFERENCE,
  'Debian 1.1.1': '/usr/lib/cni',
  ours: join(ROOT, cniFolder(process.arch as Arch), 'bin'),
} as const;
export type SetName = keyof typeof SETS;
export const SET_NAMES = Object.keys(SETS) as SetName[];
/** The plugins that all sets have. */
export const PLUGINS = ['bridge', 'ipvlan', 'loopback', 'host-local', 'static'];

/** What `--json` prints of each case. */
export interface Row {
  readonly plugin: string;
  readonly case: string;
  readonly says: string;
  readonly level: string;
  readonly source: string;
  readonly state: 'met' | 'unmet' | 'skipped';
  readonly reason?: string;
}

const WORDS = { met: 'yes', unmet: 'no', skipped: '–' } as const;
const [BEGIN, END] = ['<!-- The tables are written by scripts/conformance.ts. -->', '<!-- end -->'];

/** The cells of the page by set, plugin and case. */
export function readPage(): Map<string, string> {
  const cells = new Map<string, string>();
  let plugin = '';
  for (const line of readFileSync(PAGE, 'utf8').split('\n')) {
    const [, title] = /^### (\S+)/.exec(line) ?? [];
    if (title !== undefined) plugin = title;
    const [, name = '', , , ...words] = line.split('|').map((cell) => cell.trim());
    if (!/^`[a-z-]+`$/.test(name)) continue;
    const of = name.slice(1, -1);
    SET_NAMES.forEach((set, i) => cells.set(cellKey(set, plugin, of), words[i]!));
  }
  return cells;
}

export const cellKey = (set: SetName, plugin: string, name: string): string =>
  `${set}/${plugin}/${name}`;

function rows(folder: string, plugins: readonly string[], inside: boolean): Row[] {
  const names = plugins.flatMap((name) => ['--plugin', name]);
  const tool = ['src/cli/main.ts', 'conformance', '--json', '--plugin-dir', folder, ...names];
  const uml = inside ? ['scripts/uml.ts', process.execPath] : [];
  const { stdout, stderr } = spawnSync(process.execPath, [...uml, ...tool], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const start = stdout.indexOf('[\n');
  if (start < 0) throw new Error(`conformance ${folder}: ${stdout}${stderr}`);
  return JSON.parse(stdout.slice(start, stdout.lastIndexOf(']') + 1)) as Row[];
}

/** On this kernel, and in user-mode Linux what this one lacks. */
function verdicts(folder: string): Row[] {
  const here = rows(folder, PLUGINS, false);
  const lacking = here.filter(({ reason = '' }) => reason.startsWith('the kernel'));
  if (lacking.length === 0) return here;
  const there = rows(folder, [...new Set(lacking.map(({ plugin }) => plugin))], true);
  const isSame = (a: Row, b: Row): boolean => a.plugin === b.plugin && a.case === b.case;
  return here.map((row) =>
    lacking.includes(row) ? there.find((each) => isSame(each, row))! : row,
  );
}

function tables(sets: readonly Row[][]): string {
  return PLUGINS.map((plugin) => {
    const own = sets[0]!.filter((row) => row.plugin === plugin);
    const lines = own.map(({ case: name, says, level }) => {
      const cells = sets.map((rows) => {
        const row = rows.find((each) => each.plugin === plugin && each.case === name)!;
        return WORDS[row.state];
      });
      return `| \`${name}\` | ${says} | ${level} | ${cells.join(' | ')} |`;
    });
    const head = `| case | demand | level | ${SET_NAMES.join(' | ')} |\n|---|---|---|---|---|---|`;
    return `### ${plugin}\n\n${head}\n${lines.join('\n')}\n`;
  }).join('\n');
}

if (import.meta.main) {
  requirePackages('containernetworking-plugins', 'nftables', 'iptables');
  await buildReference();
  buildCni();
  const sets = SET_NAMES.map((name) => verdicts(SETS[name]));
  const page = readFileSync(PAGE, 'utf8');
  const [before, after] = [page.indexOf(BEGIN) + BEGIN.length, page.indexOf(END)];
  const text = `${page.slice(0, before)}\n\n${tables(sets)}\n${page.slice(after)}`;
  const prettier = await import('prettier');
  const options = await prettier.resolveConfig(PAGE);
  writeFileSync(PAGE, await prettier.format(text, { ...options, filepath: PAGE }));
  for (const [i, name] of SET_NAMES.entries()) {
    const count = sets[i]!.filter(({ state }) => state === 'unmet').length;
    console.log(`${name}: ${count} of ${sets[i]!.length} not met`);
  }
}
