/**
 * Reads the Test Anything Protocol as AVA and our Bun runner write it, line by line as it arrives.
 */

export interface TestResult {
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** The diagnostic lines of a failure, as they were printed. */
  readonly detail: string;
  /** Runs a failed test again on its own; absent where the program cannot choose tests. */
  readonly again?: () => Promise<TestResult>;
}

export interface TapReport {
  readonly tests: readonly TestResult[];
  /** How many test programs have finished, by their `1..N` lines. */
  readonly finished: number;
  /** Why tests were skipped, counted by missing kernel feature. */
  readonly wants: ReadonlyMap<string, number>;
  /** The test that began last, where the program reports it. */
  readonly running: string;
  /** Seconds that tests took, where the program reports when each begins. */
  readonly seconds: ReadonlyMap<string, number>;
  /** Everything else that was printed. */
  readonly noise: string;
}

export interface TapReader {
  /** Takes output as it comes, cut anywhere. */
  push(text: string): void;
  /** What has been read so far. */
  soFar(): TapReport;
  /** The final result; the last line may have no newline. */
  report(): TapReport;
}

/** The log of a test comes after its result. */
const TOLD = /^# {2,}/;
const TEST = /^(not )?ok \d+ - (.*?)(?: # (SKIP|TODO).*)?$/;
const WANT = /^# skipped for want of (.+?): /;
/** Written by `test/harness/bundled-ava.ts` when a test begins. */
const RUNNING = /^# running (.+)$/;
/**
 * The beginning of a program, and its comments: counts, names of hooks. The log of a test is
 * indented further.
 */
const KNOWN = /^(TAP version \d+|# \S.*|)$/;
/** A program that ended without saying why it left these out. */
const LEFT_OUT = /^# \d+ tests? remaining in /;

/** Calls `onTest` for each result as soon as all of it has been read. */
export function readTap(onTest: (result: TestResult) => void = () => {}): TapReader {
  const tests: TestResult[] = [];
  const wants = new Map<string, number>();
  const noise: string[] = [];
  let finished = 0;
  const seconds = new Map<string, number>();
  let running = '';
  let began = 0;
  let rest = '';
  /** A failure whose diagnostic lines may follow, and those that have: its log, then a block. */
  let failed: { readonly title: string; readonly detail: string[]; inBlock: boolean } | undefined;

  const add = (result: TestResult): void => {
    tests.push(result);
    onTest(result);
  };
  const begin = (title: string): void => {
    const now = performance.now();
    if (running !== '') seconds.set(running, (now - began) / 1000);
    running = title;
    began = now;
  };
  const endFailure = (): void => {
    if (failed === undefined) return;
    const { title, detail } = failed;
    failed = undefined;
    add({ title, outcome: 'failed', detail: detail.join('\n') });
  };
  const read = (line: string): void => {
    if (failed !== undefined && (failed.inBlock || line === '  ---' || TOLD.test(line))) {
      failed.detail.push(line);
      failed.inBlock ||= line === '  ---';
      if (line === '  ...') endFailure();
      return;
    }
    endFailure();
    const test = TEST.exec(line);
    const want = WANT.exec(line);
    if (test !== null) {
      const [, not, title = '', directive] = test;
      if (directive !== undefined) add({ title, outcome: 'skipped', detail: '' });
      else if (not === undefined) add({ title, outcome: 'passed', detail: '' });
      else failed = { title, detail: [], inBlock: false };
    } else if (want !== null) {
      wants.set(want[1]!, (wants.get(want[1]!) ?? 0) + 1);
    } else if (RUNNING.test(line)) {
      begin(RUNNING.exec(line)![1]!);
    } else if (/^1\.\.\d+$/.test(line)) {
      begin('');
      finished++;
    } else if (LEFT_OUT.test(line) || !KNOWN.test(line)) {
      noise.push(line);
    }
  };

  const soFar = (): TapReport => {
    return { tests, finished, wants, running, seconds, noise: noise.join('\n') };
  };
  return {
    soFar,
    push(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      lines.forEach(read);
    },
    report() {
      if (rest !== '') read(rest);
      rest = '';
      endFailure();
      return soFar();
    },
  };
}
