/**
 * What a program costs on the engine of our executables before it has done anything: one made from
 * an empty file, and one with as many ordinary functions as an ADD calls, each called once. No
 * plugin in TypeScript can cost less.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { makeExecutable } from '../scripts/engine/executable.ts';
import type { Arch } from '../scripts/engine/objects.ts';

/** Where benches build what is not kept. */
export const FOLDER = resolve(import.meta.dirname, '../dist/bench');

/** The number that an ADD of `bridge` calls, with IPv4 on an existing bridge. */
export const FUNCTIONS = 460;

/** The path of an executable from an empty file, built as ours are. */
export const emptyExecutable = (): string =>
  executable('empty', () => 'host.exit(0);\nexport {};\n');

/** The same with {@link FUNCTIONS} functions, each called once. */
export const functionsExecutable = (): string => executable('functions', functionsSource);

/**
 * Builds a program of one file. Nothing can be built inside user-mode Linux, so the script that
 * starts it builds before.
 */
export function executable(name: string, source: () => string): string {
  const file = `${FOLDER}/${name}`;
  if (process.env['NETLINK_TS_PREPARED'] === '1' && existsSync(file)) return file;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${file}.ts`, source());
  makeExecutable(`${file}.ts`, file, process.arch as Arch);
  return file;
}

/**
 * About fifty instructions of bytecode each: a check, an object, a loop over a list, an error that
 * is not thrown.
 */
function functionsSource(): string {
  const names = Array.from({ length: FUNCTIONS }, (_, at) => at);
  const functions = names.map(
    (at) => `function f${at}(of, value) {
  const made = { a${at % 37}: value, b${at % 11}: of.k${at % 29}, next: value + 1 };
  if (typeof value !== 'number' || value < 0) throw new Error(\`\${value} in ${at}\`);
  let sum = 0;
  for (let at = 0; at < of.list.length; at++) sum += of.list[at] & ${at};
  of.k${(at * 7) % 29} = sum;
  return sum > 1e9 ? of.k1 : made.a${at % 37} + made.next;
}`,
  );
  const keys = Array.from({ length: 29 }, (_, at) => `k${at}: ${at}`);
  return [
    ...functions,
    `const of = { list: [1, 2, 3], ${keys.join(', ')} };`,
    'let total = 0;',
    ...names.map((at) => `total = (total + f${at}(of, total % 1000)) | 0;`),
    'host.exit(total < 0 ? 1 : 0);',
    'export {};',
  ].join('\n');
}
