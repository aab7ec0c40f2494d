/** The C library on Bun, through its own `bun:ffi`. */
import { alarm } from './alarm.ts';
import { fType, msghdr, pollfd, revents, statfs } from './layout.ts';
import type { Libc } from './libc.ts';

/** A function of the library, and where it is. */
type Symbols = Record<string, ((...args: unknown[]) => number) & { readonly ptr: number }>;

interface BunFfi {
  dlopen(
    path: string,
    symbols: Record<string, { args: string[]; returns: string }>,
  ): { symbols: Symbols };
  ptr(bytes: Uint8Array): number;
  read: { i32(pointer: number, offset: number): number };
}

const int = (...args: string[]) => ({ args, returns: 'i32' });
const SIGNATURES = {
  socket: int('i32', 'i32', 'i32'),
  bind: int('i32', 'ptr', 'u32'),
  getsockname: int('i32', 'ptr', 'ptr'),
  setsockopt: int('i32', 'i32', 'i32', 'ptr', 'u32'),
  send: { args: ['i32', 'ptr', 'u64_fast', 'i32'], returns: 'i64_fast' },
  recv: { args: ['i32', 'ptr', 'u64_fast', 'i32'], returns: 'i64_fast' },
  recvmsg: { args: ['i32', 'ptr', 'i32'], returns: 'i64_fast' },
  read: { args: ['i32', 'ptr', 'u64_fast'], returns: 'i64_fast' },
  write: { args: ['i32', 'ptr', 'u64_fast'], returns: 'i64_fast' },
  poll: int('ptr', 'u64_fast', 'i32'),
  setns: int('i32', 'i32'),
  unshare: int('i32'),
  mount: int('ptr', 'ptr', 'ptr', 'u64_fast', 'ptr'),
  umount2: int('ptr', 'i32'),
  flock: int('i32', 'i32'),
  umask: int('i32'),
  signal: { args: ['i32', 'ptr'], returns: 'ptr' },
  statfs: int('ptr', 'ptr'),
  __errno_location: { args: [], returns: 'ptr' },
};
/** Apart, because every function costs its time when the library is opened, and few have to wait. */
const ALARM = {
  abs: int('i32'),
  signal: { args: ['i32', 'ptr'], returns: 'ptr' },
  siginterrupt: int('i32', 'i32'),
  setitimer: int('i32', 'ptr', 'ptr'),
};

export function bunLibc(): Libc {
  // Node does not know this module, so it cannot be a plain import.
  const ffi = process.getBuiltinModule('bun:ffi') as unknown as BunFfi;
  const c = openLibc(ffi, SIGNATURES);
  const call = (name: keyof typeof SIGNATURES) => {
    const native = c[name]!;
    const errno = c['__errno_location']!;
    return (...args: unknown[]): number => {
      const result = native(...args);
      return result < 0 ? -ffi.read.i32(errno(), 0) : result;
    };
  };
  const cstring = (value: string): Uint8Array => new TextEncoder().encode(`${value}\0`);
  const bind = call('bind');
  const getsockname = call('getsockname');
  const setsockopt = call('setsockopt');
  const recvmsg = call('recvmsg');
  const poll = call('poll');
  const mount = call('mount');
  const umount = call('umount2');
  const statfsCall = call('statfs');
  return {
    socket: call('socket'),
    bind: (fd, address) => bind(fd, address, address.length),
    getsockname: (fd, address) => getsockname(fd, address, Uint32Array.of(address.length)),
    setsockopt: (fd, level, name, value) => setsockopt(fd, level, name, Int32Array.of(value), 4),
    send: call('send'),
    recv: call('recv'),
    read: call('read'),
    write: call('write'),
    recvmsg: (fd, bytes, control, flags) => recvmsg(fd, msghdr(bytes, control, ffi.ptr), flags),
    poll: (fd, events, timeout) => {
      const fds = pollfd(fd, events);
      const ready = poll(fds, 1, timeout);
      return ready > 0 ? revents(fds) : ready;
    },
    setns: call('setns'),
    unshare: call('unshare'),
    mount: (source, target, type, flags) =>
      mount(cstring(source), cstring(target), cstring(type), flags, null),
    umount: (target, flags) => umount(cstring(target), flags),
    flock: call('flock'),
    umask: call('umask'),
    signalToUmask: (number) => void c['signal']!(number, c['umask']!.ptr),
    interruptAfter: alarm(() => {
      const { abs, signal, siginterrupt, setitimer } = openLibc(ffi, ALARM);
      return {
        nothing: abs!.ptr,
        signal: signal!,
        siginterrupt: siginterrupt!,
        setitimer: setitimer!,
      };
    }),
    fstype: (path) => {
      const buffer = statfs();
      const result = statfsCall(cstring(path), buffer);
      return result < 0 ? result : fType(buffer);
    },
  };
}

/** glibc and musl under the names they have; the second is tried only where the first is missing. */
function openLibc(ffi: BunFfi, signatures: Parameters<BunFfi['dlopen']>[1]): Symbols {
  try {
    return ffi.dlopen('libc.so.6', signatures).symbols;
  } catch {
    return ffi.dlopen('libc.so', signatures).symbols;
  }
}
