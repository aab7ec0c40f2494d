/**
 * The executables with AddressSanitizer and UndefinedBehaviorSanitizer: built by Debian's gcc,
 * because zig has no sanitizer runtimes for musl.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ENGINE } from './objects.ts';
import { made, type Toolchain } from './toolchain.ts';

export const HOST = resolve(import.meta.dirname, '../../src/host');
export const HOST_FILES = ['host', 'memory', 'scan'] as const;

const FLAGS = [
  '-O1',
  '-g',
  '-fsanitize=address,undefined',
  '-fno-sanitize-recover=all',
  '-std=gnu2x',
  '-D_GNU_SOURCE',
  '-w',
  // A C23 keyword that this gcc does not know yet.
  '-include',
  'stdbool.h',
] as const;

/** A plugin frees nothing when it exits. */
const OPTIONS = `
const char *__asan_default_options(void) { return "detect_leaks=0"; }
const char *__ubsan_default_options(void) { return "print_stacktrace=1"; }
`;

/** Links `modules.o` in `scratch` with host and engine. */
export function linkSanitized(tools: Toolchain, scratch: string, file: string): void {
  const from = `${basename(tools.engine)}\n${FLAGS.join(' ')}`;
  const engine = made(tools, 'engine-sanitized', from, (into) => {
    for (const name of ENGINE) gcc(tools.engine, '-c', `${name}.c`, '-o', join(into, `${name}.o`));
  });
  for (const name of HOST_FILES) {
    gcc(HOST, '-I', tools.engine, '-c', `${name}.c`, '-o', join(scratch, `${name}.o`));
  }
  writeFileSync(join(scratch, 'options.c'), OPTIONS);
  const objects = [...HOST_FILES.map((name) => `${name}.o`), 'modules.o'];
  const parts = [...objects, ...ENGINE.map((name) => join(engine, `${name}.o`))];
  gcc(scratch, '-no-pie', ...parts, 'options.c', '-lm', '-o', file);
}

function gcc(cwd: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync('gcc', [...FLAGS, ...args], {
    cwd,
    encoding: 'utf8',
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`gcc ${args.join(' ')}\n${stderr}`);
}
