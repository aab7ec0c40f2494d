/**
 * The least that an ADD can take on the runtime of our executables: all its calls of the C library, recorded once and made again from a
 * flat list by a compiled program that reads, checks and decides nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { cniEnvironment, execPlugin } from '../scripts/cni-runtime.ts';
import type { Namespace } from '../test/harness/namespace.ts';
import { callFor, type Program, timeCall } from './attach.ts';
import { executable, FOLDER } from './floor.ts';

export interface Library {
  readonly path: string;
  readonly signatures: Readonly<Record<string, { args: string[]; returns: string }>>;
}

export interface Call {
  /** Which of the libraries. */
  readonly library: number;
  readonly name: string;
  /** What points to memory is the memory, in base64, as it was before the call. */
  readonly args: readonly (number | null | { readonly bytes: string })[];
  readonly result: number | null;
}

export interface Recording {
  readonly libraries: readonly Library[];
  readonly calls: readonly Call[];
}

const ROOT = resolve(import.meta.dirname, '..');

/** Calls that end a wait of the program for itself; there is nothing to wait for. */
const WAITS = ['aio_error', 'aio_suspend'];
/** The argument into which a call writes. */
const WRITES: Readonly<Record<string, number>> = {
  read: 1,
  recv: 1,
  pread: 1,
  statfs: 1,
  statx: 4,
};
/** Calls whose result is a descriptor, by which later ones name it. */
const OPENS = ['open', 'socket'];
/** Calls that start with a descriptor. */
const TAKES_FD =
  /^(setsockopt|send|recv|setns|flock|close|read|write|pread|pwrite|fsync|fchmod|futimens|statx)$/;
const STDERR = 2;

/** Milliseconds of one round: the calls of an ADD for that container, which a DEL then undoes. */
export type Replay = () => number;

/** Records an ADD of the program, which must be ours, and compiles what makes its calls again. */
export function replayOf(program: Program, container: Namespace): Replay {
  const call = callFor('ADD', container);
  // Once before, so that bridge and lease directory are there.
  for (const command of ['ADD', 'DEL'] as const) timeCall(program, command, container);
  const recording = record(program, container);
  timeCall(program, 'DEL', container);
  const replay = executable('replay', () => flat(recording));
  return () => {
    const run = program.host.run(() => execPlugin(replay, call, program.network));
    if (run.code !== 0) throw new Error('not as many calls failed as when they were recorded');
    const [address] = container.ip('-4', 'address', 'show', 'up', 'dev', 'eth0');
    if (address === undefined) throw new Error('the recorded calls attached nothing');
    timeCall(program, 'DEL', container);
    return run.milliseconds;
  };
}

function record(program: Program, container: Namespace): Recording {
  mkdirSync(FOLDER, { recursive: true });
  const calls = join(FOLDER, 'calls.json');
  // A script is the plugin whose name it has.
  const script = join(FOLDER, 'bridge.ts');
  writeFileSync(script, `import ${JSON.stringify(join(ROOT, 'src/plugins/main.ts'))};\n`);
  const { status, stdout, stderr } = program.host.run(() =>
    spawnSync(
      join(ROOT, 'node_modules/.bin/bun'),
      ['--preload', join(ROOT, 'bench/replay/record.ts'), script],
      {
        input: JSON.stringify(program.network),
        encoding: 'utf8',
        env: {
          ...cniEnvironment(program.binary, callFor('ADD', container)),
          NETLINK_TS_CALLS: calls,
        },
        timeout: 60_000,
        killSignal: 'SIGKILL',
      },
    ),
  );
  if (status !== 0) throw new Error(`recording an ADD: ${stdout}${stderr}`);
  return JSON.parse(readFileSync(calls, 'utf8')) as Recording;
}

/** One statement for each call; the exit code tells whether as many fail as when they were recorded. */
function flat({ libraries, calls }: Recording): string {
  const memory: Uint8Array[] = [];
  let length = 0;
  const keep = (base64: string): string => {
    const bytes = Buffer.from(base64, 'base64');
    const at = length;
    const padded = new Uint8Array((bytes.length + 7) & ~7);
    padded.set(bytes);
    memory.push(padded);
    length += padded.length;
    return `p+${at}`;
  };
  const fds = new Map<number, string>();
  let failures = 0;
  const statements: string[] = [];
  for (const [at, { library, name, args, result }] of calls.entries()) {
    if (WAITS.includes(name)) continue;
    const words = args.map((arg, position) => {
      if (name === 'signal' && position === 1) return 'c0.umask.ptr';
      if (arg !== null && typeof arg === 'object') {
        return WRITES[name] === position ? 'o' : keep(arg.bytes);
      }
      const isFd = position === 0 && TAKES_FD.test(name) && Number(arg) > STDERR;
      return (isFd ? fds.get(Number(arg)) : undefined) ?? String(arg);
    });
    const expression = `c${library}.${name}(${words.join(',')})`;
    if (OPENS.includes(name)) {
      fds.set(Number(result), `f${at}`);
      statements.push(`const f${at}=${expression};`);
    } else if (name === 'recv' || libraries[library]!.signatures[name]!.returns === 'ptr') {
      // What comes by itself, an event, may not have come yet: a plugin waits for it.
      statements.push(`${expression};`);
    } else {
      if (Number(result) < 0) failures++;
      statements.push(`n+=${expression}<0;`);
    }
  }
  const opened = libraries.map(
    ({ path, signatures }, at) =>
      `const c${at}=Bun.FFI.dlopen(${JSON.stringify(path)},${JSON.stringify(signatures)}).symbols;`,
  );
  const blob = Buffer.concat(memory).toString('base64');
  return [
    ...opened,
    `const m=Uint8Array.fromBase64('${blob}'),p=Bun.FFI.ptr(m);`,
    'const b=new Uint8Array(32768),o=Bun.FFI.ptr(b);',
    'let n=0;',
    ...statements,
    `process.exit(n===${failures}?0:1);`,
    'export {};',
  ].join('\n');
}
