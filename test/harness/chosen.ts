/**
 * Which tests of a bundle are declared: those on the list that NETLINK_TS_CHOSEN names, or all
 * without one. What the others need is not even looked for, which inside user-mode Linux would take
 * longer than many a test.
 */
import { readFileSync } from 'node:fs';

/** Patterns of titles, which begin with the names of the file; a `*` stands for anything. */
export interface Chosen {
  readonly take: readonly string[];
  readonly leave: readonly string[];
}

const list = process.env['NETLINK_TS_CHOSEN'];
const chosen: Chosen =
  list === undefined
    ? { take: ['*'], leave: [] }
    : (JSON.parse(readFileSync(list, 'utf8')) as Chosen);
const isTaken = matcher(chosen.take);
const isLeft = matcher(chosen.leave);

let file = '';

/** Called by the bundle before the code of each test file. */
export function enterFile(title: string): void {
  file = title;
}

type Declare = (...args: unknown[]) => unknown;

/** What one declaration is given: a title, a body or a macro, and arguments of the macro. */
export interface Declared {
  readonly title: string;
  readonly body: unknown;
  readonly rest: readonly unknown[];
}

/** The title of a macro is computed, and prefixed by the file as AVA does when it runs many. */
export function declared(args: readonly unknown[]): Declared {
  const given = typeof args[0] === 'string' ? args[0] : undefined;
  const [body, ...rest] = given === undefined ? args : args.slice(1);
  const macro = body as {
    exec?: Declare;
    title?: (given: string | undefined, ...rest: unknown[]) => string;
  };
  if (typeof macro?.exec !== 'function') return { title: prefixed(given), body, rest };
  return { title: prefixed(macro.title?.(given, ...rest) ?? given), body: macro.exec, rest };
}

const prefixed = (title: string | undefined): string =>
  file === '' ? String(title) : `${file} › ${title}`;

export const isChosen = (title: string): boolean => isTaken(title) && !isLeft(title);

/** Whether a title is one of some patterns. */
export function matcher(patterns: readonly string[]): (title: string) => boolean {
  const complete = new Set(patterns);
  const wild = patterns
    .filter((pattern) => pattern.includes('*'))
    .map((pattern) => pattern.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    .map((pattern) => new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 's'));
  return (title) => complete.has(title) || wild.some((pattern) => pattern.test(title));
}
