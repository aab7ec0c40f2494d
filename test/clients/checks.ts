/**
 * Checks of a client, one line each: `ok` and what holds, or `FAIL`, what should hold, and the
 * program's own words. `run.ts` reads the lines, which come from another process, and for ipvlan
 * from another kernel.
 */
import { setTimeout } from 'node:timers/promises';
import { type Finished, program } from '../harness/program.ts';

export interface Outcome {
  readonly title: string;
  readonly holds: boolean;
  /** Why not. */
  readonly words: string;
}

/** Characters of a program's words. */
const LONGEST = 240;

let section = '';

/** What the titles of the following checks begin with. */
export function beginSection(name: string): void {
  section = `${name}, `;
}

export function check(title: string, holds: boolean, words = ''): void {
  const last = words.trim().split('\n').slice(-3).join(' | ');
  const why = last.length > LONGEST ? `${last.slice(0, LONGEST)}…` : last;
  const reason = holds || why === '' ? '' : `: ${why}`;
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${section}${title}${reason}`);
}

/** The line that `check` printed, or undefined when it is another. */
export function readOutcome(line: string): Outcome | undefined {
  const [, word, title, words] = /^(ok  |FAIL) (.*?)(?:: (.*))?$/.exec(line.trimEnd()) ?? [];
  if (title === undefined) return undefined;
  return { title, holds: word !== 'FAIL', words: words ?? '' };
}

const wordsOf = ({ code, stdout, stderr }: Finished): string =>
  `exit ${code} ${stdout.trim()} ${stderr.trim()}`;

/** A program that must succeed; returns what it printed. */
export function succeeds(title: string, command: string, ...args: string[]): string {
  const run = program(command, ...args);
  check(title, run.code === 0, wordsOf(run));
  return run.stdout.trim();
}

/** A program that must fail, with words that say why. */
export function fails(title: string, why: RegExp, command: string, ...args: string[]): void {
  const run = program(command, ...args);
  check(title, run.code !== 0 && why.test(run.stdout + run.stderr), wordsOf(run));
}

/**
 * Tries until it is true, for ten seconds at most: for what a program does some time after it was
 * started.
 */
export async function eventually(isTrue: () => boolean | Promise<boolean>): Promise<boolean> {
  for (const end = performance.now() + 10_000; ; await setTimeout(50)) {
    if (await isTrue()) return true;
    if (performance.now() > end) return false;
  }
}
