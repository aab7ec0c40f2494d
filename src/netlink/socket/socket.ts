/**
 * A raw AF_NETLINK socket: send a datagram, receive a datagram, both synchronous.
 *
 * rtnetlink does its work inside send(2) and queues the answer before the call returns, so there is nothing to await. A socket belongs
 * for ever to the network namespace in which it was made. netlink(7).
 */
import { EAGAIN, EINPROGRESS, EINTR, EMSGSIZE, ENOBUFS, ETIMEDOUT } from '../errno.ts';
import { NETLINK_LISTEN_ALL_NSID, SOL_NETLINK } from '../constants.ts';
import { NetlinkError } from '../errors.ts';
import { check } from './check.ts';
import { AF_NETLINK, controlInt, nlPid, noop, sockaddrNl } from './layout.ts';
import type { Deadline } from './deadline.ts';
import { libc, type Libc } from './libc.ts';
import { configure, growSendBuffer, member, type SocketOptions } from './options.ts';
import { whenReadable } from './parked-read.ts';

export type { SocketOptions } from './options.ts';

const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const MSG_PEEK = 0x02;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;
const POLLIN = 0x01;
/** Room for a few `struct cmsghdr`. */
const CONTROL_SIZE = 128;

/** The kernel fills dumps into datagrams as large as the largest read so far, up to this. */
const RECEIVE_SIZE = 32768;
/** Milliseconds between two looks at what was sent aside, which is there long before in all but the rarest cases. */
const LOOK_ASIDE = 100;
/** A parked read cannot ask for the length first, so it has room for more than the kernel has news. */
const PARKED_SIZE = 131072;

export interface Socket {
  readonly fd: number;
  /** Sends one datagram; the kernel has handled it when this returns. */
  send(bytes: Uint8Array, length?: number): void;
  /**
   * Sends one datagram on another thread where the runtime has one for that, and goes on; the bytes have to stay as they are until the
   * answer has come. When it cannot be sent `receive` throws.
   */
  sendAside(bytes: Uint8Array): void;
  /**
   * The next datagram, whole, however large it is. The bytes are overwritten by the next call.
   * Throws a NetlinkError: ETIMEDOUT when none has come by `deadline`, ENOBUFS when the kernel had to drop messages.
   */
  receive(deadline?: Deadline): Uint8Array;
  /** The next datagram if one is there. */
  tryReceive(): Uint8Array | undefined;
  /**
   * Waits for a datagram while the event loop runs; one wait at a time. Resolves with the datagram if it had to be read to be
   * noticed, with undefined when it is time for `tryReceive`, and at `close`. Rejects as `receive` throws.
   */
  wait(): Promise<Uint8Array | undefined>;
  /** With `allNamespaces`: the id of the namespace that the last datagram came from; undefined for the socket's own. */
  readonly nsid: number | undefined;
  /** Receives the messages of a multicast group (`RTNLGRP_…`) from now on. */
  join(group: number): void;
  /** The opposite. What has come of the group by then is still to be read. */
  leave(group: number): void;
  /** The address of this socket. Binds it first, which also happens on the first `send`. */
  portId(): number;
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * Opens a socket in the calling thread's network namespace. `close` is what ends the descriptor: the
 * binding does not know how, so the caller gives it (`node:fs` closes it on every runtime).
 */
export function openSocket(
  protocol: number,
  closeFd: (fd: number) => void,
  options: SocketOptions = {},
): Socket {
  const c = libc();
  const { allNamespaces = false } = options;
  const fd = openFd(c, protocol, closeFd, options);
  let buffer = new Uint8Array(RECEIVE_SIZE);
  let bound = false;
  let open = true;
  let port: number | undefined;
  let nsid: number | undefined;
  /** How it goes with what was sent aside. */
  let aside: (() => number) | undefined;
  /* Namespace ids come as ancillary data, which a parked read cannot take. It waits on a second socket that gets the same news. */
  const bell = allNamespaces ? openFd(c, protocol, closeFd, options) : fd;
  const control = new Uint8Array(new ArrayBuffer(allNamespaces ? CONTROL_SIZE : 0));
  let parkedBuffer: Uint8Array | undefined;
  let endWait: (() => void) | undefined;

  const bind = (): void => {
    if (bound) return;
    check(c.bind(fd, sockaddrNl(0, 0)), 'bind');
    if (bell !== fd) check(c.bind(bell, sockaddrNl(0, 0)), 'bind');
    bound = true;
  };

  /** Looks at the length first: a datagram that does not fit would be cut off, and its rest is gone. */
  const receiveNow = (): Uint8Array | undefined => {
    let length: number;
    do length = c.recv(fd, buffer, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);
    while (length === -EINTR);
    if (length === -EAGAIN) return undefined;
    check(length, 'recv');
    if (length > buffer.length) buffer = new Uint8Array(2 * length);
    let received: number;
    do {
      received = allNamespaces
        ? c.recvmsg(fd, buffer, control.fill(0), MSG_DONTWAIT)
        : c.recv(fd, buffer, buffer.length, MSG_DONTWAIT);
    } while (received === -EINTR);
    check(received, 'recv');
    nsid = allNamespaces ? controlInt(control, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID) : undefined;
    return buffer.subarray(0, received);
  };

  /** For what cannot be sent no answer will come. */
  const lookAside = (): void => {
    const errno = aside?.();
    if (errno === undefined || errno === EINPROGRESS) return;
    aside = undefined;
    if (errno !== 0) check(-errno, 'send');
  };

  /** The bell's own datagrams say nothing. */
  const drainBell = (): void => {
    let length: number;
    do length = c.recv(bell, buffer, 0, MSG_DONTWAIT);
    while (length >= 0 || length === -EINTR);
  };

  const closeFds = (): void => {
    closeFd(fd);
    if (bell !== fd) closeFd(bell);
  };

  /** A parked read took a datagram of this length, or failed. */
  const parkedResult = (length: number): Uint8Array | undefined => {
    if (allNamespaces) drainBell();
    // A bell that lost messages has rung all the same.
    if (length === 0 || allNamespaces) return undefined;
    check(length, 'read');
    if (length < parkedBuffer!.length) return parkedBuffer!.subarray(0, length);
    parkedBuffer = new Uint8Array(4 * length);
    throw new NetlinkError(ENOBUFS, 'read', { advice: 'a message was too long for the buffer' });
  };

  return {
    fd,
    send(bytes, length = bytes.length) {
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
      // The kernel has bound it by now; binding it again would be EINVAL.
      bound = true;
    },
    sendAside(bytes) {
      aside = c.writeAside(fd, bytes);
      if (aside === undefined) this.send(bytes);
      bound = true;
    },
    tryReceive: receiveNow,
    receive(deadline) {
      for (;;) {
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
        if (ready < 0 && ready !== -EINTR) check(ready, 'poll');
      }
    },
    get nsid() {
      return nsid;
    },
    wait() {
      if (!open) return Promise.resolve(undefined);
      parkedBuffer ??= new Uint8Array(allNamespaces ? 16 : PARKED_SIZE);
      return new Promise((resolve, reject) => {
        const wake = (): void => void c.send(bell, noop(), 16, 0);
        const end = whenReadable(bell, parkedBuffer!, wake, (length) => {
          endWait = undefined;
          if (!open) return closeFds();
          try {
            resolve(parkedResult(length));
          } catch (error) {
            reject(error as NetlinkError);
          }
        });
        endWait = () => {
          resolve(undefined);
          end();
        };
      });
    },
    join(group) {
      bind();
      // The socket that joins last is told first: when the bell rings, the news are there.
      if (bell !== fd) member(c, bell, group, true);
      member(c, fd, group, true);
    },
    leave(group) {
      member(c, fd, group, false);
      if (bell !== fd) member(c, bell, group, false);
    },
    portId() {
      if (port !== undefined) return port;
      bind();
      const address = sockaddrNl(0, 0);
      check(c.getsockname(fd, address), 'getsockname');
      return (port = nlPid(address));
    },
    close() {
      if (!open) return;
      open = false;
      // A parked read would go on on a descriptor that may be somebody else's by then.
      if (endWait === undefined) closeFds();
      else endWait();
    },
    [Symbol.dispose]() {
      this.close();
    },
  };
}

function openFd(
  c: Libc,
  protocol: number,
  closeFd: (fd: number) => void,
  options: SocketOptions,
): number {
  const fd = check(c.socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), 'socket');
  try {
    configure(c, fd, options);
  } catch (error) {
    closeFd(fd);
    throw error;
  }
  return fd;
}
