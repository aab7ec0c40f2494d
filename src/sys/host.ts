/**
 * What the host of the executables (src/host/host.c) offers: system calls by their names, each of
 * which answers zero or more, or the negated errno; and what the engine lacks of a language's
 * surroundings.
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
  /** `address` gets who sent it. */
  recvfrom(
    fd: number,
    bytes: Uint8Array,
    length: number,
    flags: number,
    address: Uint8Array,
  ): number;
  /** On all `struct pollfd` in the bytes. */
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
  flock(fd: number, operation: number): number;
  umask(mask: number): number;

  /** EPERM for a signal that is ignored. */
  signalToUmask(signal: number): number;
  interruptAfter(milliseconds: number): number;
  /** These two answer with a number for `aside`. */
  writeAside(fd: number, bytes: Uint8Array): number;
  syncAside(fd: number): number;
  /** The errno of what was begun: EINPROGRESS until it is done, unless `wait` is not zero. */
  aside(number: number, wait: number): number;

  getpid(): number;
  /** Fills the bytes; fewer only with a signal between. */
  getrandom(bytes: Uint8Array, flags: number): number;
  pipe(fds: Uint8Array, flags: number): number;
  /** posix_spawn(3) with the environment as it is here: the process id. */
  spawn(stdin: number, stdout: number, stderr: number, path: string, ...args: string[]): number;
  /** wait4(2) */
  wait(pid: number, status: Uint8Array, options: number): number;
  kill(pid: number, signal: number): number;
  setenv(name: string, value: string): number;
  exit(code: number): never;

  /** UTF-8 as the engine reads it, which is more than UTF-8. */
  decode(bytes: Uint8Array): string;
  /** A surrogate without its other half becomes three bytes that are no UTF-8. */
  encode(text: string): Uint8Array<ArrayBuffer>;
  /** CLOCK_MONOTONIC in milliseconds. */
  now(): number;
}

declare global {
  // Only a `var` becomes a property of the global object.
  var host: Host;
}
