/**
 * Captures fixtures: the bytes that other programs and the kernel exchange, never our own.
 *
 *     npm run capture -- [--uml | --qemu] [--setup COMMAND]… 'COMMAND'
 *         lists the messages of a command, run in a fresh namespace
 *     npm run capture -- [--uml | --qemu] [--setup COMMAND]… --pick 'sent RTM_NEWLINK' \
 *         rtnl/link/add-bridge 'add a bridge' 'ip link add br0 type bridge'
 *         writes that message as a fixture, and how it was made to fixtures/captures.json
 *     npm run capture -- --all [PREFIX]
 *         makes all listed fixtures (below a prefix) anew
 *     --kernel FILE
 *         runs it in user-mode Linux of this file: one with what Debian leaves out
 *     --iproute2 FOLDER
 *         takes ip, bridge and nft from FOLDER/bin and FOLDER/sbin: newer ones, for newer
 *         attributes
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { addToList, type Capture, readList, typeNames, writeFixture } from './capture-list.ts';
import type { CaptureJob, CaptureRun } from './capture-run.ts';
import { requirePackages } from './debian.ts';
import { hostKernelProblem } from './host-kernel.ts';
import { runInQemu } from './qemu.ts';
import { runInUml } from './uml.ts';

const RUNNER = join(resolve(import.meta.dirname), 'capture-run.ts');

/** Runs jobs on one of the kernels: one process here, one boot there. */
async function runJobs(
  kernel: Capture['kernel'],
  jobs: readonly CaptureJob[],
): Promise<CaptureRun[]> {
  if (jobs.length === 0) return [];
  const command = [process.execPath, RUNNER, JSON.stringify(jobs)] as const;
  if (kernel !== 'host') {
    const run = { uml: runInUml, qemu: runInQemu }[kernel];
    const { code, output } = await run(command, { timeout: 300, kernel: values.kernel });
    if (code !== 0) throw new Error(`in ${kernel}: ${output}`);
    return JSON.parse(output.slice(output.indexOf('[{'))) as CaptureRun[];
  }
  const { status, stdout } = spawnSync(command[0], command.slice(1), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${RUNNER}: exit ${status}`);
  return JSON.parse(stdout) as CaptureRun[];
}

async function write(captures: readonly Capture[]): Promise<void> {
  for (const kernel of ['host', 'uml', 'qemu'] as const) {
    const wanted = captures.filter((capture) => capture.kernel === kernel && isPossible(capture));
    if (wanted.length === 0 || !(await isUsable(kernel))) continue;
    const jobs = wanted.map((capture) => ({ ...capture, path: pathFor(capture) }));
    const runs = await runJobs(kernel, jobs);
    for (const [index, capture] of wanted.entries()) {
      try {
        const { failure } = runs[index]!;
        if (failure !== undefined) throw new Error(failure);
        writeFixture(capture, runs[index]!, pathFor(capture));
        console.log(`fixtures/${capture.case}`);
      } catch (error) {
        console.error(`fixtures/${capture.case}: ${(error as Error).message}`);
        list(runs[index]!);
        process.exitCode = 1;
      }
    }
  }
}

async function isUsable(kernel: Capture['kernel']): Promise<boolean> {
  const problem = kernel === 'host' ? await hostKernelProblem() : undefined;
  if (problem === undefined) return true;
  console.error(`nothing can be captured on this kernel: ${problem}; --uml takes another one`);
  process.exitCode = 1;
  return false;
}

function isPossible({ newer, built, kernel: which, case: name }: Capture): boolean {
  if (which === 'uml' && (built === true) !== (values.kernel !== undefined)) {
    if (built !== true) return false;
    console.error(
      `fixtures/${name}: left as it is, it takes a kernel of one's own (--kernel FILE)`,
    );
    return false;
  }
  if (newer !== true || values.iproute2 !== undefined) return true;
  console.error(`fixtures/${name}: left as it is, it takes a newer program (--iproute2 FOLDER)`);
  return false;
}

const pathFor = ({ newer }: Pick<Capture, 'newer'>): string =>
  newer === true ? `${values.iproute2}/bin:${values.iproute2}/sbin:` : '';

function list({ messages, kernel, failure }: CaptureRun): void {
  if (failure !== undefined) return console.error(failure);
  console.log(`Linux ${kernel}: ${messages.length} messages`);
  const seen = new Map<string, number>();
  const typeName = typeNames(messages);
  for (const message of messages) {
    const pick = `${message.direction} ${typeName(message)}`;
    const ordinal = (seen.get(pick) ?? 0) + 1;
    seen.set(pick, ordinal);
    const label = ordinal === 1 ? pick : `${pick} ${ordinal}`;
    console.log(`  ${label.padEnd(28)} ${String(message.hex.length / 2).padStart(5)} bytes`);
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    uml: { type: 'boolean', default: false },
    qemu: { type: 'boolean', default: false },
    iproute2: { type: 'string' },
    kernel: { type: 'string' },
    setup: { type: 'string', multiple: true, default: [] },
    pick: { type: 'string' },
  },
});
const isUml = values.uml || values.kernel !== undefined;
const kernel = values.qemu ? 'qemu' : isUml ? 'uml' : 'host';
const setup = values.setup;
const newer = values.iproute2 === undefined ? {} : ({ newer: true } as const);
const built = values.kernel === undefined ? {} : ({ built: true } as const);
requirePackages(
  'iproute2',
  'ipset',
  'nftables',
  'strace',
  'containernetworking-plugins',
  'python3',
);
if (values.all) {
  const prefix = positionals[0] ?? '';
  await write(readList().filter((capture) => capture.case.startsWith(prefix)));
} else if (values.pick !== undefined && positionals.length === 3) {
  const [name, title, command] = positionals as [string, string, string];
  const capture = {
    case: name,
    title,
    kernel,
    setup,
    command,
    ...newer,
    ...built,
    pick: values.pick,
  } as const;
  await write([capture]);
  if (process.exitCode === undefined) addToList(capture);
} else if (values.pick === undefined && positionals.length === 1) {
  const job = { setup, command: positionals[0]!, path: pathFor(newer) };
  if (await isUsable(kernel)) list((await runJobs(kernel, [job]))[0]!);
} else {
  console.error('npm run capture -- COMMAND, or --pick MESSAGE CASE TITLE COMMAND, or --all');
  process.exitCode = 2;
}
