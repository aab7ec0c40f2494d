/**
 * One static file from TypeScript: esbuild bundles the sources into modules, the engine's own
 * compiler makes bytecode of each, and host, engine and bytecode are linked. The same sources yield
 * the same bytes.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Arch, bytecodeCompiler, engineObjects, FLAGS, target } from './objects.ts';
import { HOST, HOST_FILES, linkSanitized } from './sanitized.ts';
import { compileC, type Toolchain, toolchain } from './toolchain.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/**
 * Makes `file` from a TypeScript source, the entry point, and everything that it imports;
 * `sanitized` is for this machine, and neither static nor small.
 */
export function makeExecutable(
  source: string,
  file: string,
  arch: Arch,
  { sanitized = false } = {},
): void {
  const tools = toolchain();
  const scratch = resolve(`${file}.parts`);
  try {
    mkdirSync(scratch, { recursive: true });
    const modules = bundle(source, join(scratch, 'js'));
    compileModules(tools, scratch, arch, modules);
    mkdirSync(dirname(file), { recursive: true });
    if (sanitized) linkSanitized(tools, scratch, resolve(file));
    else link(tools, scratch, arch, resolve(file));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/**
 * The names of the modules, the entry first. Runs in a separate process, because esbuild has no
 * synchronous call with plugins.
 */
function bundle(source: string, into: string): string[] {
  const script = join(import.meta.dirname, 'bundle.ts');
  return run(process.execPath, [script, source, into], ROOT).trim().split('\n');
}

const compile = (arch: Arch): string[] => [
  ...target(arch),
  ...FLAGS,
  '-std=c23',
  '-Wno-c23-extensions',
  '-I',
  HOST,
];

/** `modules.o`, which embeds the bytecode of each. */
function compileModules(
  tools: Toolchain,
  scratch: string,
  arch: Arch,
  names: readonly string[],
): void {
  const args = names.flatMap((name, at) => [`js/${name}`, name, `${at}.bytecode`]);
  run(bytecodeCompiler(tools), args, scratch);
  const text = [
    '#include "host.h"',
    ...names.map((_, at) => `static const unsigned char m${at}[] = {\n#embed "${at}.bytecode"\n};`),
    'const struct module modules[] = {',
    ...names.map((name, at) => `  {"${name}", m${at}, sizeof m${at}},`),
    '  {0},',
    '};',
    '',
  ];
  writeFileSync(join(scratch, 'modules.c'), text.join('\n'));
  // Each in its own folder, so that no path of this machine gets into the file.
  compileC(tools, scratch, ...compile(arch), '-c', 'modules.c', '-o', 'modules.o');
}

function link(tools: Toolchain, scratch: string, arch: Arch, file: string): void {
  for (const name of HOST_FILES) {
    const files = ['-c', `${name}.c`, '-o', join(scratch, `${name}.o`)];
    compileC(tools, HOST, ...compile(arch), '-I', tools.engine, ...files);
  }
  const linking = ['-static', '-s', '-Wl,--gc-sections', '-Wl,-z,relro,-z,now'];
  const objects = [...HOST_FILES.map((name) => `${name}.o`), 'modules.o'];
  const parts = [...objects, ...engineObjects(tools, arch)];
  // With the same flags as everything else, so that zig uses the C library that it has built
  // already.
  compileC(tools, scratch, ...target(arch), ...FLAGS, ...linking, ...parts, '-o', file);
}

function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}\n${stderr}`);
  return stdout;
}
