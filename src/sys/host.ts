/**
 * What the host of the executables (src/host/host.c) offers: system calls by their names, each of
 * which returns zero or more, or the negated errno; and functions that the engine does not have.
 */
import type { FileCalls } from './file-types.ts';

export interface Host extends FileCalls {
  /** The command line, and the environment as `NAME=value`. */
  readonly args: readonly string[];
  readonly environ: readonly string[];
  /** The path that was executed. */
  readonly path: string;
  readonly O_DIRECTORY: number;
  readonly O_NOFOLLOW: number;

  socket(domain: number, type: number, protocol: number): number;
  connect(fd: number, address: Uint8Array): number;
  getsockname(fd: number, address: Uint8Array): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array): number;
  send(fd: number, bytes: Uint8Array, length: number, flags: number): number;
  getsockopt(fd: number, level: number, name: number, value: Uint8Array): number;
  /** Writes the sender's address to `address`. */
  recvfrom(
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
  ): number;
  /** Polls all `struct pollfd` in the buffer. */
  poll(fds: Uint8Array, timeout: number): number;
  setns(fd: number, type: number): number;
  unshare(flags: number): number;
  mount(source: string, target: string, type: string, flags: number): number;
  umount(target: string, flags: number): number;

  mkdir(path: string, mode: number): number;
  readlink(path: string, bytes: Uint8Array, length: number): number;
  access(path: string, mode: number): number;
  statfs(path: string, buffer: Uint8Array): number;
  /** getdents64(2) */
  getdents(fd: number, bytes: Uint8Array, length: number): number;
  /** src/host/scan.h */
  scan(fd: number, since: number, characters: string, out: Uint8Array): number;
  removeUnchanged(fd: number, records: Uint8Array): number;
  flock(fd: number, operation: number): number;
  umask(mask: number): number;

  /** EPERM for a signal that is ignored. */
  signalToUmask(signal: number): number;
  interruptAfter(milliseconds: number): number;
  /** These two return a number to pass to `aioError`. */
  aioWrite(fd: number, bytes: Uint8Array): number;
  aioFsync(fd: number): number;
  /**
   * The errno of a background operation: EINPROGRESS until it is done. With `wait` other than zero,
   * blocks until then.
   */
  aioError(number: number, wait: number): number;

  getpid(): number;
  /** Fills the buffer; returns fewer bytes only when a signal interrupted it. */
  getrandom(bytes: Uint8Array, flags: number): number;
  pipe(fds: Uint8Array, flags: number): number;
  /** posix_spawn(3) with this process's environment; returns the process id. */
  spawn(stdin: number, stdout: number, stderr: number, path: string, ...args: string[]): number;
  /** wait4(2) */
  wait(pid: number, status: Uint8Array, options: number): number;
  kill(pid: number, signal: number): number;
  setenv(name: string, value: string): number;
  exit(code: number): never;

  /** Decodes UTF-8 as the engine does, which also accepts some invalid sequences. */
  decode(bytes: Uint8Array): string;
  /** A lone surrogate becomes three bytes that are not valid UTF-8. */
  encode(text: string): Uint8Array<ArrayBuffer>;
  /** CLOCK_MONOTONIC in milliseconds. */
  now(): number;
}

declare global {
  // Only a `var` becomes a property of the global object.
  var host: Host;
}
