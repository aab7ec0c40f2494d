/**
 * `npm run bench:bridge`: ADD and DEL of our `bridge` beside the reference's
 * (scripts/reference.ts), in turns in one run, one at a time and 16 at once; then what one ADD asks
 * of the kernel.
 *
 *     npm run bench:bridge [-- --runs=100 --masq --dual-stack --uml]
 *
 * Times are of complete processes. Also timed are the start alone (VERSION, which touches nothing),
 * to separate it from the work, and the floor of any program on this engine: an empty file, and one
 * that calls as many functions as an ADD. Their ratios are to the complete ADD of the reference.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildCni } from '../scripts/build-cni.ts';
import { requirePackages } from '../scripts/debian.ts';
import { requireHostKernel } from '../scripts/host-kernel.ts';
import { buildReference, referencePlugin } from '../scripts/reference.ts';
import { runInUml } from '../scripts/uml.ts';
import { createNamespace } from '../test/harness/namespace.ts';
import { prepare, type Program, timeOf } from './attach.ts';
import { emptyExecutable, FUNCTIONS, functionsExecutable } from './floor.ts';
import { buildLauncher, launch } from './launch.ts';
import { median, quantile } from './measure.ts';
import { countCalls } from './trace.ts';
import { type Figures, oneAtATime, together } from './turns.ts';

const OURS = resolve(import.meta.dirname, '../dist/cni/bin/bridge');

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100' },
    masq: { type: 'boolean', default: false },
    'dual-stack': { type: 'boolean', default: false },
    uml: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);

/** Milliseconds of the programs that show the floor of this engine, by the titles of their rows. */
type Floor = Readonly<Record<string, () => number>>;

function makeFloor(): Floor {
  const alone = (binary: string) => () => launch(binary, {}, {}).milliseconds;
  return {
    'an empty file': alone(emptyExecutable()),
    [`${FUNCTIONS} functions, called once`]: alone(functionsExecutable()),
  };
}

const p95 = (values: readonly number[]): number => quantile(values, 0.95);
const line = (title: string, ...cells: (string | number)[]): void => {
  const text = cells.map((cell) => (typeof cell === 'number' ? cell.toFixed(2) : cell).padStart(9));
  console.log(title.padEnd(26) + text.join(''));
};

function printTimes(times: Figures, floor: Floor): void {
  line('', 'ours', '', 'reference', '', 'ratio of');
  line('milliseconds', 'median', 'p95', 'median', 'p95', 'medians');
  const start = times.get('VERSION')!;
  const whole = median(times.get('ADD')![1]!);
  for (const [row, [ours = [], reference = []]] of times) {
    if (row in floor) {
      line(row, median(ours), p95(ours), '', '', median(ours) / whole);
      continue;
    }
    const [a, b] = [median(ours), median(reference)];
    line(row === 'VERSION' ? 'start alone (VERSION)' : row, a, p95(ours), b, p95(reference), a / b);
    if (row !== 'ADD' && row !== 'DEL') continue;
    const [work, works] = [a - median(start[0]!), b - median(start[1]!)];
    line(`  ${row} without the start`, work, '', works, '', work / works);
  }
}

function printCalls(programs: readonly Program[]): void {
  const counts = programs.map((program) => {
    const container = createNamespace();
    const calls = countCalls(program, 'ADD', container);
    timeOf(program, 'DEL', container);
    return calls;
  });
  const [ours, reference] = [counts[0]!, counts[1]!];
  console.log();
  line('one ADD, by strace', 'ours', '', 'reference');
  const row = (title: string, key: keyof typeof ours): void =>
    line(title, String(ours[key]), '', String(reference[key]));
  row('execve', 'execve');
  row('netlink sockets', 'sockets');
  row('netlink sends', 'sends');
  row('netlink messages sent', 'messages');
}

async function bench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-bridge-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const options = { masquerade: values.masq, dualStack: values['dual-stack'] };
  const programs: readonly Program[] = [
    prepare('ours', OURS, folder, options),
    prepare('reference', referencePlugin('bridge'), folder, options),
  ];
  console.log(
    `bridge, ${options.dualStack ? 'IPv4 and IPv6' : 'IPv4'}, ${options.masquerade ? 'with' : 'no'} masquerade, ${runs} runs in turns`,
  );
  console.log(`Linux ${release()}, ${cpus().length} × ${cpus()[0]?.model.trim()}`);
  if (/User Mode Linux/.test(readFileSync('/proc/cpuinfo', 'utf8'))) {
    console.log('In user-mode Linux: each system call costs many times what it does on a host.');
    console.log('The counts hold anywhere; the times say nothing about a real machine.');
  }
  console.log();
  const floor = makeFloor();
  const times: Figures = new Map();
  await oneAtATime(programs, {
    runs,
    times,
    before(note) {
      for (const [title, run] of Object.entries(floor)) note(title, 0, run());
    },
  });
  await together(programs, { runs, times });
  printTimes(times, floor);
  printCalls(programs);
}

if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs=${values.runs}: a number of runs`);
try {
  requirePackages('iproute2', 'strace', 'iptables', 'nftables');
  buildCni();
  await buildReference();
  if (values.uml) {
    buildLauncher();
    const rest = process.argv.slice(2).filter((word) => word !== '--uml');
    const { code } = await runInUml([process.execPath, import.meta.filename, ...rest], {
      timeout: 600,
      onOutput: (text) => void process.stdout.write(text),
    });
    process.exitCode = code ?? 1;
  } else {
    await requireHostKernel('in user-mode Linux, for the counts: npm run bench:bridge -- --uml');
    await bench();
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
