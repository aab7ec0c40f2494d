/** Running a program to its end in the executables: pipes, posix_spawn(3), poll(2), wait4(2). */
import { ECHILD, EINTR, ENOBUFS, EPIPE, ETIMEDOUT } from './errno.ts';
import type { Ended, RunOptions, ThisProcess } from './process-types.ts';
import { engineRareFiles } from './engine-files.ts';
import { CONSTANTS, filesByCalls, O_CLOEXEC } from './files-by-calls.ts';
import './host.ts';

const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
const POLLIN = 1;
const POLLOUT = 4;
const SIGKILL = 9;
const SIGSTOP = 19;
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

/** What a program writes to one of its outputs, in chunks. */
interface Output {
  readonly fd: number;
  readonly pieces: Uint8Array[];
  length: number;
}

export function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions,
  own: ThisProcess['env'],
): Ended {
  const path = program.includes('/') ? program : inPath(program, own['PATH'] ?? '');
  // A value that was not changed reaches the program byte for byte.
  for (const [name, value] of Object.entries(options.env ?? {})) {
    if (value !== undefined && value !== own[name]) host.setenv(name, value);
  }
  const pipes: number[] = [];
  let pid: number;
  try {
    for (let i = 0; i < 3; i++) {
      const made = makePipe();
      if (typeof made === 'number') return notRun(-made);
      pipes.push(...made);
    }
    pid = host.spawn(pipes[0]!, pipes[3]!, pipes[5]!, path, ...args);
    if (pid < 0) return notRun(-pid);
    for (const theirs of [0, 3, 5]) closeOnce(pipes, theirs);
    return serve(pid, pipes, options);
  } finally {
    for (let i = 0; i < pipes.length; i++) closeOnce(pipes, i);
  }
}

const notRun = (errno: number): Ended => ({
  errno,
  stdout: new Uint8Array(0),
  stderr: new Uint8Array(0),
});

function closeOnce(fds: number[], index: number): void {
  if (fds[index]! >= 0) host.close(fds[index]!);
  fds[index] = -1;
}

function inPath(program: string, path: string): string {
  for (const folder of path.split(':')) {
    const file = `${folder || '.'}/${program}`;
    if (host.access(file, CONSTANTS.X_OK) === 0) return file;
  }
  return program;
}

/** A pipe's read end and write end, or the negated errno. */
function makePipe(): [number, number] | number {
  const view = new DataView(new ArrayBuffer(8));
  const result = host.pipe(new Uint8Array(view.buffer), O_CLOEXEC);
  return result < 0 ? result : [view.getInt32(0, LITTLE), view.getInt32(4, LITTLE)];
}

/** Writes the program's input and reads its outputs until it has closed both and has ended. */
function serve(pid: number, pipes: number[], { input, timeout, maxOutput }: RunOptions): Ended {
  const deadline = timeout === undefined ? Infinity : host.now() + timeout;
  const stdout: Output = { fd: 2, pieces: [], length: 0 };
  const stderr: Output = { fd: 4, pieces: [], length: 0 };
  let left = input;
  let errno: number | undefined;
  while (pipes[2]! >= 0 || pipes[4]! >= 0) {
    if (left.length === 0) closeOnce(pipes, 1);
    const ready = awaitAny(pipes, deadline);
    if (ready === undefined) {
      errno = ETIMEDOUT;
      break;
    }
    if (ready.has(1)) {
      // A writable pipe takes this much without blocking, pipe(7).
      const count = host.write(pipes[1]!, left, Math.min(left.length, 4096));
      if (count >= 0) left = left.subarray(count);
      // The program need not read its input.
      else if (count === -EPIPE) left = left.subarray(left.length);
      else if (count !== -EINTR) errno ??= -count;
    }
    for (const output of [stdout, stderr]) {
      if (ready.has(output.fd)) errno ??= listen(output, pipes);
    }
    if (stdout.length > maxOutput || stderr.length > maxOutput) errno ??= ENOBUFS;
    // If its input or its answer was cut off, the answer must not be trusted.
    if (errno !== undefined) break;
  }
  closeOnce(pipes, 1);
  if (errno !== undefined) killProgram(pid);
  const outputs = { stdout: whole(stdout), stderr: whole(stderr) };
  const status = waitFor(pid, deadline);
  if (status === undefined) errno ??= ETIMEDOUT;
  if (errno !== undefined) return { ...outputs, errno };
  const signal = status! & 0x7f;
  return signal === 0
    ? { ...outputs, status: (status! >> 8) & 0xff }
    : { ...outputs, signal: SIGNALS[signal] ?? `signal ${signal}` };
}

/** The pipes that are ready; undefined when the time is up. */
function awaitAny(pipes: readonly number[], deadline: number): Set<number> | undefined {
  const wanted = [1, 2, 4].filter((index) => pipes[index]! >= 0);
  const view = new DataView(new ArrayBuffer(8 * wanted.length));
  for (const [i, index] of wanted.entries()) {
    view.setInt32(8 * i, pipes[index]!, LITTLE);
    view.setInt16(8 * i + 4, index === 1 ? POLLOUT : POLLIN, LITTLE);
  }
  const left = deadline === Infinity ? -1 : Math.ceil(deadline - host.now());
  if (left <= 0 && left !== -1) return undefined;
  const ready = host.poll(new Uint8Array(view.buffer), left);
  if (ready === 0) return undefined;
  return new Set(wanted.filter((_, i) => view.getInt16(8 * i + 6, LITTLE) !== 0));
}

/** Reads what is there; returns the errno when that fails. */
function listen(output: Output, pipes: number[]): number | undefined {
  const room = new Uint8Array(64 * 1024);
  const count = host.read(pipes[output.fd]!, room, room.length);
  if (count === 0) closeOnce(pipes, output.fd);
  if (count < 0) return count === -EINTR ? undefined : -count;
  output.pieces.push(room.subarray(0, count));
  output.length += count;
  return undefined;
}

function whole({ pieces, length }: Output): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/**
 * The exit status from wait4(2); undefined when the program had to be killed because it kept
 * running after closing its outputs.
 */
function waitFor(pid: number, deadline: number): number | undefined {
  const view = new DataView(new ArrayBuffer(4));
  const status = new Uint8Array(view.buffer);
  const left = Math.ceil(deadline - host.now());
  if (left !== Infinity) host.interruptAfter(Math.max(left, 1));
  let isKilled = false;
  try {
    for (;;) {
      const result = host.wait(pid, status, 0);
      if (result === pid) return isKilled ? undefined : view.getInt32(0, LITTLE);
      if (result === -ECHILD) return undefined;
      if (host.now() < deadline) continue;
      killProgram(pid);
      isKilled = true;
    }
  } finally {
    if (left !== Infinity) host.interruptAfter(0);
  }
}

/**
 * Kills a program and its descendants. It has no process group of its own, because a signal to
 * ours, from a terminal or from timeout(1), would then not reach it. Where /proc belongs to another
 * PID namespace, its numbers mean other processes, and only the program itself is killed.
 */
function killProgram(pid: number): void {
  if (childrenOf('self').includes(pid)) killWithChildren(pid);
  else host.kill(pid, SIGKILL);
}

function killWithChildren(pid: number): void {
  // Stopped, it starts nothing more.
  host.kill(pid, SIGSTOP);
  for (const child of childrenOf(pid)) killWithChildren(child);
  host.kill(pid, SIGKILL);
}

/** None where the kernel does not list them (CONFIG_PROC_CHILDREN), or where /proc is missing. */
function childrenOf(pid: number | 'self'): number[] {
  const files = filesByCalls(host, engineRareFiles());
  const tasks = `/proc/${pid}/task`;
  try {
    const lists = files
      .readdirSync(tasks)
      .map((task) => files.readFileSync(`${tasks}/${task}/children`, 'utf8'));
    return lists.join(' ').split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
