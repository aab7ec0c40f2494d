/**
 * A raw AF_NETLINK socket: send a datagram, receive a datagram, both synchronous.
 *
 * rtnetlink does its work inside send(2) and queues the answer before the call returns, so there is
 * nothing to await. A socket stays in the network namespace in which it was created. netlink(7).
 */
import { EAGAIN, EINPROGRESS, EINTR, EMSGSIZE, ENOBUFS, ETIMEDOUT } from '../sys/errno.ts';
import { ClosedError, CodecError, netlinkError } from '../errors.ts';
import { check } from '../sys/check.ts';
import { nlPid, sockaddrNl } from '../sys/layout.ts';
import type { Deadline } from '../sys/deadline.ts';
import { libc, type Libc } from '../sys/libc.ts';
import { AF_NETLINK, SOCK_CLOEXEC, SOCK_RAW } from './constants.ts';
import { configure, growSendBuffer, member, type SocketOptions } from './socket-options.ts';
import { whenReadable } from '../sys/runtime.ts';

export type { SocketOptions } from './socket-options.ts';

const MSG_PEEK = 0x02;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const POLLIN = 0x01;

/** The kernel fills the datagrams of a dump up to the largest read so far, at most this. */
const RECEIVE_SIZE = 32768;
/**
 * Milliseconds between two checks of a background send, which is nearly always done long before.
 */
const CHECK_BACKGROUND = 100;
/**
 * How many forged datagrams are dropped in a row before deadlines and the event loop get their
 * turn.
 */
const FORGED = 1000;

export interface Socket {
  /** The sequence number of the first request, for replaying a capture; random if left out. */
  readonly firstSequence?: number | undefined;
  /**
   * Throws ClosedError once closed, like everything here except `close`: the number may have been
   * reused by then.
   */
  readonly fd: number;
  readonly closed: boolean;
  /** Sends one datagram; the kernel has handled it when this returns. */
  send(bytes: Uint8Array, length?: number): void;
  /**
   * Sends one datagram in the background, on another thread if the runtime has one; the bytes must
   * not change until the answer has arrived. If it cannot be sent, `receive` throws.
   */
  sendInBackground(bytes: Uint8Array): void;
  /**
   * The next datagram from the kernel, complete however large it is. The next call overwrites its
   * bytes. Datagrams that other processes send to this socket or to its groups are dropped. Throws
   * a NetlinkError: ETIMEDOUT if none arrives by `deadline`, ENOBUFS if the kernel dropped
   * messages.
   */
  receive(deadline?: Deadline): Uint8Array;
  /** The next datagram, if there is one. */
  tryReceive(): Uint8Array | undefined;
  /** Waits while the event loop runs. Resolves when it is time for `tryReceive`, and on `close`. */
  wait(): Promise<void>;
  /**
   * With `allNamespaces`: the id of the namespace that the last datagram came from; undefined for
   * the socket's own.
   */
  readonly nsid: number | undefined;
  /** Joins a multicast group (`RTNLGRP_…`): its messages are received from now on. */
  join(group: number): void;
  /** Leaves a multicast group. Messages already queued can still be read. */
  leave(group: number): void;
  /** The port id, which is the address of this socket. */
  portId(): number;
  close(): void;
  [Symbol.dispose](): void;
}

/** Opens a socket in the calling thread's network namespace. */
export function openSocket(protocol: number, options: SocketOptions = {}): Socket {
  const c = libc();
  const fd = openFd(c, protocol, options);
  let buffer = new Uint8Array(RECEIVE_SIZE);
  /** The sender of the last datagram, and the id of its namespace. */
  const about = new Int32Array(options.allNamespaces === true ? 2 : 1);
  let open = true;
  let port: number | undefined;
  /** The state of a background send. */
  let background: ((wait: boolean) => number) | undefined;
  let waiting: Promise<void> | undefined;
  let endWait: (() => void) | undefined;

  const live = (): void => {
    if (!open) throw new ClosedError('connection');
  };

  /**
   * The kernel has already applied a change whose answer cannot be delivered for want of memory.
   * The answer is still queued, so it is read once more. Lost notifications (ENOBUFS) are not.
   */
  const take = (length: number, flags: number): number => {
    for (let isRepeated = false; ;) {
      const received = c.recvmsg(fd, buffer, length, flags | MSG_DONTWAIT, about);
      if (received >= 0 || received === -EAGAIN) return received;
      if (received === -EINTR) continue;
      if (isRepeated || received === -ENOBUFS) return received;
      isRepeated = true;
    }
  };

  /**
   * Peeks first: at the length, because a datagram that does not fit would be truncated, and at the
   * sender. A process with CAP_NET_ADMIN in the namespace, such as root in a container, can send to
   * its groups and imitate the kernel.
   */
  const receiveNow = (): Uint8Array | undefined => {
    live();
    for (let forged = 0; forged < FORGED; forged++) {
      const length = take(0, MSG_PEEK | MSG_TRUNC);
      if (length === -EAGAIN) return undefined;
      check(length, 'recv');
      const isForged = about[0] !== 0;
      if (!isForged && length > buffer.length) buffer = new Uint8Array(2 * length);
      const received = check(take(isForged ? 0 : buffer.length, 0), 'recv');
      if (about[0] === 0 && !isForged) return buffer.subarray(0, received);
    }
    return undefined;
  };

  /** There will be no answer to a datagram that cannot be sent. */
  const checkBackground = (): void => {
    const errno = background?.(false);
    if (errno === undefined || errno === EINPROGRESS) return;
    background = undefined;
    if (errno !== 0) check(-errno, 'send');
  };

  return {
    get fd() {
      live();
      return fd;
    },
    get closed() {
      return !open;
    },
    send(bytes, length = bytes?.byteLength) {
      live();
      bound(bytes, length);
      let sent: number;
      let isGrown = false;
      for (;;) {
        sent = c.send(fd, bytes, length, 0);
        if (sent === -EMSGSIZE && !isGrown) {
          growSendBuffer(c, fd, length);
          isGrown = true;
        } else if (sent !== -EINTR) break;
      }
      check(sent, 'send');
    },
    sendInBackground(bytes) {
      live();
      bound(bytes, bytes?.byteLength);
      background = c.aioWrite(fd, bytes);
      if (background === undefined) this.send(bytes);
    },
    tryReceive: receiveNow,
    receive(deadline) {
      for (let isRepeated = false; ;) {
        const datagram = receiveNow();
        if (datagram !== undefined) return datagram;
        const left = deadline === undefined ? -1 : Math.ceil(deadline() - performance.now());
        if (deadline !== undefined && left <= 0) {
          throw netlinkError(ETIMEDOUT, 'recv', { advice: 'no answer before the deadline' });
        }
        checkBackground();
        const ready = c.poll(
          fd,
          POLLIN,
          background === undefined ? left : Math.min(left >>> 0, CHECK_BACKGROUND),
        );
        if (ready >= 0 || ready === -EINTR) continue;
        if (isRepeated) check(ready, 'poll');
        isRepeated = true;
      }
    },
    get nsid() {
      const nsid = about[1];
      return nsid === -1 ? undefined : nsid;
    },
    wait() {
      if (!open) return Promise.resolve();
      return (waiting ??= new Promise((resolve) => {
        const over = (): void => {
          waiting = endWait = undefined;
          resolve();
        };
        const end = whenReadable(fd, over);
        endWait = () => {
          end();
          over();
        };
      }));
    },
    join(group) {
      live();
      member(c, fd, group, true);
    },
    leave(group) {
      live();
      member(c, fd, group, false);
    },
    portId() {
      live();
      if (port !== undefined) return port;
      const address = sockaddrNl();
      check(c.getsockname(fd, address), 'getsockname');
      return (port = nlPid(address));
    },
    close() {
      if (!open) return;
      // The other thread would write to whatever reuses the number. It may still be busy when the
      // answer is here.
      background?.(true);
      open = false;
      endWait?.();
      c.close(fd);
    },
    [Symbol.dispose]() {
      this.close();
    },
  };
}

/** A length beyond the end of the array would send the memory after it. */
function bound(bytes: Uint8Array, length: number): void {
  if (!ArrayBuffer.isView(bytes)) throw new CodecError('send: bytes must be a Uint8Array');
  if (Number.isInteger(length) && length >= 0 && length <= bytes.byteLength) return;
  throw new CodecError(`send: length must be 0 to ${bytes.byteLength}, the length of bytes`);
}

function openFd(c: Libc, protocol: number, options: SocketOptions): number {
  const fd = check(c.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), 'socket');
  try {
    configure(c, fd, options);
    // From here on the kernel refuses what other processes send to this socket, so they cannot fill
    // its buffer.
    check(c.connect(fd, sockaddrNl()), 'connect');
  } catch (error) {
    c.close(fd);
    throw error;
  }
  return fd;
}
