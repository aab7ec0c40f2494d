/**
 * `npm run bench:ipvlan`: ADD and DEL of our `ipvlan` beside the reference's
 * (scripts/reference.ts), in turns in one run over one dummy master, for each mode.
 *
 *     npm run bench:ipvlan [-- --runs=100 --mode=l2 --mode=l3 --dual-stack --json --uml]
 *
 * Times are of complete processes. Also timed are the start alone (VERSION, which touches nothing),
 * to separate it from the work, and a program that does nothing at all, which is the cost of the
 * measurement. An empty file on our engine is the least that ours could take. Page faults stand
 * beside the times: in user-mode Linux they are most of the cost, and they do not vary with the
 * load of the machine. With `--dual-stack` in mode l2 both wait for the kernel's duplicate address
 * detection, which takes one to two seconds.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildCni } from '../scripts/build-cni.ts';
import { cniEnvironment } from '../scripts/cni-runtime.ts';
import { requirePackages } from '../scripts/debian.ts';
import { requireHostKernel } from '../scripts/host-kernel.ts';
import { buildReference, referencePlugin } from '../scripts/reference.ts';
import { runInUml } from '../scripts/uml.ts';
import { createNamespace, type Namespace } from '../test/harness/namespace.ts';
import { emptyExecutable } from './floor.ts';
import { buildLauncher, type Cost, launch } from './launch.ts';
import { quantile } from './measure.ts';
import { turns, WARM_UP } from './turns.ts';

const EMPTY = emptyExecutable();
/**
 * The package containernetworking-plugins, where it is installed; only `--json` has its figures.
 */
const DEBIAN_IPVLAN = '/usr/lib/cni/ipvlan';
const BINARIES = [
  resolve(import.meta.dirname, '../dist/cni/bin/ipvlan'),
  referencePlugin('ipvlan'),
  DEBIAN_IPVLAN,
].filter((path) => existsSync(path));
/**
 * Milliseconds to wait: the kernel removes namespaces in the background, at the expense of the next
 * call.
 */
const SETTLE = 150;
const COMMANDS = ['VERSION', 'ADD', 'DEL'] as const;
type Command = (typeof COMMANDS)[number];

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    mode: { type: 'string', multiple: true, default: ['l2', 'l3'] },
    'dual-stack': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    uml: { type: 'boolean', default: false },
  },
});

/**
 * The costs of each call, by program: ours, the reference's; and those of a program that does
 * nothing, and of an empty file on our engine.
 */
type Costs = Record<Command, Cost[][]> & Record<'nothing' | 'empty', Cost[]>;

function measure(folder: string, mode: string): Costs {
  const host = createNamespace();
  host.exec('ip', 'link', 'add', 'uplink0', 'type', 'dummy');
  host.exec('ip', 'link', 'set', 'uplink0', 'up');
  const networks = BINARIES.map((_, at) => {
    const dataDir = join(folder, mode, String(at));
    mkdirSync(dataDir, { recursive: true });
    // Two containers of one master cannot have one address.
    const ranges = [[{ subnet: `198.${18 + at}.0.0/16` }]];
    if (values['dual-stack']) ranges.push([{ subnet: `2001:db8:18:${at}::/64` }]);
    const network = {
      cniVersion: '1.0.0',
      name: 'bench',
      type: 'ipvlan',
      master: 'uplink0',
      mode,
      ipam: { type: 'host-local', dataDir, ranges, routes: [{ dst: '0.0.0.0/0' }] },
    };
    return network;
  });
  const costs: Costs = {
    VERSION: BINARIES.map(() => []),
    ADD: BINARIES.map(() => []),
    DEL: BINARIES.map(() => []),
    nothing: [],
    empty: [],
  };
  for (let round = -WARM_UP; round < Number(values.runs); round++) {
    const containers = BINARIES.map(() => createNamespace());
    pause(SETTLE);
    // After the pause the first programs are slower, and these should not be the ones that time the
    // start.
    for (const [at, binary] of BINARIES.entries()) {
      host.run(() => costOfCall(binary, 'VERSION', containers[at]!, networks[at]!));
    }
    const idle = host.run(() => launch('/bin/true', {}, {}));
    const empty = host.run(() => launch(EMPTY, {}, {}));
    if (round >= 0) {
      costs.nothing.push(idle);
      costs.empty.push(empty);
    }
    for (const command of COMMANDS) {
      for (const [binary, at] of turns(BINARIES, round)) {
        const cost = host.run(() => costOfCall(binary, command, containers[at]!, networks[at]!));
        if (round >= 0) costs[command][at]!.push(cost);
      }
    }
    for (const container of containers) container.remove();
  }
  host.remove();
  return costs;
}

const pause = (milliseconds: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

function costOfCall(binary: string, command: Command, container: Namespace, network: object): Cost {
  const { name: containerId, path: netns } = container;
  const env = cniEnvironment(binary, { command, containerId, netns, ifname: 'eth0' });
  return launch(binary, env, network);
}

function line(title: string, ...cells: (string | number)[]): void {
  const text = cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(2) : cell).padStart(9));
  console.log(title.padEnd(28) + text.join(''));
}

/** Median and 95th percentile of the milliseconds, median of the page faults. */
function summary(costs: readonly Cost[]): [median: number, p95: number, faults: number] {
  const times = costs.map(({ milliseconds }) => milliseconds);
  const faults = costs.map((each) => each.faults);
  return [quantile(times, 0.5), quantile(times, 0.95), quantile(faults, 0.5)];
}

/**
 * What a call took beyond the start in the same round, because the speed of the machine varies
 * between rounds.
 */
const withoutStart = (calls: readonly Cost[], starts: readonly Cost[]): Cost[] =>
  calls.map(({ milliseconds, faults, processor, waits }, round) => ({
    milliseconds: milliseconds - starts[round]!.milliseconds,
    faults: faults - starts[round]!.faults,
    processor: processor - starts[round]!.processor,
    waits: waits - starts[round]!.waits,
  }));

function compare(title: string, ours: readonly Cost[], reference: readonly Cost[]): void {
  const [a, b] = [summary(ours), summary(reference)];
  const cells = [a, b].flatMap(([median, p95, faults]) => [median, p95, String(faults)]);
  line(title, ...cells, a[0] / b[0]);
}

function print({ nothing, empty, ...calls }: Costs): void {
  line('', 'ours', '', '', 'reference', '', '', 'ratio of');
  line('milliseconds', 'median', 'p95', 'faults', 'median', 'p95', 'faults', 'medians');
  for (const [title, costs] of [
    ['a program that ends at once', nothing],
    ['an empty compiled file', empty],
  ] as const) {
    const [median, p95, faults] = summary(costs);
    line(title, median, p95, String(faults));
  }
  const [start = [], starts = []] = calls.VERSION;
  compare('start alone (VERSION)', start, starts);
  for (const command of ['ADD', 'DEL'] as const) {
    const [ours = [], reference = []] = calls[command];
    compare(command, ours, reference);
    const work = withoutStart(ours, start);
    compare(`  ${command} without the start`, work, withoutStart(reference, starts));
  }
}

async function main(): Promise<void> {
  requirePackages('iproute2');
  await buildReference();
  if (values.uml) {
    buildCni();
    buildLauncher();
    const rest = process.argv.slice(2).filter((word) => word !== '--uml');
    const { code } = await runInUml([process.execPath, import.meta.filename, ...rest], {
      timeout: 1800,
      onOutput: (text) => void process.stdout.write(text),
    });
    process.exitCode = code ?? 1;
    return;
  }
  await requireHostKernel('add --uml');
  buildCni();
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    for (const mode of values.mode) {
      if (!values.json) console.log(`ipvlan ${mode}, ${values.runs} rounds, Linux ${release()}`);
      const costs = measure(folder, mode);
      if (values.json) console.log(JSON.stringify({ mode, costs }));
      else print(costs);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
