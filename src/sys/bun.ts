/** The C library on Bun, through its own `bun:ffi`. */
import { alarm } from './alarm.ts';
import {
  aiocb,
  controlInt,
  fType,
  msghdr,
  nlPid,
  pollfd,
  revents,
  senderOf,
  sockaddrNl,
  statfs,
  SIG_IGN,
} from './layout.ts';
import { answering, bunFfi, cstring, ERRNO, int, long, openLibc, type Symbols } from './bun-ffi.ts';
import { call, symbols } from './bun-symbols.ts';
import { NETLINK_LISTEN_ALL_NSID, SOL_NETLINK } from '../netlink/constants.ts';
import { EINPROGRESS } from './errno.ts';
import type { Libc } from './libc-types.ts';

/**
 * Opened separately: each function costs time when the library is opened, and plugins use none of
 * these.
 */
const RARE = {
  getsockname: int('i32', 'ptr', 'ptr'),
  getsockopt: int('i32', 'i32', 'i32', 'ptr', 'ptr'),
  recvmsg: long('i32', 'ptr', 'i32'),
  poll: int('ptr', 'u64_fast', 'i32'),
  unshare: int('i32'),
  mount: int('ptr', 'ptr', 'ptr', 'u64_fast', 'ptr'),
  umount2: int('ptr', 'i32'),
  ...ERRNO,
};
/** Opened separately, because the C library itself has them only since glibc 2.34. */
const AIO = {
  aio_write: int('ptr'),
  aio_fsync: int('i32', 'ptr'),
  aio_error: int('ptr'),
  aio_suspend: int('ptr', 'i32', 'ptr'),
  ...ERRNO,
};
/** include/uapi/asm-generic/fcntl.h */
const O_SYNC = 0o4010000;
/** For callers that have to wait for a lock. */
const ALARM = {
  abs: int('i32'),
  signal: { args: ['i32', 'ptr'], returns: 'ptr' },
  siginterrupt: int('i32', 'i32'),
  setitimer: int('i32', 'ptr', 'ptr'),
};

export function bunLibc(): Libc {
  const connect = call('connect');
  const setsockopt = call('setsockopt');
  const recvfrom = call('recvfrom');
  const statfsCall = call('statfs');
  let opened: Symbols | undefined;
  const rare = (name: keyof typeof RARE, ...args: unknown[]): number =>
    answering((opened ??= openLibc(RARE)), name)(...args);
  let openedAio: Symbols | undefined;
  const aio = (): Symbols => (openedAio ??= openLibc(AIO));
  return {
    socket: call('socket'),
    close: call('close'),
    connect: (fd, address) => connect(fd, address, address.length),
    getsockname: (fd, address) => rare('getsockname', fd, address, Uint32Array.of(address.length)),
    setsockopt: (fd, level, name, value) => setsockopt(fd, level, name, new Int32Array([value]), 4),
    getsockopt: (fd, level, name, value) =>
      rare('getsockopt', fd, level, name, value, Uint32Array.of(value.length)),
    send: call('send'),
    aioWrite(fd, bytes) {
      const block = aiocb(fd, bunFfi().ptr(bytes), bytes.length);
      try {
        const c = aio();
        if (answering(c, 'aio_write')(block) < 0) return undefined;
        return errnoOf(c, block);
      } catch {
        return undefined;
      }
    },
    aioFsync(fd) {
      const block = aiocb(fd, 0, 0);
      try {
        const c = aio();
        if (answering(c, 'aio_fsync')(O_SYNC, block) < 0) return undefined;
        const errno = errnoOf(c, block);
        return () => -errno(true);
      } catch {
        return undefined;
      }
    },
    read: call('read'),
    write: call('write'),
    recvmsg(fd, bytes, length, flags, about) {
      // The call that every plugin makes needs fewer functions and structs.
      if (about.length === 1) {
        const address = sockaddrNl();
        const size = Uint32Array.of(address.length);
        const received = recvfrom(fd, bytes, length, flags, address, size);
        about[0] = nlPid(address);
        return received;
      }
      const header = msghdr(bytes, length, bunFfi().ptr);
      const received = rare('recvmsg', fd, header, flags);
      about[0] = senderOf(header);
      about[1] = controlInt(header, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID);
      return received;
    },
    poll: (fd, events, timeout) => {
      const fds = pollfd(fd, events);
      const ready = rare('poll', fds, 1, timeout);
      return ready > 0 ? revents(fds) : ready;
    },
    setns: call('setns'),
    unshare: (flags) => rare('unshare', flags),
    mount: (source, target, type, flags) =>
      rare('mount', cstring(source), cstring(target), cstring(type), flags, null),
    umount: (target, flags) => rare('umount2', cstring(target), flags),
    flock: call('flock'),
    umask: call('umask'),
    signalToUmask: (number) => {
      const { signal, umask } = symbols();
      if (signal!(number, umask!.ptr) !== SIG_IGN) return true;
      signal!(number, SIG_IGN);
      return false;
    },
    interruptAfter: alarm(() => {
      const { abs, signal, siginterrupt, setitimer } = openLibc(ALARM);
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

/** The errno of an aiocb, as {@link Libc.aioWrite} returns it. */
function errnoOf(c: Symbols, block: Uint8Array): (wait: boolean) => number {
  const error = answering(c, 'aio_error');
  const suspend = answering(c, 'aio_suspend');
  return (wait) => {
    const list = BigUint64Array.of(BigInt(bunFfi().ptr(block)));
    // A signal ends the wait early.
    while (wait && error(block) === EINPROGRESS) suspend(list, 1, null);
    return error(block);
  };
}
