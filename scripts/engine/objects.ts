/**
 * What is compiled once and kept: the engine for each architecture, and the bytecode compiler for
 * the machine that builds.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compileC, type Toolchain } from './toolchain.ts';

/** Architectures, as Node names them. */
export const TARGETS = { x64: 'x86_64-linux-musl', arm64: 'aarch64-linux-musl' } as const;
export type Arch = keyof typeof TARGETS;

export const ENGINE = ['quickjs', 'dtoa', 'libregexp', 'libunicode'] as const;

/** Flags for everything that is compiled. They keep paths of this machine out of the result. */
export const FLAGS = [
  '-O2',
  '-fstack-protector-strong',
  // zig keeps it for backtraces; without it an ADD takes three per cent less instructions.
  '-fomit-frame-pointer',
  '-fno-sanitize=all',
  '-ffunction-sections',
  '-fdata-sections',
  '-D_GNU_SOURCE',
] as const;

export const target = (arch: Arch): string[] => ['-target', TARGETS[arch]];

/** The engine's object files. */
export function engineObjects(tools: Toolchain, arch: Arch): string[] {
  const folder = made(tools, `engine-${arch}`, FLAGS.join(' '), (into) => {
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
  const folder = made(tools, 'compile', `${FLAGS.join(' ')}\n${text}`, (into) => {
    const files = [source, ...engineObjects(tools, arch), '-o', join(into, 'compile')];
    compileC(tools, into, ...target(arch), ...FLAGS, '-static', '-I', tools.engine, ...files);
  });
  return join(folder, 'compile');
}

/** A folder of the cache that is complete or missing, named by the hash of what it is made from. */
export function made(
  { cache }: Toolchain,
  name: string,
  from: string,
  make: (into: string) => void,
): string {
  const hash = createHash('sha256').update(from).digest('hex').slice(0, 16);
  const folder = join(cache, `${name}-${hash}`);
  if (existsSync(folder)) return folder;
  const scratch = `${folder}.${process.pid}`;
  try {
    mkdirSync(scratch, { recursive: true });
    make(scratch);
    renameSync(scratch, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return folder;
}
