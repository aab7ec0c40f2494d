/**
 * Makes one request of a program to the kernel fail, inside this process: the n-th message over
 * netlink, or the n-th file operation. Everything else works as usual, and the kernel is the real
 * one.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { libc, type Libc } from '../../src/sys/libc.ts';

export interface Attempt {
  /** What was made to fail; undefined when there were fewer than n. */
  readonly met: string | undefined;
  /** What the program threw. */
  readonly error: unknown;
}

/** Makes the n-th of something fail while the program runs. */
export type Fault = (ordinal: number, program: () => void) => Attempt;

/**
 * struct nlmsghdr: length (32 bits), type (16 bits). No family knows this type, so the kernel
 * refuses the message, and only that.
 */
const UNKNOWN_TYPE = 0x0fff;

/** The first type of nf_tables; those of rtnetlink are below. */
const NFT = 10 << 8;

/** The kernel refuses the n-th message, wherever in a datagram it is. */
export const refusedMessage: Fault = (ordinal, program) =>
  refuse(ordinal, program, (view, at) => !isFrame(view, at));

/**
 * The same for rtnetlink alone. An unknown message type for nf_tables would mean that the kernel
 * has no nf_tables, and the plugin would rightly continue without it.
 */
export const refusedRouteMessage: Fault = (ordinal, program) =>
  refuse(ordinal, program, (view, at) => view.getUint16(at + 4, true) < NFT && !isFrame(view, at));

function refuse(
  ordinal: number,
  program: () => void,
  counts: (view: DataView, at: number) => boolean,
): Attempt {
  const c = libc() as { -readonly [K in 'send']: Libc[K] };
  const { send } = c;
  let seen = 0;
  let met: string | undefined;
  c.send = (fd, bytes, length, flags) => {
    const datagram = bytes.slice(0, length);
    const view = new DataView(datagram.buffer);
    for (let at = 0; at < length; at += (view.getUint32(at, true) + 3) & ~3) {
      if (!counts(view, at) || ++seen !== ordinal) continue;
      met = `message ${ordinal}, of type ${view.getUint16(at + 4, true)}`;
      view.setUint16(at + 4, UNKNOWN_TYPE, true);
    }
    return send(fd, datagram, length, flags);
  };
  try {
    const error = thrownBy(program);
    return { error, met };
  } finally {
    c.send = send;
  }
}

/**
 * The two messages around a transaction of nf_tables: without them the transaction is not refused
 * but has a different meaning.
 */
const isFrame = (view: DataView, at: number): boolean =>
  view.getUint32(at, true) < 32 && [16, 17].includes(view.getUint16(at + 4, true));

const files = fs as unknown as Record<string, (...args: unknown[]) => unknown>;
const { readlinkSync } = fs;
/** All except the one that reports no error. */
const FILE_CALLS = Object.keys(files).filter(
  (name) => name.endsWith('Sync') && name !== 'existsSync',
);

/**
 * The n-th file operation is an input/output error, and does nothing. close(2) closes in any case,
 * and fails only for files on a disk, where data may still have to be written.
 */
export const failedFileCall: Fault = (ordinal, program) => {
  const originals = Object.fromEntries(FILE_CALLS.map((name) => [name, files[name]!]));
  let seen = 0;
  let met: string | undefined;
  for (const [name, original] of Object.entries(originals)) {
    files[name] = (...args) => {
      const closes = name === 'closeSync';
      if (closes && !isOnDisk(args[0])) return original(...args);
      if (++seen !== ordinal) return original(...args);
      met = `${name}(${String(args[0])})`;
      if (closes) original(...args);
      throw Object.assign(new Error(`EIO: i/o error, ${met}`), { code: 'EIO', errno: -5 });
    };
  }
  syncBuiltinESMExports();
  try {
    const error = thrownBy(program);
    return { error, met };
  } finally {
    Object.assign(files, originals);
    syncBuiltinESMExports();
  }
};

/** Linux 6.1 shows a namespace by the path that it was opened by. */
const isOnDisk = (fd: unknown): boolean =>
  /^\/(?!proc\/|run\/netns\/)/.test(readlinkSync(`/proc/self/fd/${String(fd)}`));

function thrownBy(program: () => void): unknown {
  try {
    program();
    return undefined;
  } catch (error) {
    return error;
  }
}
