/**
 * The functions of the C library that nearly every plugin calls, opened together. Opening the
 * library costs 0.1 ms each time and each function 5 µs, so rarely used functions are opened
 * separately.
 */
import { answering, ERRNO, int, long, openLibc, type Symbols } from './bun-ffi.ts';

const SIGNATURES = {
  socket: int('i32', 'i32', 'i32'),
  setsockopt: int('i32', 'i32', 'i32', 'ptr', 'u32'),
  send: long('i32', 'ptr', 'u64_fast', 'i32'),
  connect: int('i32', 'ptr', 'u32'),
  recvfrom: long('i32', 'ptr', 'u64_fast', 'i32', 'ptr', 'ptr'),
  setns: int('i32', 'i32'),
  statfs: int('ptr', 'ptr'),
  flock: int('i32', 'i32'),
  umask: int('i32'),
  signal: { args: ['i32', 'ptr'], returns: 'ptr' },
  open: int('ptr', 'i32', 'u32'),
  close: int('i32'),
  read: long('i32', 'ptr', 'u64_fast'),
  write: long('i32', 'ptr', 'u64_fast'),
  pread: long('i32', 'ptr', 'u64_fast', 'i64_fast'),
  pwrite: long('i32', 'ptr', 'u64_fast', 'i64_fast'),
  fsync: int('i32'),
  fchmod: int('i32', 'u32'),
  futimens: int('i32', 'ptr'),
  link: int('ptr', 'ptr'),
  rename: int('ptr', 'ptr'),
  unlink: int('ptr'),
  statx: int('i32', 'ptr', 'i32', 'u32', 'ptr'),
  ...ERRNO,
};

let opened: Symbols | undefined;

export const symbols = (): Symbols => (opened ??= openLibc(SIGNATURES));

/** One of these functions, wrapped so that it returns the negated errno when it fails. */
export function call(name: keyof typeof SIGNATURES): (...args: unknown[]) => number {
  return answering(symbols(), name);
}
