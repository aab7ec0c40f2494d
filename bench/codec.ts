/**
 * Reading and writing messages with this library and others, on one corpus in one run: the dumps of
 * a namespace with 40 bridges and 40 veth pairs (`bench/codec/capture.ts`).
 *
 *     npm run bench:codec
 *
 * `link like npm` reads what npm `netlink` reads of a link, with bytes in place of link info and
 * the settings of families; `link in part` reads name, MTU and state only (`pick`), which no other
 * library offers.
 *
 * `decode flower` reads the fixtures of filters of that kind with their actions and counters; the
 * function of the Go package for one filter is not within reach.
 *
 * Figures are nanoseconds per message, each the best of many passes, each contender in a process of
 * its own. Peers are fetched into a temporary folder; one whose toolchain or package is not
 * available is left out, and reported.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CORPUS, flowers, type Figures } from './codec/corpus.ts';

const ROOT = resolve(import.meta.dirname, '..');
const PEERS = join(import.meta.dirname, 'codec/peers');
const folder = mkdtempSync(join(tmpdir(), 'bench-codec-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: 180_000,
    env: { ...process.env, GOFLAGS: '-mod=mod' },
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(stderr.trim().split('\n').at(-1) ?? `exit ${status}`);
  return stdout;
}

const figuresOf = (command: string, ...args: string[]): Figures =>
  JSON.parse(run(command, args).trim().split('\n').at(-1)!) as Figures;

const script = (name: string): string => join(import.meta.dirname, 'codec', name);

const CONTENDERS: Readonly<Record<string, () => Figures>> = {
  'by hand, Node': () => figuresOf(process.execPath, script('by-hand.ts')),
  'ours, Node': () => figuresOf(process.execPath, script('ours.ts')),
  'ours, Bun': () => figuresOf(join(ROOT, 'node_modules/.bin/bun'), script('ours.ts')),
  'npm netlink, Node': () => {
    run('npm', ['install', '--ignore-scripts', '--prefix', folder, 'netlink']);
    return figuresOf(process.execPath, join(PEERS, 'netlink.cjs'), folder, CORPUS);
  },
  'vishvananda, Go': () => {
    cpSync(join(PEERS, 'vishvananda.go'), join(folder, 'main.go'));
    run('go', ['mod', 'init', 'bench']);
    run('go', ['get', 'github.com/vishvananda/netlink']);
    // The package does not export its functions for addresses and routes.
    run('go', ['build', '-ldflags=-checklinkname=0', '-o', 'peer', 'main.go']);
    return figuresOf(join(folder, 'peer'), CORPUS);
  },
  'pyroute2, Python': () => {
    run('python3', ['-m', 'venv', 'venv']);
    run(join(folder, 'venv/bin/pip'), ['install', '--quiet', 'pyroute2']);
    const filters = join(folder, 'flowers');
    writeFileSync(filters, flowers());
    const peer = join(PEERS, 'pyroute2_codec.py');
    return figuresOf(join(folder, 'venv/bin/python'), peer, CORPUS, filters);
  },
};

const ROWS = [
  'decode link',
  'link like npm',
  'link in part',
  'decode address',
  'decode route',
  'decode flower',
  'datagram link',
  'datagram address',
  'datagram route',
  'encode link',
  'encode address',
  'encode route',
];

const results = new Map<string, Figures>();
for (const [name, contender] of Object.entries(CONTENDERS)) {
  try {
    results.set(name, contender());
  } catch (error) {
    console.log(`${name}: left out: ${(error as Error).message}`);
  }
}

const names = [...results.keys()];
console.log(`\nns a message`.padEnd(18) + names.map((name) => name.padStart(20)).join(''));
for (const row of ROWS) {
  const cells = names.map((name) => results.get(name)![row]?.toFixed(0) ?? '-');
  console.log(row.padEnd(17) + cells.map((cell) => cell.padStart(20)).join(''));
}

const ours = results.get('ours, Node');
const ratio = (row: string, other: string): string => {
  const [a, b] = [ours?.[row], results.get(other)?.[row]];
  return a === undefined || b === undefined ? '-' : (a / b).toFixed(2);
};
console.log('\nours on Node, as a ratio');
for (const row of ROWS.filter((each) => !each.startsWith('datagram'))) {
  const others = names.filter((name) => !name.startsWith('ours'));
  console.log(row.padEnd(17) + others.map((name) => `${name} ${ratio(row, name)}`).join(', '));
}
