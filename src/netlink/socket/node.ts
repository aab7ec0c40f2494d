/** The C library on Node, through koffi (an FFI with prebuilt binaries for glibc and musl). */
import { createRequire } from 'node:module';
import { fType, msghdr, pollfd, revents, statfs } from './layout.ts';
import type { Libc } from './libc.ts';

interface Koffi {
  load(path: string | null): { func(declaration: string): (...args: unknown[]) => number };
  errno(): number;
  address(bytes: Uint8Array): bigint;
}

export function nodeLibc(): Libc {
  // `require`, not `import`: a bundle for Bun must not hold koffi, and only who opens a socket pays for loading it.
  const koffi = createRequire(import.meta.url)('koffi') as Koffi;
  const library = koffi.load(null);
  const call = (declaration: string) => {
    const native = library.func(declaration);
    return (...args: unknown[]): number => {
      const result = native(...args);
      return result < 0 ? -koffi.errno() : result;
    };
  };
  const bind = call('int bind(int fd, void *address, uint32_t length)');
  const getsockname = call('int getsockname(int fd, void *address, void *length)');
  const setsockopt = call(
    'int setsockopt(int fd, int level, int name, void *value, uint32_t length)',
  );
  const recvmsg = call('long recvmsg(int fd, void *message, int flags)');
  const poll = call('int poll(void *fds, unsigned long count, int timeout)');
  const mount = call(
    'int mount(str source, str target, str type, unsigned long flags, void *data)',
  );
  const statfsCall = call('int statfs(str path, void *buffer)');
  return {
    socket: call('int socket(int domain, int type, int protocol)'),
    bind: (fd, address) => bind(fd, address, address.length),
    getsockname: (fd, address) => getsockname(fd, address, Uint32Array.of(address.length)),
    setsockopt: (fd, level, name, value) => setsockopt(fd, level, name, Int32Array.of(value), 4),
    send: call('long send(int fd, void *bytes, size_t length, int flags)'),
    recv: call('long recv(int fd, void *bytes, size_t length, int flags)'),
    recvmsg: (fd, bytes, control, flags) =>
      recvmsg(fd, msghdr(bytes, control, koffi.address), flags),
    poll: (fd, events, timeout) => {
      const fds = pollfd(fd, events);
      const ready = poll(fds, 1, timeout);
      return ready > 0 ? revents(fds) : ready;
    },
    setns: call('int setns(int fd, int type)'),
    unshare: call('int unshare(int flags)'),
    mount: (source, target, type, flags) => mount(source, target, type, flags, null),
    umount: call('int umount2(str target, int flags)'),
    flock: call('int flock(int fd, int operation)'),
    fstype: (path) => {
      const buffer = statfs();
      const result = statfsCall(path, buffer);
      return result < 0 ? result : fType(buffer);
    },
  };
}
