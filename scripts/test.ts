/**
 * `npm test`: all legs, each beginning as soon as what it needs is built. A failure is printed in
 * full as it happens and, when there are few, run a second time at the end, on its own; one that
 * passes then is reported as unsteady. The closing lines name the failures, and the last one is `N
 * passed, N failed, N skipped`.
 *
 * Legs: `check` (types, format), `pure` (needs no privileges), `kernel` (this host's kernel), `uml`
 * (the same kernel tests in user-mode Linux), `qemu` (those that need Debian's own kernel), `bun`
 * (the runtime cases under Bun). Naming some runs only those; `--no-kernel` leaves out everything
 * that needs root.
 *
 * No kernel has every feature. User-mode Linux, where each system call is a dozen times as
 * expensive, runs what the host's kernel skips, and `SMOKE` (with `--both` everything). A test that
 * no kernel ran is a failure. Where the host's kernel cannot be used, all tests run in user-mode
 * Linux.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { release, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { sweepNamespaces } from '../test/harness/namespace.ts';
import { buildCni } from './build-cni.ts';
import { requirePackages } from './debian.ts';
import { hostKernelProblem } from './host-kernel.ts';
import { bundleTests, EMULATED_BUNDLE, KERNEL_BUNDLE, PURE_BUNDLE } from './bundle-tests.ts';
import { readTap, type TestResult } from './tap.ts';
import {
  failure,
  type Leg,
  lineOf,
  mergeKernels,
  runEmulated,
  runFailedAgain,
  runHere,
  runInside,
  runLeg,
  summary,
} from './test-leg.ts';
import { buildReference } from './reference.ts';
import { umlKernels } from './uml.ts';

const LEGS = ['check', 'pure', 'kernel', 'uml', 'qemu', 'bun'] as const;
type LegName = (typeof LEGS)[number];
const NEED_ROOT: readonly string[] = ['kernel', 'uml', 'qemu', 'bun'];

const ROOT = resolve(import.meta.dirname, '..');
const HOST = `Linux ${release()}`;
const NODE = process.execPath;
const AVA = [NODE, 'node_modules/ava/entrypoints/cli.js', '--tap', '--no-color'] as const;
type Program = Pick<Leg, 'command' | 'match'>;
/** Some tests of a bundle, by a list that `test/harness/chosen.ts` reads on any kernel. */
function someOf(bundle: string, take: readonly string[], leave: readonly string[] = []): Program {
  const list = join(ROOT, dirname(bundle), `chosen-${lists++}.json`);
  mkdirSync(dirname(list), { recursive: true });
  writeFileSync(list, JSON.stringify({ take, leave }));
  const tests = [...AVA, '--serial', '--timeout=900s', bundle] as const;
  return { command: ['env', `NETLINK_TS_CHOSEN=${list}`, ...tests], match: [] };
}
/**
 * Two halves that take about the same time. On this host a test mostly waits for the kernel, which
 * frees what was removed in the background; inside user-mode Linux each half has its own kernel,
 * which uses one processor.
 */
const FIRST_HALF = ['kernel › bridge › *', 'kernel › masquerade › *'];
const halves = (): Program[] => [
  someOf(KERNEL_BUNDLE, FIRST_HALF),
  someOf(KERNEL_BUNDLE, ['*'], FIRST_HALF),
];
/**
 * Tests that run on both kernels in any case: how each kernel reports its objects, and what it does
 * with packets. Each kind of plugin has tests that only user-mode Linux can run.
 */
const SMOKE = [
  'bridge › add › bridge ADD: two containers of both families *',
  'bridge › add › bridge ADD: enabledad *',
  'loopback › *',
  'masquerade › packets › packets: our iptables *',
  'masquerade › packets › packets: after DEL *',
  ...['addrs', 'known', 'links', 'notifications', 'route-verbs', 'routes', 'rules', 'settings'].map(
    (object) => `rtnl › ${object} › *`,
  ),
].map((place) => `kernel › ${place}`);
/** Names of test files from `test/` on. */
const TEST_FILES = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.ts'))
  .sort();
const isKernel = (name: string): boolean => name.startsWith('kernel/');
/** What neither the host's kernel nor user-mode Linux can run: the files, and the tests in them. */
const isEmulated = (name: string): boolean =>
  /^kernel\/(wireguard\/|ethtool\/|docs\/examples|nftables\/flowtable)/.test(name);
const EMULATED = [
  ...['kernel › wireguard › *', 'kernel › ethtool › *', '*examples: wireguard-*'],
  'kernel › nftables › flowtable › *',
];
/**
 * Tests of registries that other tests add to, or tests long enough to deserve a process of their
 * own.
 */
const ALONE: readonly string[] = [
  'docs.test.ts',
  'fixtures.test.ts',
  'netlink/mutation.test.ts',
  'site.test.ts',
];
/** Files with hooks, which would run for all tests of a bundle. */
const HOOK = /\btest\.(before|after)/;
const isAlone = (name: string): boolean =>
  ALONE.includes(name) || HOOK.test(readFileSync(join(ROOT, 'test', name), 'utf8'));
const BUN_CASES: Program = { command: ['node_modules/.bin/bun', 'test/harness/bun-runner.ts'] };
/** Where the pure tests put their temporary files. */
const SCRATCH = scratchIn(tmpdir());
/**
 * Where kernel tests on the host put theirs: in memory where possible, because each lease waits for
 * the disk.
 */
const MEMORY = isExecutable('/dev/shm') ? scratchIn('/dev/shm') : SCRATCH;
/** Where plugins record when an ADD without a lease ended, which a DEL removes. */
const ENDS = '/run/netlink-ts';
const ENDS_BEFORE = endsOfAdds();
const ENV = {
  // Spares Node the compilation of AVA, which takes seconds inside user-mode Linux.
  NODE_COMPILE_CACHE: join(ROOT, '.cache/node'),
  NETLINK_TS_PREPARED: '1',
};
const PURE_ENV = { ...ENV, TMPDIR: SCRATCH };
const HOST_ENV = { ...ENV, TMPDIR: MEMORY };

/** How many lists of chosen tests there are. */
let lists = 0;

process.chdir(ROOT);
const both = process.argv.includes('--both');
const first = await runLegs(chooseLegs(process.argv.slice(2)));
const tests = [...(await runFailedAgain(first)), ...leftBehind()];
const failed = tests.filter(({ outcome }) => outcome === 'failed');
console.log('');
for (const { title } of failed) console.log(`FAILED ${title}`);
console.log(summary(tests));
process.exit(failed.length === 0 ? 0 : 1);

function chooseLegs(words: readonly string[]): ReadonlySet<LegName> {
  const known: readonly string[] = [...LEGS, '--no-kernel', '--both'];
  const unknown = words.find((word) => !known.includes(word));
  if (unknown !== undefined) {
    console.error(`no leg ${unknown}; there are ${known.join(', ')}`);
    process.exit(2);
  }
  const named = LEGS.filter((leg) => words.includes(leg));
  const legs = new Set(named.length === 0 ? LEGS : named);
  if (words.includes('--no-kernel')) {
    console.log('leaving out the kernel tests on request');
    for (const leg of NEED_ROOT) legs.delete(leg as LegName);
  }
  return legs;
}

async function runLegs(legs: ReadonlySet<LegName>): Promise<TestResult[]> {
  const results: TestResult[] = [];
  const isChecked = legs.has('check');
  const started = performance.now();
  // Beside everything else: neither needs what is built, nor is needed by a test.
  const checks = isChecked
    ? [
        tool('check: types', 'node_modules/typescript/bin/tsc'),
        tool('check: types of the site', 'node_modules/typescript/bin/tsc', '-p', 'site'),
        tool('check: format', 'node_modules/prettier/bin/prettier.cjs', '--check', '.'),
      ]
    : [];
  try {
    buildCni();
    // For the tests under qemu, on any machine.
    buildCni('arm64');
    if (isChecked) checks.push(tool('check: build', 'scripts/build.ts'));
    await buildReference();
  } catch (error) {
    const broken = failure('build of the executables', (error as Error).message);
    return [...(await Promise.all(checks)), broken];
  }
  const checked = Promise.all(checks).then((all) => {
    if (isChecked) console.log(lineOf('check', all, started));
    return all;
  });
  const needRoot = [...legs].some((leg) => NEED_ROOT.includes(leg));
  const isRoot = process.getuid?.() === 0;
  if (needRoot && !isRoot) {
    results.push(failure('kernel tests: they need root; --no-kernel leaves them out'));
  }
  const kernels = needRoot && isRoot ? startKernels(legs) : undefined;
  // The package's tests pack what the build has made.
  results.push(...(await checked));
  if (legs.has('pure')) results.push(...(await pure()));
  return [...results, ...((await kernels) ?? [])];
}

async function tool(title: string, ...args: string[]): Promise<TestResult> {
  const { code, output } = await runHere([NODE, ...args]);
  return code === 0 ? { title, outcome: 'passed', detail: '' } : failure(title, output);
}

/** One bundle, and the files that need a process of their own. */
async function pure(): Promise<TestResult[]> {
  const files = TEST_FILES.filter((name) => !isKernel(name));
  const alone = files.filter(isAlone);
  const bundled = files.filter((name) => !isAlone(name));
  try {
    await bundleTests(PURE_BUNDLE, bundled);
  } catch (error) {
    return [failure('pure tests: preparation', (error as Error).message)];
  }
  const leg = (name: string, ...words: string[]): Promise<TestResult[]> =>
    runLeg({
      name,
      command: [...AVA, '--timeout=900s', ...words],
      match: [],
      run: (command, onOutput) => runHere(command, PURE_ENV, onOutput),
    });
  const results = await Promise.all([
    leg('pure tests', '--serial', PURE_BUNDLE),
    leg('pure tests, by themselves', '--concurrency=1', ...alone.map((name) => join('test', name))),
  ]);
  return results.flat();
}

/** User-mode Linux shares nothing with the host, so it runs at the same time as the rest. */
async function startKernels(legs: ReadonlySet<LegName>): Promise<TestResult[]> {
  try {
    requirePackages('iproute2', 'iputils-ping', 'nftables', 'iptables', 'strace');
    requirePackages(
      'busybox-static',
      'qemu-user',
      'mandoc',
      'conntrack',
      'wireguard-tools',
      'ethtool',
      'containernetworking-plugins',
    );
    if (legs.has('uml')) requirePackages('user-mode-linux');
    await bundleTests(KERNEL_BUNDLE, TEST_FILES.filter(isKernel));
    await bundleTests(EMULATED_BUNDLE, TEST_FILES.filter(isEmulated));
  } catch (error) {
    return [failure('kernel tests: preparation', (error as Error).message)];
  }
  const [kernel, uml, bun] = [legs.has('kernel'), legs.has('uml'), legs.has('bun')];
  const problem = kernel || bun ? await hostKernelProblem() : undefined;
  if (problem !== undefined) console.log(`${HOST}: left out, not possible: ${problem}`);
  // The cases for Bun have to run somewhere.
  const instead = problem !== undefined && bun && !kernel ? [BUN_CASES] : [];
  const chosen = kernel && problem === undefined && !both ? await skippedHere() : undefined;
  const parts = chosen === undefined ? halves() : inHalves([...chosen, ...SMOKE]);
  const inside = inUserMode(uml ? [...parts, ...(bun ? [BUN_CASES] : [])] : instead);
  const emulated = legs.has('qemu') ? onEmulatedMachine() : [];
  const here = problem === undefined ? await onHost(kernel, bun) : [];
  const results = [...here, ...(await inside), ...(await emulated)];
  const left = problem === undefined ? sweepNamespaces() : [];
  if (left.length > 0) console.log(`removed what killed tests left: ${left.join(' ')}`);
  if (results.length === 0) results.push(failure(`${HOST}: not possible`, problem));
  const everywhere = uml && legs.has('qemu') && (kernel || problem !== undefined);
  return mergeKernels(results, everywhere);
}

/** The titles of the tests that this kernel would skip. Undefined when that cannot be found out. */
async function skippedHere(): Promise<string[] | undefined> {
  const tap = readTap();
  const { command } = someOf(KERNEL_BUNDLE, ['*']);
  await runHere(command, { ...HOST_ENV, NETLINK_TS_DECLARE: '1' }, tap.push);
  const { tests, finished } = tap.report();
  if (finished === 0) return undefined;
  return tests.filter(({ outcome }) => outcome === 'skipped').map(({ title }) => title);
}

function inHalves(titles: readonly string[]): Program[] {
  return [0, 1].map((half) =>
    someOf(
      KERNEL_BUNDLE,
      titles.filter((_, i) => i % 2 === half),
    ),
  );
}

/** Runs in the first kernel in PATH; what that one skips, the next may be able to run. */
async function inUserMode(programs: readonly Program[]): Promise<TestResult[]> {
  const results: TestResult[] = [];
  for (const kernel of programs.length === 0 ? [] : umlKernels()) {
    const skipped = mergeKernels(results, false)
      .filter(({ title, outcome }) => outcome === 'skipped' && title.startsWith('kernel › '))
      .map(({ title }) => title);
    const first = results.length === 0;
    if (!first && skipped.length === 0) break;
    const wanted = first ? programs : [someOf(KERNEL_BUNDLE, skipped)];
    const legs = wanted.map((program, i) => {
      const name = first
        ? `user-mode Linux, ${i + 1} of ${wanted.length}`
        : `user-mode Linux, ${kernel}`;
      return runLeg({
        ...program,
        name,
        run: (command, onOutput) => runInside(kernel, command, ENV, onOutput),
      });
    });
    results.push(...(await Promise.all(legs)).flat());
  }
  return results;
}

function onEmulatedMachine(): Promise<TestResult[]> {
  return runLeg({
    ...someOf(EMULATED_BUNDLE, EMULATED),
    name: "Debian's kernel, emulated",
    run: (command, onOutput) => runEmulated(command, ENV, onOutput),
  });
}

async function onHost(kernel: boolean, bun: boolean): Promise<TestResult[]> {
  const leg = (name: string, program: Program): Promise<TestResult[]> =>
    runLeg({
      ...program,
      name,
      run: (command, onOutput) => runHere(command, HOST_ENV, onOutput),
    });
  const half = (program: Program, i: number): Promise<TestResult[]> =>
    leg(`${HOST}, ${i + 1} of 2`, program);
  return [
    ...(kernel ? (await Promise.all(halves().map(half))).flat() : []),
    ...(bun ? await leg('Bun', BUN_CASES) : []),
  ];
}

/** A folder for temporary files that is removed when this process ends. */
function scratchIn(parent: string): string {
  const folder = mkdtempSync(join(parent, 'tests-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Whether programs can be run from a folder: in a container it may be mounted `noexec`. */
function isExecutable(folder: string): boolean {
  const probe = join(folder, `tests-probe-${process.pid}`);
  try {
    writeFileSync(probe, '#!/bin/sh\n', { mode: 0o755 });
    return spawnSync(probe).status === 0;
  } catch {
    return false;
  } finally {
    rmSync(probe, { force: true });
  }
}

/**
 * Reports what tests did not clean up. Killed tests could not do so, which is a failure of its own.
 */
function leftBehind(): TestResult[] {
  const left = [...new Set([SCRATCH, MEMORY])].flatMap((folder) => readdirSync(folder));
  const ends = endsOfAdds().filter((name) => !ENDS_BEFORE.includes(name));
  return [
    ...(left.length === 0 ? [] : [`the folder for temporary files: ${left.sort().join(' ')}`]),
    ...(ends.length === 0 ? [] : [`${ENDS}: ${ends.sort().join(' ')}`]),
  ].map((what) => failure(`left in ${what}`));
}

function endsOfAdds(): string[] {
  return existsSync(ENDS) ? readdirSync(ENDS) : [];
}
