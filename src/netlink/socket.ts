/**
 * A raw AF_NETLINK socket: send a datagram, receive a datagram, both synchronous.
 *
 * rtnetlink does its work inside send(2) and queues the answer before the call returns, so there is nothing to await. A socket belongs
 * for ever to the network namespace in which it was made. netlink(7).
 */
import { EAGAIN, EINPROGRESS, EINTR, EMSGSIZE, ENOBUFS, ETIMEDOUT } from '../sys/errno.ts';
import { ClosedError, CodecError, NetlinkError } from '../errors.ts';
import { check } from '../sys/check.ts';
import { AF_NETLINK, nlPid, sockaddrNl } from '../sys/layout.ts';
import type { Deadline } from '../sys/deadline.ts';
import { libc, type Libc } from '../sys/libc.ts';
import { configure, growSendBuffer, member, type SocketOptions } from './socket-options.ts';
import { whenReadable } from '../sys/runtime.ts';

export type { SocketOptions } from './socket-options.ts';

const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const MSG_PEEK = 0x02;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const POLLIN = 0x01;

/** The kernel fills dumps into datagrams as large as the largest read so far, up to this. */
const RECEIVE_SIZE = 32768;
/** Milliseconds between two looks at what was sent aside, which is there long before in all but the rarest cases. */
const LOOK_ASIDE = 100;
/** How many datagrams of others are dropped in a row before deadlines, and the event loop, get their turn. */
const FORGED = 1000;

export interface Socket {
  /** The sequence number that its first request gets, for a conversation that was recorded; left out: a random one. */
  readonly firstSequence?: number | undefined;
  /** Throws, as everything here but `close` does, when the socket is closed: its number may be somebody else's by then. */
  readonly fd: number;
  readonly closed: boolean;
  /** Sends one datagram; the kernel has handled it when this returns. */
  send(bytes: Uint8Array, length?: number): void;
  /**
   * Sends one datagram on another thread where the runtime has one for that, and goes on; the bytes have to stay as they are until the
   * answer has come. When it cannot be sent `receive` throws.
   */
  sendAside(bytes: Uint8Array): void;
  /**
   * The next datagram of the kernel, whole, however large it is. The bytes are overwritten by the next call. What others send to this
   * socket or to its groups is dropped.
   * Throws a NetlinkError: ETIMEDOUT when none has come by `deadline`, ENOBUFS when the kernel had to drop messages.
   */
  receive(deadline?: Deadline): Uint8Array;
  /** The next datagram if one is there. */
  tryReceive(): Uint8Array | undefined;
  /** Waits while the event loop runs. Resolves when it is time for `tryReceive`, and at `close`. */
  wait(): Promise<void>;
  /** With `allNamespaces`: the id of the namespace that the last datagram came from; undefined for the socket's own. */
  readonly nsid: number | undefined;
  /** Receives the messages of a multicast group (`RTNLGRP_…`) from now on. */
  join(group: number): void;
  /** The opposite. What has come of the group by then is still to be read. */
  leave(group: number): void;
  /** The address of this socket. */
  portId(): number;
  close(): void;
  [Symbol.dispose](): void;
}

/** Opens a socket in the calling thread's network namespace. */
export function openSocket(protocol: number, options: SocketOptions = {}): Socket {
  const c = libc();
  const fd = openFd(c, protocol, options);
  let buffer = new Uint8Array(RECEIVE_SIZE);
  /** Of the last datagram: who sent it, and of which namespace it is. */
  const about = new Int32Array(options.allNamespaces === true ? 2 : 1);
  let open = true;
  let port: number | undefined;
  /** How it goes with what was sent aside. */
  let aside: (() => number) | undefined;
  let waiting: Promise<void> | undefined;
  let endWait: (() => void) | undefined;

  const live = (): void => {
    if (!open) throw new ClosedError('connection');
  };

  /**
   * What the kernel did is done, also where its answer cannot be handed out for want of memory: that is asked for once more, because it is
   * still there. News that were lost (ENOBUFS) are not.
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
   * Looks first: at the length, because a datagram that does not fit would be cut off and its rest is gone, and at the sender. Who has
   * CAP_NET_ADMIN in the namespace, as root of a container has, can send to its groups what looks like the kernel's.
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

  /** For what cannot be sent no answer will come. */
  const lookAside = (): void => {
    const errno = aside?.();
    if (errno === undefined || errno === EINPROGRESS) return;
    aside = undefined;
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
    sendAside(bytes) {
      live();
      bound(bytes, bytes?.byteLength);
      aside = c.writeAside(fd, bytes);
      if (aside === undefined) this.send(bytes);
    },
    tryReceive: receiveNow,
    receive(deadline) {
      for (let isRepeated = false; ;) {
        const datagram = receiveNow();
        if (datagram !== undefined) return datagram;
        const left = deadline === undefined ? -1 : Math.ceil(deadline() - performance.now());
        if (deadline !== undefined && left <= 0) {
          throw new NetlinkError(ETIMEDOUT, 'recv', { advice: 'no answer before the deadline' });
        }
        lookAside();
        const ready = c.poll(
          fd,
          POLLIN,
          aside === undefined ? left : Math.min(left >>> 0, LOOK_ASIDE),
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
      // Another thread would write to whatever has the number by then.
      while (aside?.() === EINPROGRESS) c.poll(fd, POLLIN, LOOK_ASIDE);
      open = false;
      endWait?.();
      c.close(fd);
    },
    [Symbol.dispose]() {
      this.close();
    },
  };
}

/** What is sent lies in memory from where it begins: a length that is too large would send what lies behind. */
function bound(bytes: Uint8Array, length: number): void {
  if (!ArrayBuffer.isView(bytes)) throw new CodecError('send: bytes must be a Uint8Array');
  if (Number.isInteger(length) && length >= 0 && length <= bytes.byteLength) return;
  throw new CodecError(`send: length must be 0 to ${bytes.byteLength}, as many bytes as there are`);
}

function openFd(c: Libc, protocol: number, options: SocketOptions): number {
  const fd = check(c.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), 'socket');
  try {
    configure(c, fd, options);
    // From now on the kernel refuses what others send to this socket alone: it cannot fill the buffer.
    check(c.connect(fd, sockaddrNl()), 'connect');
  } catch (error) {
    c.close(fd);
    throw error;
  }
  return fd;
}
