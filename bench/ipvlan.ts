/**
 * `npm run bench:ipvlan`: ADD and DEL of our `ipvlan` beside the reference's (Debian's containernetworking-plugins), in turns in one run
 * over one dummy master, for each mode.
 *
 *     npm run bench:ipvlan [-- --runs=100 --mode=l2 --mode=l3 --dual-stack --uml]
 *
 * Times are of whole processes. The start alone (VERSION, which touches nothing) is timed too, so that it can be told from the work, and
 * the start of a program that does nothing at all, which is what this measuring costs. Page faults are what a start mostly costs in
 * user-mode Linux. With `--dual-stack` in mode l2 both wait for the kernel's duplicate address detection, which takes one to two seconds.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildCni } from '../scripts/build-cni.ts';
import { cniEnvironment } from '../scripts/cni-runtime.ts';
import { requirePackages } from '../scripts/debian.ts';
import { requireHostKernel } from '../scripts/host-kernel.ts';
import { runInUml } from '../scripts/uml.ts';
import { createNamespace, type Namespace } from '../test/harness/namespace.ts';

const BINARIES = [resolve(import.meta.dirname, '../dist/cni/bin/ipvlan'), '/usr/lib/cni/ipvlan'];
/** Not counted: files come into memory. */
const WARM_UP = 3;
/** Milliseconds. The kernel takes namespaces down in the background, which the next call would pay for. */
const SETTLE = 150;
const COMMANDS = ['VERSION', 'ADD', 'DEL'] as const;
type Command = (typeof COMMANDS)[number];

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    mode: { type: 'string', multiple: true, default: ['l2', 'l3'] },
    'dual-stack': { type: 'boolean', default: false },
    uml: { type: 'boolean', default: false },
  },
});

/** Milliseconds of each call, ours and the reference's, and of a program that does nothing. */
type Times = Record<Command, [ours: number[], reference: number[]]> & { nothing: number[] };

function measure(folder: string, mode: string): Times {
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
    const file = join(folder, mode, `${at}.json`);
    writeFileSync(file, JSON.stringify(network));
    return file;
  });
  const times: Record<Command, [number[], number[]]> = {
    VERSION: [[], []],
    ADD: [[], []],
    DEL: [[], []],
  };
  const nothing: number[] = [];
  for (let round = -WARM_UP; round < Number(values.runs); round++) {
    const containers = BINARIES.map(() => createNamespace());
    pause(SETTLE);
    const idle = host.run(() => timeProcess('/bin/true', {}, networks[0]!));
    if (round >= 0) nothing.push(idle);
    for (const command of COMMANDS) {
      // The other one first in every second round.
      for (const at of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
        const time = host.run(() =>
          timeCall(BINARIES[at]!, command, containers[at]!, networks[at]!),
        );
        if (round >= 0) times[command][at].push(time);
      }
    }
    for (const container of containers) container.remove();
  }
  host.remove();
  return { ...times, nothing };
}

const pause = (milliseconds: number): void =>
  void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

function timeCall(binary: string, command: Command, container: Namespace, file: string): number {
  const { name: containerId, path: netns } = container;
  const env = cniEnvironment(binary, { command, containerId, netns, ifname: 'eth0' });
  return timeProcess(binary, env, file);
}

/** Milliseconds from start to exit. The configuration comes from a file: VERSION does not read it, and would break a pipe. */
function timeProcess(binary: string, env: NodeJS.ProcessEnv, file: string): number {
  const input = openSync(file, 'r');
  const started = performance.now();
  const { status, stdout } = spawnSync(binary, [], { env, stdio: [input, 'pipe', 'inherit'] });
  const time = performance.now() - started;
  closeSync(input);
  if (status !== 0) throw new Error(`${binary} ${env['CNI_COMMAND']}: exit ${status}: ${stdout}`);
  return time;
}

function quantile(numbers: readonly number[], part: number): number {
  const ordered = numbers.toSorted((a, b) => a - b);
  return ordered[Math.min(ordered.length - 1, Math.floor(part * ordered.length))]!;
}

const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

function line(title: string, ...cells: (string | number)[]): void {
  const text = cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(2) : cell).padStart(9));
  console.log(title.padEnd(28) + text.join(''));
}

function print(times: Times): void {
  line('', 'ours', '', 'reference', '', 'ratio of');
  line('milliseconds', 'median', 'p95', 'median', 'p95', 'medians');
  line('a program that ends at once', median(times.nothing));
  const starts = times.VERSION.map(median) as [number, number];
  for (const command of COMMANDS) {
    const [ours, reference] = times[command];
    const [a, b] = [median(ours), median(reference)];
    const title = command === 'VERSION' ? 'start alone (VERSION)' : command;
    line(title, a, quantile(ours, 0.95), b, quantile(reference, 0.95), a / b);
    if (command === 'VERSION') continue;
    const [work, works] = [a - starts[0], b - starts[1]];
    line(`  ${command} without the start`, work, '', works, '', work / works);
  }
}

async function main(): Promise<void> {
  requirePackages('iproute2', 'containernetworking-plugins');
  if (values.uml) {
    buildCni();
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
      console.log(`ipvlan ${mode}, ${values.runs} rounds, Linux ${release()}`);
      print(measure(folder, mode));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
