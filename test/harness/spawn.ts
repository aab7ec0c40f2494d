/**
 * Runs a program to its end, as `spawnSync` of Node does, by posix_spawn(3): the program shares the
 * memory of this process until it begins. Node forks, which copies the tables of all its memory:
 * some milliseconds on a host and some fifty in user-mode Linux, where tests start thousands of
 * programs.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, fstatSync, readSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Finished } from './program.ts';

export interface Spawned {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  readonly cwd?: string | undefined;
}

/** Bytes that a pipe takes before anybody reads; pipe(7). */
const PIPE = 65_536;

/** Output is text in UTF-8; a program that cannot be started is an error as Node reports it. */
export function spawn(path: string, args: readonly string[], options: Spawned): Finished {
  const { env, input = '', cwd } = options;
  const isPlain = cwd === undefined && Buffer.byteLength(input) < PIPE && !process.versions['bun'];
  const finished = isPlain ? bySharing(path, args, env, input) : undefined;
  return finished ?? byForking(path, args, options);
}

function byForking(path: string, args: readonly string[], { env, input, cwd }: Spawned): Finished {
  const run = spawnSync(path, args, { encoding: 'utf8', env, input, cwd, maxBuffer: 1 << 28 });
  // A program may end before it has read all of its input.
  if (run.error && (run.error as NodeJS.ErrnoException).code !== 'EPIPE') throw run.error;
  return { code: run.status ?? -1, stdout: run.stdout, stderr: run.stderr };
}

/** Undefined when the program did not start. */
function bySharing(
  path: string,
  args: readonly string[],
  env: Spawned['env'],
  input: string,
): Finished | undefined {
  const file = path.includes('/') ? path : found(path, env['PATH'] ?? '');
  if (file === undefined) return undefined;
  const c = (native ??= load());
  const [stdin, write] = c.pipe();
  const [read, stdout] = c.pipe();
  // A file, so that nobody waits for its reader.
  const stderr = c.memory();
  const words = Object.entries(env).filter((pair) => pair[1] !== undefined);
  writeSync(write, input);
  closeSync(write);
  const pid = c.start(
    file,
    [path, ...args],
    words.map((pair) => pair.join('=')),
    [stdin, stdout, stderr],
  );
  closeSync(stdin);
  closeSync(stdout);
  try {
    if (pid === undefined) return undefined;
    const text = readAll(read, null);
    const status = c.wait(pid);
    return { code: status, stdout: text, stderr: readAll(stderr, 0) };
  } finally {
    closeSync(read);
    closeSync(stderr);
  }
}

const found = (name: string, path: string): string | undefined =>
  path
    .split(':')
    .map((folder) => `${folder}/${name}`)
    .find((file) => existsSync(file));

/** What is left in a pipe, or a file from a position on. */
function readAll(fd: number, from: number | null): string {
  const pieces: Buffer[] = [];
  let at = from;
  for (;;) {
    const piece = Buffer.alloc(at === null ? PIPE : Math.max(1, fstatSync(fd).size - at));
    const length = readSync(fd, piece, 0, piece.length, at);
    if (length === 0) return Buffer.concat(pieces).toString('utf8');
    pieces.push(piece.subarray(0, length));
    if (at !== null) at += length;
  }
}

interface Native {
  /** pipe2(2): the end to read from, and the end to write to. */
  pipe(): [number, number];
  /** memfd_create(2) */
  memory(): number;
  /** posix_spawn(3) with the three standard descriptors; undefined where it fails. */
  start(
    file: string,
    argv: readonly string[],
    envp: readonly string[],
    standard: readonly number[],
  ): number | undefined;
  /** waitpid(2): the exit code, or -1 when a signal ended the program. */
  wait(pid: number): number;
}

let native: Native | undefined;

/* fcntl.h, linux/memfd.h, spawn.h */
const O_CLOEXEC = 0o2000000;
const MFD_CLOEXEC = 1;
const POSIX_SPAWN_SETSIGDEF = 4;
/** At least the size of posix_spawnattr_t, of posix_spawn_file_actions_t and of sigset_t. */
const ROOM = 512;

function load(): Native {
  const koffi = createRequire(import.meta.url)('koffi') as {
    load(path: null): { func(declaration: string): (...args: unknown[]) => number };
  };
  const library = koffi.load(null);
  const pipe2 = library.func('int pipe2(_Out_ int *fds, int flags)');
  const memfd = library.func('int memfd_create(const char *name, int flags)');
  const posixSpawn = library.func(
    'int posix_spawn(_Out_ int *pid, const char *path, void *actions, void *attributes, const char **argv, const char **envp)',
  );
  const initActions = library.func('int posix_spawn_file_actions_init(void *actions)');
  const destroyActions = library.func('int posix_spawn_file_actions_destroy(void *actions)');
  const addDup = library.func(
    'int posix_spawn_file_actions_adddup2(void *actions, int fd, int as)',
  );
  const waitpid = library.func('int waitpid(int pid, _Out_ int *status, int options)');
  // Node ignores some, and what is ignored would stay so.
  const attributes = Buffer.alloc(ROOM);
  const signals = Buffer.alloc(ROOM);
  signals.fill(0xff, 0, 8);
  library.func('int posix_spawnattr_init(void *attributes)')(attributes);
  library.func('int posix_spawnattr_setsigdefault(void *attributes, void *signals)')(
    attributes,
    signals,
  );
  library.func('int posix_spawnattr_setflags(void *attributes, short flags)')(
    attributes,
    POSIX_SPAWN_SETSIGDEF,
  );
  const checked = (call: string, result: number): number => {
    if (result < 0) throw new Error(`${call} failed`);
    return result;
  };
  return {
    pipe() {
      const fds = [0, 0];
      checked('pipe2', pipe2(fds, O_CLOEXEC));
      return fds as [number, number];
    },
    memory: () => checked('memfd_create', memfd('stderr', MFD_CLOEXEC)),
    start(file, argv, envp, standard) {
      const actions = Buffer.alloc(ROOM);
      initActions(actions);
      standard.forEach((fd, as) => addDup(actions, fd, as));
      const pid = [0];
      const error = posixSpawn(pid, file, actions, attributes, [...argv, null], [...envp, null]);
      destroyActions(actions);
      return error === 0 ? pid[0] : undefined;
    },
    wait(pid) {
      const status = [0];
      checked('waitpid', waitpid(pid, status, 0));
      const [word] = status as [number];
      return (word & 0x7f) === 0 ? word >> 8 : -1;
    },
  };
}
