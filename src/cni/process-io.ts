/**
 * The real process around a plugin: environment, stdin, stdout and stderr by plain system calls.
 *
 * Streams are avoided: the executables have none, and on Node touching `process.stdout` costs about
 * as much as the rest of the startup.
 */
import { EAGAIN, EINTR, errnoName, errnoText } from '../sys/errno.ts';
import { libc } from '../sys/libc.ts';
import { thisProcess } from '../sys/process.ts';
import type { PluginIo } from './skel.ts';

/** `include/uapi/asm-generic/poll.h` */
const POLLIN = 0x001;
const POLLOUT = 0x004;

/** Everything except `isOwnNetns`, which `netns.ts` provides. */
export function processIo(): Omit<PluginIo, 'isOwnNetns'> {
  return {
    env: thisProcess.env,
    args: thisProcess.args,
    readStdin: () => readAll(0),
    writeStdout: writingOnce(),
    writeStderr: (text) => {
      try {
        writeAll(2, text);
      } catch {
        // There is nowhere left to report it.
      }
    },
  };
}

/**
 * Writes to stdout. When a document was only partly written, nothing more is written: the output
 * would not be valid JSON.
 */
function writingOnce(): (text: string) => void {
  let stuck: unknown;
  return (text) => {
    if (stuck !== undefined) throw stuck;
    let written = 0;
    try {
      writeAll(1, text, (count) => (written += count));
    } catch (error) {
      if (written > 0) stuck = error;
      throw error;
    }
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
    const room = bytes.subarray(length);
    const count = libc().read(fd, room, room.length);
    if (count < 0) {
      waitOrFail(fd, POLLIN, count, 'read');
      continue;
    }
    if (count === 0) return bytes.subarray(0, length);
    length += count;
  }
}

function writeAll(fd: number, text: string, note = (_count: number): void => {}): void {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) {
    const count = libc().write(fd, bytes, bytes.length);
    if (count < 0) waitOrFail(fd, POLLOUT, count, 'write');
    else {
      note(count);
      bytes = bytes.subarray(count);
    }
  }
}

/**
 * Waits until a system call can be repeated, for a caller that handed us a non-blocking descriptor;
 * throws any other error.
 */
function waitOrFail(fd: number, events: number, result: number, name: string): void {
  if (result === -EAGAIN) libc().poll(fd, events, -1);
  else if (result !== -EINTR) {
    throw new Error(`${errnoName(-result)}: ${errnoText(-result)}, ${name}`);
  }
}
