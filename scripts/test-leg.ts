/** One leg of `npm test`: some programs that print TAP, on this kernel or inside user-mode Linux. */
import { type Command, type Run, runChild } from './child.ts';
import { parseTap, type TestResult } from './tap.ts';
import { quote, runInUml } from './uml.ts';

type Env = Readonly<Record<string, string>>;

/** Seconds that one leg may take; a kernel that hangs, or a test, must not keep the others from counting. */
const LIMIT = 900;
/** Everything is many times slower there. */
const UML_LIMIT = 3600;

/** Runs a program on this host. */
export const runHere = (command: Command, env: Env = {}): Promise<Run> =>
  runChild(command, { env, limit: LIMIT });

/** Runs programs one after the other inside one user-mode Linux; fails when one of them does. */
export function runInside(
  kernel: string,
  commands: readonly Command[],
  env: Env = {},
): Promise<Run> {
  const each = 'bad=0; while [ $# -gt 0 ]; do eval "$1" || bad=1; shift; done; exit $bad';
  const words = commands.map((command) => command.map(quote).join(' '));
  return runInUml(['bash', '-c', each, 'legs', ...words], { kernel, env, timeout: UML_LIMIT });
}

/**
 * Runs a leg of so many TAP programs and prints its line. What no single test accounts for, as a
 * program that died or ran nothing, becomes a failure under the leg's name.
 */
export async function runLeg(
  name: string,
  programs: number,
  run: () => Promise<Run>,
): Promise<TestResult[]> {
  const started = performance.now();
  const { code, output } = await run().catch((error: Error) => ({
    code: undefined,
    output: error.message,
  }));
  const report = parseTap(output);
  const tests = [...report.tests];
  const bad = code !== 0 && !tests.some(({ outcome }) => outcome === 'failed');
  if (report.finished < programs || bad) {
    tests.push(failure(`${name}: ${code === undefined ? 'cut short' : `exit ${code}`}`, output));
  } else if (tests.length === 0) {
    tests.push(failure(`${name}: ran no test`, output));
  } else if (report.noise !== '') {
    console.log(report.noise);
  }
  printLeg(name, tests, started, report.wants);
  return tests;
}

/** One line: what ran, for how long, and which features the skipped tests wanted. */
export function printLeg(
  name: string,
  tests: readonly TestResult[],
  started: number,
  wants: ReadonlyMap<string, number> = new Map(),
): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const reasons = [...wants].map(([feature, times]) => `${feature} ${times}`).join(', ');
  const why = reasons === '' ? '' : ` (for want of ${reasons})`;
  console.log(`${name.padEnd(32)} ${seconds.padStart(5)} s  ${summary(tests)}${why}`);
}

/** `N passed, N failed, N skipped` */
export function summary(tests: readonly TestResult[]): string {
  const count = (outcome: TestResult['outcome']): string =>
    `${tests.filter((test) => test.outcome === outcome).length} ${outcome}`;
  return `${count('passed')}, ${count('failed')}, ${count('skipped')}`;
}

export const failure = (title: string, detail = ''): TestResult => ({
  title,
  outcome: 'failed',
  detail,
});

/**
 * One result per title for tests that several kernels ran: the worst of those that were not skipped.
 * With `everywhere`, both kernels have had their turn, and a test that each of them skipped fails.
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
