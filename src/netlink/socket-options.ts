/** Options of a netlink socket: setsockopt(2), netlink(7), socket(7). */
import {
  NETLINK_ADD_MEMBERSHIP,
  NETLINK_CAP_ACK,
  NETLINK_DROP_MEMBERSHIP,
  NETLINK_EXT_ACK,
  NETLINK_GET_STRICT_CHK,
  NETLINK_LISTEN_ALL_NSID,
  SOL_NETLINK,
} from './constants.ts';
import { EINVAL, ENOPROTOOPT } from '../sys/errno.ts';
import { CodecError } from '../errors.ts';
import { check } from '../sys/check.ts';
import type { Libc } from '../sys/libc.ts';

/* include/uapi/asm-generic/socket.h */
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;

export interface SocketOptions {
  /**
   * Size of the receive buffer in bytes. A size above the system's limit needs CAP_NET_ADMIN;
   * without it, the limit applies.
   */
  readonly receiveBuffer?: number | undefined;
  /**
   * Receive notifications from all namespaces that have an id in this one
   * (`NETLINK_LISTEN_ALL_NSID`).
   */
  readonly allNamespaces?: boolean | undefined;
}

export function member(c: Libc, fd: number, group: number, joins: boolean): void {
  const option = joins ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP;
  if (!Number.isInteger(group))
    throw new CodecError('group must be the number of a multicast group');
  const result = c.setsockopt(fd, SOL_NETLINK, option, group);
  check(result, 'setsockopt', `multicast group ${group}`);
}

export function configure(c: Libc, fd: number, options: SocketOptions): void {
  for (const option of [NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_GET_STRICT_CHK]) {
    const result = c.setsockopt(fd, SOL_NETLINK, option, 1);
    // Kernels before 4.20 lack the last of them; everything works without it, with less checking.
    if (result < 0 && result !== -EINVAL && result !== -ENOPROTOOPT) check(result, 'setsockopt');
  }
  const { receiveBuffer, allNamespaces } = options;
  if (receiveBuffer !== undefined) {
    const forced = c.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, receiveBuffer);
    if (forced < 0) check(c.setsockopt(fd, SOL_SOCKET, SO_RCVBUF, receiveBuffer), 'setsockopt');
  }
  if (allNamespaces === true) {
    check(c.setsockopt(fd, SOL_NETLINK, NETLINK_LISTEN_ALL_NSID, 1), 'setsockopt');
  }
}

/**
 * A datagram must fit into the send buffer as a whole. The kernel uses some of it itself, and
 * doubles the size that is set.
 */
export function growSendBuffer(c: Libc, fd: number, length: number): void {
  if (c.setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, length) < 0) {
    c.setsockopt(fd, SOL_SOCKET, SO_SNDBUF, length);
  }
}
