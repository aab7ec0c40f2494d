/** Waiting for a descriptor in Bun's event loop. */
import { answering, ERRNO, int, openLibc, type Symbols } from './bun-ffi.ts';
import { call } from './bun-symbols.ts';
import { check } from './check.ts';
import { epollEvent } from './layout.ts';
import type { WhenReadable } from './readable.ts';

const EPOLL = { epoll_create1: int('i32'), epoll_ctl: int('i32', 'i32', 'i32', 'ptr'), ...ERRNO };

/* include/uapi/linux/eventpoll.h */
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLLIN = 1;

interface BunSocket {
  terminate(): void;
}
interface BunSockets {
  connect(options: {
    fd: number;
    socket: { open(socket: BunSocket): void; data(): void; close(): void; error(): void };
  }): Promise<unknown>;
}

let opened: Symbols | undefined;

/**
 * Bun polls only the descriptors of its own sockets, and it would read ours without reporting the
 * sender. So we give it an epoll(7) instance that holds ours, and present it as a socket: it
 * becomes readable when ours does, reading it fails, and Bun closes it and calls back.
 */
export const bunWhenReadable: WhenReadable = (fd, done) => {
  const c = (opened ??= openLibc(EPOLL));
  const epoll = check(answering(c, 'epoll_create1')(EPOLL_CLOEXEC), 'epoll_create1');
  const added = answering(c, 'epoll_ctl')(epoll, EPOLL_CTL_ADD, fd, epollEvent(EPOLLIN));
  if (added < 0) call('close')(epoll);
  check(added, 'epoll_ctl');
  const { Bun } = globalThis as unknown as { Bun: BunSockets };
  let socket: BunSocket | undefined;
  let waiting = true;
  const over = (): void => {
    if (!waiting) return;
    waiting = false;
    done();
  };
  const handlers = {
    open(made: BunSocket) {
      socket = made;
      if (!waiting) made.terminate();
    },
    data() {},
    close: over,
    error() {},
  };
  Bun.connect({ fd: epoll, socket: handlers }).catch(over);
  return () => {
    waiting = false;
    socket?.terminate();
  };
};
