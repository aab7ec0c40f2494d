/** Reading the Test Anything Protocol as AVA and our Bun runner write it. */

export interface TestResult {
  readonly title: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** The diagnostic lines of a failure, as they were printed. */
  readonly detail: string;
}

export interface TapReport {
  readonly tests: readonly TestResult[];
  /** How many test programs came to their end, by their `1..N` lines. */
  readonly finished: number;
  /** Why tests were skipped, counted by missing kernel feature. */
  readonly wants: ReadonlyMap<string, number>;
  /** Everything else that was printed. */
  readonly noise: string;
}

const TEST = /^(not )?ok \d+ - (.*?)(?: # (SKIP|TODO).*)?$/;
const WANT = /^# skipped for want of (.+?): /;

/** Reads the whole output of one or several test programs. */
export function parseTap(text: string): TapReport {
  const tests: TestResult[] = [];
  const wants = new Map<string, number>();
  const noise: string[] = [];
  let finished = 0;
  let detail: string[] | undefined;
  for (const line of text.split('\n')) {
    if (detail !== undefined) {
      detail.push(line);
      if (line !== '  ...') continue;
      const failed = tests.at(-1)!;
      tests[tests.length - 1] = { ...failed, detail: detail.join('\n') };
      detail = undefined;
      continue;
    }
    const test = TEST.exec(line);
    const want = WANT.exec(line);
    if (test !== null) {
      const [, not, title, directive] = test;
      const outcome = directive !== undefined ? 'skipped' : not === undefined ? 'passed' : 'failed';
      tests.push({ title: title!, outcome, detail: '' });
    } else if (want !== null) {
      wants.set(want[1]!, (wants.get(want[1]!) ?? 0) + 1);
    } else if (line === '  ---') {
      detail = [line];
    } else if (/^1\.\.\d+$/.test(line)) {
      finished++;
    } else if (!/^(TAP version \d+|# \S.*|)$/.test(line)) {
      // `# ` and a word is a count or the name of a hook; what a test tells is indented further.
      noise.push(line);
    }
  }
  return { tests, finished, wants, noise: noise.join('\n') };
}
