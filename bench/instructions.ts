/**
 * `npm run bench:instructions`: how many instructions our `bridge` executes outside of the kernel,
 * from start to exit, by callgrind (valgrind). The count is the same on a busy machine as on a
 * quiet one, so it shows what a change of a per cent does, which times do not.
 *
 *     npm run bench:instructions [-- --by-call]
 *
 * With `--by-call` an ADD is cut at its calls of the C library: each row has the instructions up to
 * the call that is named, beginning with those that an empty executable has too. Go's runtime does
 * not run under valgrind, so there is nothing to compare with.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildCni } from '../scripts/build-cni.ts';
import { cniEnvironment } from '../scripts/cni-runtime.ts';
import { requirePackages } from '../scripts/debian.ts';
import { requireHostKernel } from '../scripts/host-kernel.ts';
import { createNamespace, type Namespace } from '../test/harness/namespace.ts';
import { callFor, prepare, type Program, timeOf } from './attach.ts';
import { emptyExecutable } from './floor.ts';

const OURS = resolve(import.meta.dirname, '../dist/cni/bin/bridge');
/** Calls of the C library at which an ADD is cut. */
const CALLS =
  'open openat close read pread64 write pwrite64 statx statfs flock link unlink futimens fsync fchmod socket setsockopt send recv setns umask aio_fsync64 _exit';
/** Less than that between two calls is not worth a row. */
const ROW = 50_000;

const { values } = parseArgs({ options: { 'by-call': { type: 'boolean', default: false } } });

interface Part {
  readonly instructions: number;
  /** What callgrind says of where it was cut. */
  readonly end: string;
}

/**
 * Runs one call under callgrind, which leaves its counts in `folder`: one part, or as many as it is
 * cut into.
 */
function counted(
  binary: string,
  { host, network }: Program,
  command: Parameters<typeof callFor>[0],
  container: Namespace,
  folder: string,
  cuts: readonly string[] = [],
): Part[] {
  for (const file of readdirSync(folder)) rmSync(join(folder, file));
  const options = ['--tool=callgrind', `--callgrind-out-file=${join(folder, 'counts')}`];
  const { status, stdout, stderr } = host.run(() =>
    spawnSync('valgrind', [...options, ...cuts, binary], {
      input: JSON.stringify(network),
      env: cniEnvironment(binary, callFor(command, container)),
      encoding: 'utf8',
      timeout: 120_000,
      killSignal: 'SIGKILL',
    }),
  );
  if (status !== 0) throw new Error(`${command} under callgrind: ${stdout}${stderr}`);
  return partsIn(folder);
}

/** The parts in their order: callgrind numbers all but the last. */
function partsIn(folder: string): Part[] {
  const order = (file: string): number => Number(file.split('.')[1] ?? Infinity);
  return readdirSync(folder)
    .sort((a, b) => order(a) - order(b))
    .map((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const instructions = Number(/^(?:totals|summary): (\d+)/m.exec(text)![1]);
      const end = /^desc: Trigger: (?:--dump-before=)?(.*)$/m.exec(text)![1]!;
      return { instructions, end };
    });
}

const millions = (instructions: number): string => (instructions / 1e6).toFixed(2).padStart(8);
const total = (parts: readonly Part[]): number =>
  parts.reduce((sum, { instructions }) => sum + instructions, 0);

function printParts(parts: readonly Part[]): void {
  console.log('\nmillions   in all  up to the call of');
  let [before, row] = [0, 0];
  for (const { instructions, end } of parts) {
    row += instructions;
    before += instructions;
    if (row < ROW) continue;
    console.log(`${millions(row)} ${millions(before)}  ${end}`);
    row = 0;
  }
}

try {
  requirePackages('iproute2', 'valgrind');
  buildCni();
  await requireHostKernel('in user-mode Linux valgrind does not run');
  const folder = mkdtempSync(join(tmpdir(), 'bench-instructions-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const leases = mkdtempSync(join(folder, 'leases-'));
  const counts = mkdtempSync(join(folder, 'counts-'));
  const ours = prepare('ours', OURS, leases, { masquerade: false, dualStack: false });
  const container = createNamespace();
  // The bridge is made, and the lease directory.
  for (const command of ['ADD', 'DEL'] as const) timeOf(ours, command, container);
  console.log('millions of instructions outside of the kernel');
  const print = (title: string, parts: readonly Part[]): void =>
    console.log(`${millions(total(parts))}  ${title}`);
  print('an empty compiled file', counted(emptyExecutable(), ours, 'VERSION', container, counts));
  for (const command of ['VERSION', 'ADD', 'DEL'] as const) {
    print(command, counted(OURS, ours, command, container, counts));
  }
  // Of the second attachment: the first makes table, set and rule.
  const masked = prepare('masked', OURS, leases, { masquerade: true, dualStack: false });
  timeOf(masked, 'ADD', createNamespace());
  for (const command of ['ADD', 'DEL'] as const) {
    print(`${command} with ipMasq`, counted(OURS, masked, command, container, counts));
  }
  if (values['by-call']) {
    const cuts = CALLS.split(' ').map((name) => `--dump-before=${name}`);
    printParts(counted(OURS, ours, 'ADD', container, counts, cuts));
    timeOf(ours, 'DEL', container);
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
