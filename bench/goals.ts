/**
 * `npm run bench`: the limits that the executables have to meet, measured beside the reference
 * (scripts/reference.ts) and Debian's package of it, in turns in one run. Figures are medians of
 * complete processes; the ratio is to the reference, and so is a limit without a unit.
 *
 *     npm run bench [-- --runs=30 --only=WORD]
 *
 * `--only` takes the sections whose title has the word: bridge, ipvlan, leases, rare, size. `npm
 * run bench:bridge` shows ADD and DEL in more detail, as `bench:ipvlan` and `bench:ipam` do for
 * those plugins.
 */
import {
  closeSync,
  copyFileSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { buildCni } from '../scripts/build-cni.ts';
import { type Attach, cniEnvironment, execPlugin } from '../scripts/cni-runtime.ts';
import { requirePackages } from '../scripts/debian.ts';
import { requireHostKernel } from '../scripts/host-kernel.ts';
import { buildReference, REFERENCE } from '../scripts/reference.ts';
import { runInUml } from '../scripts/uml.ts';
import { createNamespace } from '../test/harness/namespace.ts';
import { callFor, type NetworkOptions, prepare, type Program, timeOf } from './attach.ts';
import { emptyExecutable } from './floor.ts';
import { environment, fill, netconf } from './ipam/leases.ts';
import { buildLauncher, type Cost, launch } from './launch.ts';
import { median, memoryOf } from './measure.ts';
import { type Figures, oneAtATime, record, together, TOGETHER, turns } from './turns.ts';

/**
 * The folders with the plugins of each: ours first, then the reference's, which ratios refer to.
 */
const BUILT = [resolve(import.meta.dirname, '../dist/cni/bin'), REFERENCE, '/usr/lib/cni'];
/**
 * Copies: the page cache holds a file that a linker wrote in small pieces, so it starts a tenth
 * slower than a copy.
 */
const COPIES = mkdtempSync(join(tmpdir(), 'bench-copies-'));
const FOLDERS = BUILT.map((_, at) => join(COPIES, String(at)));
const PLUGINS = ['bridge', 'host-local', 'ipvlan', 'loopback', 'static'];
const COLUMNS = ['ours', 'reference', 'Debian'];
/**
 * A call that the reference answers without doing it, or that Debian's is too old for, has no
 * figure.
 */
const OURS_ONLY = FOLDERS.slice(0, 1);
const NEWEST = FOLDERS.slice(0, 2);

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '30' },
    only: { type: 'string', default: '' },
  },
});
const runs = Number(values.runs);
/** Fewer rounds, for calls that take long. */
const fewer = (part: number): number => Math.max(3, Math.ceil(runs / part));

/** The limit of a figure: as a ratio to the reference's, or absolute. */
interface Limit {
  readonly ratio?: number;
  readonly figure?: number;
}

let missed = 0;

function line(title: string, figures: readonly number[], unit: string, limit: Limit = {}): void {
  const [ours = NaN, reference = NaN] = figures;
  const ratio = ours / reference;
  const cells = COLUMNS.map((_, at) => (at in figures ? figures[at]!.toFixed(2) : ''));
  const most =
    limit.ratio !== undefined
      ? limit.ratio.toFixed(2)
      : limit.figure !== undefined
        ? `${limit.figure} ${unit}`
        : '';
  const holds = !(limit.ratio! < ratio || limit.figure! < ours);
  if (!holds) missed++;
  cells.push(Number.isNaN(ratio) ? '' : ratio.toFixed(2), most);
  const end = most === '' ? '' : holds ? '  yes' : '  NO';
  console.log(
    `${title.padEnd(36)}${unit.padEnd(7)}${cells.map((cell) => cell.padStart(10)).join('')}${end}`,
  );
}

/** A row from the measurements of each program. */
function row(title: string, figures: Figures, key: string, unit: string, limit?: Limit): void {
  line(title, (figures.get(key) ?? []).map(median), unit, limit);
}

function programsIn(
  folder: string,
  title: string,
  options: NetworkOptions,
  plugins: readonly string[] = FOLDERS,
): Program[] {
  const here = mkdtempSync(join(folder, `${title}-`));
  return plugins.map((path, at) => prepare(COLUMNS[at]!, join(path, 'bridge'), here, options));
}

async function bridge(folder: string): Promise<void> {
  const plain = { masquerade: false, dualStack: false };
  const networks = [
    ['', plain, 0.6, 0.95],
    [' with ipMasq', { ...plain, masquerade: true }, 0.3, 0.32],
    [' dual stack, ipMasq', { dualStack: true, masquerade: true }, 0.3, undefined],
  ] as const;
  for (const [title, options, add, del] of networks) {
    const programs = programsIn(folder, 'bridge', options);
    const [times, faults]: [Figures, Figures] = [new Map(), new Map()];
    await oneAtATime(programs, { runs: options.masquerade ? fewer(2) : runs, times, faults });
    row(`ADD${title}`, times, 'ADD', 'ms', { ratio: add });
    row(`DEL${title}`, times, 'DEL', 'ms', del === undefined ? {} : { ratio: del });
    if (options !== plain) continue;
    row('VERSION', times, 'VERSION', 'ms', { ratio: 0.45 });
    await together(programs, { runs, times });
    for (const [command, ratio] of [
      ['ADD', 0.75],
      ['DEL', 0.9],
    ] as const) {
      const key = `${TOGETHER} ${command} at once`;
      row(key, times, key, 'ms', { ratio });
    }
    for (const command of ['ADD', 'DEL', 'VERSION']) {
      row(`page faults, ${command}`, faults, command, '');
    }
    await memory(programs);
  }
}

async function memory(programs: readonly Program[]): Promise<void> {
  const [resident, committed]: [number[], number[]] = [[], []];
  const container = createNamespace();
  for (const program of programs) {
    const input = JSON.stringify(program.network);
    const seen = program.host.run(() => {
      const env = cniEnvironment(program.binary, callFor('ADD', container));
      return memoryOf(program.binary, env, input);
    });
    const { resident: most, committed: accounted } = await seen();
    resident.push(most / 1e6);
    committed.push(accounted / 1e6);
    timeOf(program, 'DEL', container);
  }
  container.remove();
  line('peak RSS of an ADD', resident, 'MB', { figure: 4 });
  line('committed by an ADD', committed, 'MB', { figure: 20 });
}

/** On the host's kernel ipvlan needs a module that is rarely loaded. */
async function ipvlan(): Promise<void> {
  emptyExecutable();
  buildLauncher();
  const words = ['--json', `--runs=${fewer(2)}`];
  const script = join(import.meta.dirname, 'ipvlan.ts');
  const { code, output } = await runInUml([process.execPath, script, ...words], { timeout: 600 });
  if (code !== 0) throw new Error(`bench of ipvlan: ${output}`);
  type Costs = Record<'ADD' | 'DEL', { milliseconds: number }[][]>;
  for (const text of output.split('\n').filter((each) => each.startsWith('{'))) {
    const { mode, costs } = JSON.parse(text) as { mode: string; costs: Costs };
    for (const command of ['ADD', 'DEL'] as const) {
      const times = costs[command].map((all) =>
        median(all.map(({ milliseconds }) => milliseconds)),
      );
      const limit = command === 'ADD' ? { ratio: 0.8 } : {};
      line(`ipvlan ${mode} ${command}, user-mode Linux`, times, 'ms', limit);
    }
  }
}

const costOfLease = (plugins: string, dataDir: string, command: Attach['command']): Cost =>
  launch(join(plugins, 'host-local'), environment(command, 'one'), netconf(dataDir, command));

const timeLease = (...call: Parameters<typeof costOfLease>): number =>
  costOfLease(...call).milliseconds;

/**
 * What ours waits for on a disk and the reference does not: the sync of a new file and its
 * directory.
 */
function timeSync(file: string): number {
  const [fd, directory] = [openSync(file, 'wx'), openSync(dirname(file), 'r')];
  writeSync(fd, 'a lease');
  const started = performance.now();
  fsyncSync(fd);
  fsyncSync(directory);
  const time = performance.now() - started;
  closeSync(fd);
  closeSync(directory);
  unlinkSync(file);
  return time;
}

async function leases(folder: string): Promise<void> {
  const times: Figures = new Map();
  const place = (at: number, size: number): string => join(folder, `leases-${at}-${size}`);
  for (const size of [0, 20_000, 100_000]) {
    for (const at of FOLDERS.keys()) fill(place(at, size), size);
  }
  for (const size of [20_000, 100_000]) {
    for (let round = 0; round < fewer(6); round++) {
      for (const [plugins, at] of turns(FOLDERS, round)) {
        // What our index knows about the leases.
        rmSync(join(place(at, size), '.netlink-ts'), { recursive: true, force: true });
        record(times, `first ${size}`, at, timeLease(plugins, place(at, size), 'ADD'));
        timeLease(plugins, place(at, size), 'DEL');
      }
      await setImmediate();
    }
  }
  const inMemory = mkdtempSync('/dev/shm/bench-');
  process.on('exit', () => rmSync(inMemory, { recursive: true, force: true }));
  for (let round = -1; round < runs; round++) {
    for (const [plugins, at] of turns(FOLDERS, round + 1)) {
      const cost = costOfLease(plugins, join(inMemory, String(at)), 'ADD');
      if (round >= 0) {
        record(times, 'in memory', at, cost.milliseconds);
        record(times, 'processor', at, cost.processor);
        record(times, 'waits', at, cost.waits);
      }
      timeLease(plugins, join(inMemory, String(at)), 'DEL');
    }
    record(times, 'fsync', 0, timeSync(join(folder, 'synced')));
    for (const size of [0, 100_000]) {
      for (const [plugins, at] of turns(FOLDERS, round + 1)) {
        // The reference reads every lease.
        if (at > 0 && size > 0 && round % 10 !== 0) continue;
        const time = timeLease(plugins, place(at, size), 'ADD');
        if (round >= 0) record(times, `ADD ${size}`, at, time);
        timeLease(plugins, place(at, size), 'DEL');
      }
    }
    await setImmediate();
  }
  row('host-local ADD, leases on tmpfs', times, 'in memory', 'ms', { ratio: 0.75 });
  row('  processor time of it', times, 'processor', 'ms');
  // Once, at its end: if it takes longer than its processor time, the machine had other work.
  row('  how often it waits', times, 'waits', '', { figure: 1 });
  row('  create and fsync one file on disk', times, 'fsync', 'ms');
  row('host-local ADD, no leases', times, 'ADD 0', 'ms', { ratio: 0.75 });
  row('host-local ADD, 100,000 leases', times, 'ADD 100000', 'ms', { ratio: 0.75 });
  const [none, many] = ['ADD 0', 'ADD 100000'].map((key) => median(times.get(key)![0]!));
  line('  by how much it grows', [many! / none!], '×', { figure: 1.1 });
  const title = (size: number): string => size.toLocaleString('en');
  for (const [size, ratio] of [
    [20_000, 1.5],
    [100_000, 1.2],
  ] as const) {
    row(`first ADD, ${title(size)} foreign leases`, times, `first ${size}`, 'ms', { ratio });
  }
  for (const [size, ratio] of [
    [20_000, 1],
    [100_000, 0.7],
  ] as const) {
    for (let round = 0; round < Math.min(3, runs); round++) {
      for (const [plugins, at] of turns(NEWEST, round)) {
        fill(place(at, size), size);
        record(times, `GC ${size}`, at, timeLease(plugins, place(at, size), 'GC'));
      }
    }
    row(`GC of ${title(size)} stale leases`, times, `GC ${size}`, 'ms', { ratio });
  }
}

/** The number of attachments for the timed GC, and the bytes of a previous result. */
const ATTACHMENTS = 1000;
const PREVIOUS = 4.5e6;

/** Calls that runtimes make now and then. */
async function rare(folder: string): Promise<void> {
  const times: Figures = new Map();
  const options = { masquerade: false, dualStack: false };
  const programs = programsIn(folder, 'rare', options);
  const containers = programs.map(createNamespace);
  const attached = programs.map((program, at) => {
    const call = callFor('ADD', containers[at]!);
    const added = program.host.run(() => execPlugin(program.binary, call, program.network));
    const prevResult = JSON.parse(added.stdout) as { routes?: object[] };
    return { ...program, network: { ...program.network, prevResult } };
  });
  for (let round = -1; round < fewer(2); round++) {
    for (const [program, at] of turns(attached, round + 1)) {
      const time = timeOf(program, 'CHECK', containers[at]!);
      if (round >= 0) record(times, 'CHECK', at, time);
    }
  }
  row('CHECK', times, 'CHECK', 'ms', { ratio: 1.5 });
  for (const { network } of attached) {
    const route = (_: unknown, i: number): object => ({
      dst: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32`,
      gw: '198.18.0.1',
    });
    const routes = Array.from({ length: 105_000 }, route);
    network.prevResult.routes = routes;
    if (JSON.stringify(network).length < PREVIOUS) throw new Error('the result is too short');
  }
  for (let round = 0; round < fewer(6); round++) {
    for (const [program, at] of turns(attached, round)) {
      record(times, 'DEL', at, timeOf(program, 'DEL', containers[at]!));
    }
  }
  row('DEL with a prevResult of 4.5 MB', times, 'DEL', 'ms', { ratio: 1.5 });
  for (const program of programsIn(folder, 'gc', options, OURS_ONLY)) {
    const container = createNamespace();
    for (let i = 0; i < ATTACHMENTS; i++) {
      const call = { ...callFor('ADD', container), ifname: `e${i}` };
      const { code, stdout } = program.host.run(() =>
        execPlugin(program.binary, call, program.network),
      );
      if (code !== 0) throw new Error(`ADD ${i}: ${stdout}`);
    }
    const network = { ...program.network, cniVersion: '1.1.0', 'cni.dev/valid-attachments': [] };
    record(times, 'GC', 0, timeOf({ ...program, network }, 'GC', container) / 1000);
    await setImmediate();
  }
  row('GC of 1,000 bridge attachments', times, 'GC', 's', { figure: 2 });
}

function size(): void {
  // Ours is one file with five names.
  const sizes = BUILT.map((folder) => {
    const files = new Map(
      PLUGINS.map((name) => statSync(join(folder, name))).map((s) => [s.ino, s]),
    );
    return [...files.values()].reduce((sum, each) => sum + each.size, 0) / 1e6;
  });
  line('files of all plugins', sizes, 'MB', { figure: 2.5 });
}

function copy(): void {
  process.on('exit', () => rmSync(COPIES, { recursive: true, force: true }));
  for (const [at, folder] of FOLDERS.entries()) {
    mkdirSync(folder);
    for (const name of PLUGINS) copyFileSync(join(BUILT[at]!, name), join(folder, name));
  }
}

const SECTIONS: Readonly<Record<string, (folder: string) => void | Promise<void>>> = {
  bridge,
  ipvlan,
  leases,
  rare,
  size,
};

if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs=${values.runs}: a number of runs`);
try {
  requirePackages('iproute2', 'strace', 'iptables', 'nftables', 'containernetworking-plugins');
  buildCni();
  await buildReference();
  await requireHostKernel('in user-mode Linux, for the counts: npm run bench:bridge -- --uml');
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  copy();
  const head = [...COLUMNS, 'ratio', 'at most'].map((word) => word.padStart(10)).join('');
  console.log(`${`medians, ${runs} runs in turns`.padEnd(43)}${head}  holds`);
  for (const [title, section] of Object.entries(SECTIONS)) {
    if (title.includes(values.only)) await section(folder);
  }
  console.log(missed === 0 ? 'all limits hold' : `limits that do not hold: ${missed}`);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
