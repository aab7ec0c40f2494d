/**
 * The process around a plugin as it really is: environment, stdin, stdout and stderr by plain system calls.
 *
 * Streams are avoided because touching `process.stdout` costs about as much as the rest of the start.
 */
import { readSync, writeSync } from 'node:fs';
import { libc } from '../../netlink/socket/libc.ts';
import { isOwnNetns } from './netns.ts';
import type { PluginIo } from './skel.ts';

/** `include/uapi/asm-generic/poll.h` */
const POLLIN = 0x001;
const POLLOUT = 0x004;

export function processIo(): PluginIo {
  return {
    env: process.env,
    readStdin: () => readAll(0),
    writeStdout: (text) => writeAll(1, text),
    writeStderr: (text) => {
      try {
        writeAll(2, text);
      } catch {
        // Nobody is left to tell.
      }
    },
    isOwnNetns,
  };
}

function readAll(fd: number): Uint8Array {
  let bytes = new Uint8Array(16 * 1024);
  let length = 0;
  for (;;) {
    if (length === bytes.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(bytes);
      bytes = larger;
    }
    const count = whenReady(fd, POLLIN, () =>
      readSync(fd, bytes, length, bytes.length - length, null),
    );
    if (count === 0) return bytes.subarray(0, length);
    length += count;
  }
}

function writeAll(fd: number, text: string): void {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0)
    bytes = bytes.subarray(whenReady(fd, POLLOUT, () => writeSync(fd, bytes)));
}

/** Does a system call again once the descriptor is ready, for a caller who handed us a non-blocking one. */
function whenReady(fd: number, events: number, call: () => number): number {
  for (;;) {
    try {
      return call();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EOF') return 0;
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      libc().poll(fd, events, -1);
    }
  }
}
