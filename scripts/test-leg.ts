/**
 * One leg of `npm test`: a program that prints TAP, on this kernel or inside user-mode Linux.
 *
 * A leg may take any time, as long as it makes progress: machines differ by a factor of ten, and a
 * loaded one by more. It prints each failure as it happens, its progress now and then, and one line
 * at the end.
 */
import { type Command, type Run, runChild } from './child.ts';
import { readTap, type TapReport, type TestResult } from './tap.ts';
import { quote } from './guest.ts';
import { runInQemu } from './qemu.ts';
import { runInUml } from './uml.ts';

type Env = Readonly<Record<string, string>>;
type Listener = (text: string) => void;
type Print = (text: string) => void;

/**
 * Seconds without output after which a leg counts as hanging. AVA gives up on a test before that,
 * and names it.
 */
const SILENCE = 1200;
/** Seconds between two lines about the progress of a leg. */
const PROGRESS = 60;

/** A program that runs tests. */
export interface Leg {
  readonly name: string;
  readonly command: Command;
  /** The titles that it is to run, with wildcards; undefined for a program that cannot choose. */
  readonly match?: readonly string[];
  run(command: Command, onOutput: Listener): Promise<Run>;
}

/** How many of the slowest tests a leg names at its end. */
const SLOWEST = 5;

/** Runs a program on this host. */
export const runHere = (command: Command, env: Env = {}, onOutput?: Listener): Promise<Run> =>
  runChild(command, { env, silence: SILENCE, ...(onOutput && { onOutput }) });

/** Runs a program inside a separate user-mode Linux. */
export function runInside(
  kernel: string,
  command: Command,
  env: Env,
  onOutput: Listener,
): Promise<Run> {
  const words = command.map(quote).join(' ');
  return runInUml(['bash', '-c', words], { kernel, env, silence: SILENCE, onOutput });
}

/** Runs a program inside Debian's kernel, on an emulated machine. */
export const runEmulated = (command: Command, env: Env, onOutput: Listener): Promise<Run> =>
  runInQemu(command, { env, silence: SILENCE, onOutput });

/**
 * Runs a leg and prints its line. Failures that belong to no single test (a program crashed, ran
 * nothing or left tests out) are reported under the leg's name.
 */
export async function runLeg(leg: Leg, print: Print = console.log): Promise<TestResult[]> {
  const started = performance.now();
  const { name } = leg;
  const tap = readTap((test) => {
    if (test.outcome === 'failed') printFailure(print, test, name);
  });
  const progress = setInterval(() => print(progressOf(name, tap.soFar())), PROGRESS * 1000);
  const ended = await runTests(leg, leg.match, tap.push).catch((error: Error) => error);
  clearInterval(progress);
  const report = tap.report();
  const tests = report.tests.map((test) => withSecondRun(leg, test));
  const problem = problemOf(ended, report);
  if (problem !== undefined) {
    const where = report.running === '' ? '' : `the last test that began: ${report.running}\n`;
    tests.push(failure(`${name}: ${problem}`, where + report.noise, print));
  } else if (report.noise !== '') {
    print(report.noise);
  }
  print(lineOf(name, tests, started, report.wants));
  slowest(report).forEach((line) => print(line));
  return tests;
}

const runTests = (leg: Leg, match: readonly string[] = [], onOutput: Listener): Promise<Run> =>
  leg.run([...leg.command, ...match.flatMap((title) => ['--match', title])], onOutput);

function withSecondRun(leg: Leg, test: TestResult): TestResult {
  if (test.outcome !== 'failed' || leg.match === undefined) return test;
  // AVA matches titles without the names of files, a bundle has them in the title.
  const own = test.title
    .split(' › ')
    .at(-1)!
    .replaceAll(/[\\*]/g, String.raw`\$&`);
  return {
    ...test,
    async again() {
      const tap = readTap();
      await runTests(leg, [`*${own}`], tap.push);
      const { tests } = tap.report();
      const failed = tests.find(({ outcome }) => outcome === 'failed');
      const passed = tests.find(
        ({ title, outcome }) => title === test.title && outcome === 'passed',
      );
      return failed ?? passed ?? test;
    },
  };
}

/** More failed tests than this are no accident. */
const ACCIDENTS = 5;

/**
 * Runs failed tests a second time, when nothing else runs. One that passes depends on how fast or
 * busy the machine is: it is reported as unsteady, and does not fail the run.
 */
export async function runFailedAgain(
  tests: readonly TestResult[],
  print: Print = console.log,
): Promise<readonly TestResult[]> {
  const failed = tests.filter(({ outcome }) => outcome === 'failed');
  if (failed.length > ACCIDENTS || !failed.every(({ again }) => again !== undefined)) return tests;
  const results = new Map<TestResult, TestResult>();
  for (const test of failed) {
    const second = await test.again!();
    results.set(test, second);
    if (second.outcome === 'passed')
      print(`UNSTEADY ${test.title}: failed, then passed on its own`);
    else printFailure(print, second, 'second run');
  }
  return tests.map((test) => results.get(test) ?? test);
}

/** What went wrong in a leg apart from failed tests. */
function problemOf(ended: Run | Error, { tests, finished, noise }: TapReport): string | undefined {
  if (ended instanceof Error) return ended.message;
  const left = /^# (\d+ tests? remaining in .*)$/m.exec(noise);
  if (left !== null) return left[1];
  if (ended.code === undefined) return 'cut short';
  if (finished === 0) return `exit ${ended.code} before the end of the tests`;
  if (tests.length === 0) return 'ran no test';
  const failed = tests.some(({ outcome }) => outcome === 'failed');
  return ended.code !== 0 && !failed ? `exit ${ended.code}, and no test failed` : undefined;
}

function printFailure(print: Print, { title, detail }: TestResult, leg?: string): void {
  print(`\nFAILED ${title}${leg === undefined ? '' : ` (${leg})`}\n${detail}\n`);
}

function progressOf(name: string, { tests, running }: TapReport): string {
  const now = running === '' ? '' : `; now ${running}`;
  return `${name}: ${summary(tests)}${now}`;
}

/** One line: what ran, for how long, and which features the skipped tests wanted. */
export function lineOf(
  name: string,
  tests: readonly TestResult[],
  started: number,
  wants: ReadonlyMap<string, number> = new Map(),
): string {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const reasons = [...wants].map(([feature, times]) => `${feature} ${times}`).join(', ');
  const why = reasons === '' ? '' : ` (for want of ${reasons})`;
  return `${name.padEnd(32)} ${seconds.padStart(5)} s  ${summary(tests)}${why}`;
}

/** The tests that took longest, a line each. */
function slowest({ seconds }: TapReport): string[] {
  return [...seconds]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SLOWEST)
    .map(([title, time]) => `${time.toFixed(1).padStart(9)} s  ${title}`);
}

/** `N passed, N failed, N skipped` */
export function summary(tests: readonly TestResult[]): string {
  const count = (outcome: TestResult['outcome']): string =>
    `${tests.filter((test) => test.outcome === outcome).length} ${outcome}`;
  return `${count('passed')}, ${count('failed')}, ${count('skipped')}`;
}

/** A failure that no test program reports; printed at once, as those are. */
export function failure(title: string, detail = '', print: Print = console.log): TestResult {
  const result: TestResult = { title, outcome: 'failed', detail };
  printFailure(print, result);
  return result;
}

/**
 * One result per title for tests that several kernels ran: the worst of those that were not
 * skipped. With `everywhere`, both kernels have run, and a test that both of them skipped fails.
 */
export function mergeKernels(tests: readonly TestResult[], everywhere: boolean): TestResult[] {
  const rank = { skipped: 0, passed: 1, failed: 2 };
  const byTitle = new Map<string, TestResult>();
  for (const test of tests) {
    const other = byTitle.get(test.title);
    if (other === undefined || rank[test.outcome] > rank[other.outcome]) {
      byTitle.set(test.title, test);
    }
  }
  return [...byTitle.values()].map((test) =>
    everywhere && test.outcome === 'skipped'
      ? failure(`${test.title}: ran on neither kernel`)
      : test,
  );
}
