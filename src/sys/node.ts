/** The C library on Node, through koffi (an FFI with prebuilt binaries for glibc and musl). */
import { NETLINK_LISTEN_ALL_NSID, SOL_NETLINK } from '../netlink/constants.ts';
import { alarm } from './alarm.ts';
import { controlInt, fType, msghdr, pollfd, revents, senderOf, SIG_IGN, statfs } from './layout.ts';
import type { Libc } from './libc-types.ts';
import type { WhenReadable } from './readable.ts';

/** The part of koffi that is used here. */
interface Koffi {
  load(path: string | null): { func(declaration: string): (...args: unknown[]) => number };
  errno(): number;
  address(bytes: Uint8Array): bigint;
  readonly node: {
    /** Calls back from the event loop; the poll is closed when its thread ends. */
    poll(fd: number, events: { readable: boolean }, callback: () => void): { close(): void };
  };
}

/** The FFI and the C library, loaded on first use: koffi takes some milliseconds. */
interface Native {
  readonly koffi: Koffi;
  readonly library: ReturnType<Koffi['load']>;
  readonly require: NodeJS.Require;
}

let loaded: Native | undefined;

function native(): Native {
  if (loaded !== undefined) return loaded;
  // Through `require`, not `import`: a bundle for Bun must contain neither koffi nor the code that
  // looks for it.
  const { createRequire } = process.getBuiltinModule('node:module');
  // A user's CommonJS bundle has no `import.meta`; there the FFI is next to the program.
  const here = (import.meta.url as string | undefined) ?? process.argv[1] ?? `${process.cwd()}/`;
  const require = createRequire(here);
  const koffi = require('koffi') as Koffi;
  return (loaded = { koffi, library: koffi.load(null), require });
}

/* dlopen(3) */
const RTLD_NOW = 2;
const RTLD_NODELETE = 0x1000;

let pinned = false;

/**
 * Keeps the FFI loaded. Node unloads it with the last thread that loaded it, and only then closes
 * the polls of that thread, which call a function in it: terminating a worker crashed the process.
 */
function pin({ library, require }: Native): void {
  const open = library.func('void *dlopen(str path, int flags)');
  for (const path of Object.keys(require.cache)) {
    if (/koffi[^/]*\.node$/.test(path)) open(path, RTLD_NOW | RTLD_NODELETE);
  }
  pinned = true;
}

function call(declaration: string): (...args: unknown[]) => number {
  let bound: ((...args: unknown[]) => number) | undefined;
  return (...args) => {
    bound ??= native().library.func(declaration);
    const result = bound(...args);
    return result < 0 ? -native().koffi.errno() : result;
  };
}

/** For calls that Node offers itself: returns the error as a number. */
function errnoOf(run: () => number): number {
  try {
    return run();
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    return errno;
  }
}

/**
 * uv_poll(3) on a descriptor of ours, through the FFI: libuv has no handle type for a netlink
 * socket.
 */
export const nodeWhenReadable: WhenReadable = (fd, done) => {
  const end = (): void => handle.close();
  if (!pinned) pin(native());
  const handle = native().koffi.node.poll(fd, { readable: true }, () => {
    end();
    done();
  });
  return end;
};

export function nodeLibc(): Libc {
  const fs = process.getBuiltinModule('node:fs');
  const connect = call('int connect(int fd, void *address, uint32_t length)');
  const getsockname = call('int getsockname(int fd, void *address, void *length)');
  const setsockopt = call(
    'int setsockopt(int fd, int level, int name, void *value, uint32_t length)',
  );
  const getsockopt = call('int getsockopt(int fd, int level, int name, void *value, void *length)');
  const recvmsg = call('long recvmsg(int fd, void *message, int flags)');
  const poll = call('int poll(void *fds, unsigned long count, int timeout)');
  const mount = call(
    'int mount(str source, str target, str type, unsigned long flags, void *data)',
  );
  const signal = call('void *signal(int number, void *handler)');
  const handlerBefore = call('long signal(int number, void *handler)');
  const setHandler = call('void *signal(int number, long handler)');
  const dlsym = call('void *dlsym(void *handle, str name)');
  const umaskAddress = (): unknown => dlsym(null, 'umask');
  const siginterrupt = call('int siginterrupt(int number, int flag)');
  const setitimer = call('int setitimer(int which, void *value, void *old)');
  const statfsCall = call('int statfs(str path, void *buffer)');
  return {
    socket: call('int socket(int domain, int type, int protocol)'),
    // `fs.closeSync` in a worker warns about descriptors that it did not open.
    close: call('int close(int fd)'),
    connect: (fd, address) => connect(fd, address, address.length),
    getsockname: (fd, address) => getsockname(fd, address, Uint32Array.of(address.length)),
    setsockopt: (fd, level, name, value) => setsockopt(fd, level, name, Int32Array.of(value), 4),
    getsockopt: (fd, level, name, value) =>
      getsockopt(fd, level, name, value, Uint32Array.of(value.length)),
    // Nothing that runs on Node would gain much from these.
    aioWrite: () => undefined,
    aioFsync: () => undefined,
    send: call('long send(int fd, void *bytes, size_t length, int flags)'),
    recvmsg(fd, bytes, length, flags, about) {
      const header = msghdr(bytes, length, native().koffi.address);
      const received = recvmsg(fd, header, flags);
      about[0] = senderOf(header);
      if (about.length > 1) {
        about[1] = controlInt(header, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID);
      }
      return received;
    },
    read: (fd, bytes, length) => errnoOf(() => fs.readSync(fd, bytes, 0, length, null)),
    write: (fd, bytes, length) => errnoOf(() => fs.writeSync(fd, bytes, 0, length, null)),
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
    umask: call('int umask(int mask)'),
    signalToUmask: (number) => {
      if (handlerBefore(number, umaskAddress()) !== SIG_IGN) return true;
      setHandler(number, SIG_IGN);
      return false;
    },
    interruptAfter: alarm<unknown>(() => ({
      nothing: dlsym(null, 'abs'),
      signal,
      siginterrupt,
      setitimer,
    })),
    fstype: (path) => {
      const buffer = statfs();
      const result = statfsCall(path, buffer);
      return result < 0 ? result : fType(buffer);
    },
  };
}
