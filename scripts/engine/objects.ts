/**
 * What is compiled once and kept: the engine for each architecture, and the bytecode compiler for
 * the machine that builds.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compileC, made, type Toolchain } from './toolchain.ts';

/** Architectures, as Node names them. */
export const TARGETS = { x64: 'x86_64-linux-musl', arm64: 'aarch64-linux-musl' } as const;
export type Arch = keyof typeof TARGETS;

export const ENGINE = ['quickjs', 'dtoa', 'libregexp', 'libunicode'] as const;

/** Flags for everything that is compiled. They keep paths of this machine out of the result. */
export const FLAGS = [
  '-O2',
  '-fstack-protector-strong',
  // zig keeps it for backtraces; without it an ADD takes three per cent fewer instructions.
  '-fomit-frame-pointer',
  '-fno-sanitize=all',
  '-ffunction-sections',
  '-fdata-sections',
  '-D_GNU_SOURCE',
] as const;

export const target = (arch: Arch): string[] => ['-target', TARGETS[arch]];

/** The engine's object files. */
export function engineObjects(tools: Toolchain, arch: Arch): string[] {
  const from = `${basename(tools.engine)}\n${FLAGS.join(' ')}`;
  const folder = made(tools, `engine-${arch}`, from, (into) => {
    for (const name of ENGINE) {
      // In the folder of the sources, so that no path of this machine gets into the object.
      const files = ['-c', `${name}.c`, '-o', join(into, `${name}.o`)];
      compileC(tools, tools.engine, ...target(arch), ...FLAGS, ...files);
    }
  });
  return ENGINE.map((name) => join(folder, `${name}.o`));
}

/** The program that compiles modules to bytecode, for this machine. */
export function bytecodeCompiler(tools: Toolchain): string {
  const arch = process.arch as Arch;
  const source = join(import.meta.dirname, 'compile.c');
  const text = readFileSync(source, 'utf8');
  const from = `${basename(tools.engine)}\n${FLAGS.join(' ')}\n${text}`;
  const folder = made(tools, 'compile', from, (into) => {
    const files = [source, ...engineObjects(tools, arch), '-o', join(into, 'compile')];
    compileC(tools, into, ...target(arch), ...FLAGS, '-static', '-I', tools.engine, ...files);
  });
  return join(folder, 'compile');
}
