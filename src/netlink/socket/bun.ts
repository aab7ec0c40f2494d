/** The C library on Bun, through its own `bun:ffi`. */
import { alarm } from './alarm.ts';
import { fType, msghdr, pollfd, revents, statfs } from './layout.ts';
import { bunFfi, caller, cstring, ERRNO, int, long, openLibc } from './bun-ffi.ts';
import type { Libc } from './libc.ts';

const SIGNATURES = {
  socket: int('i32', 'i32', 'i32'),
  bind: int('i32', 'ptr', 'u32'),
  getsockname: int('i32', 'ptr', 'ptr'),
  setsockopt: int('i32', 'i32', 'i32', 'ptr', 'u32'),
  send: long('i32', 'ptr', 'u64_fast', 'i32'),
  recv: long('i32', 'ptr', 'u64_fast', 'i32'),
  recvmsg: long('i32', 'ptr', 'i32'),
  read: long('i32', 'ptr', 'u64_fast'),
  write: long('i32', 'ptr', 'u64_fast'),
  poll: int('ptr', 'u64_fast', 'i32'),
  setns: int('i32', 'i32'),
  unshare: int('i32'),
  mount: int('ptr', 'ptr', 'ptr', 'u64_fast', 'ptr'),
  umount2: int('ptr', 'i32'),
  flock: int('i32', 'i32'),
  umask: int('i32'),
  signal: { args: ['i32', 'ptr'], returns: 'ptr' },
  statfs: int('ptr', 'ptr'),
  ...ERRNO,
};
/** Apart, because every function costs its time when the library is opened, and few have to wait. */
const ALARM = {
  abs: int('i32'),
  signal: { args: ['i32', 'ptr'], returns: 'ptr' },
  siginterrupt: int('i32', 'i32'),
  setitimer: int('i32', 'ptr', 'ptr'),
};

export function bunLibc(): Libc {
  const ffi = bunFfi();
  const c = openLibc(SIGNATURES);
  const call = caller(c);
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
