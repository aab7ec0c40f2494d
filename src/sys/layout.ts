/**
 * The few C structs that libc calls read and write, packed by hand: they have the host's layout and
 * are not part of a netlink message.
 */
import { AF_NETLINK } from '../netlink/constants.ts';

const LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** `struct pollfd`, poll(2). */
export function pollfd(fd: number, events: number): DataView {
  const view = new DataView(new ArrayBuffer(8));
  view.setInt32(0, fd, LITTLE);
  view.setInt16(4, events, LITTLE);
  return view;
}

/** `pollfd.revents`. */
export const revents = (view: DataView): number => view.getInt16(6, LITTLE);

/* Offsets in the buffer that `msghdr` makes. */
const IOVEC = 56;
const NAME = 72;
const NAME_SIZE = 12;
const CONTROL = 88;
/** Room for a few `struct cmsghdr`. */
const CONTROL_SIZE = 128;

/**
 * `struct msghdr`, recvmsg(2), on 64-bit Linux, followed by everything that it points to: its only
 * `struct iovec`, room for a `struct sockaddr_nl`, and room for control messages. It contains
 * addresses, which `addressOf` returns.
 */
export function msghdr(
  bytes: Uint8Array,
  length: number,
  addressOf: (bytes: Uint8Array) => number | bigint,
): Uint8Array<ArrayBuffer> {
  const own = new Uint8Array(new ArrayBuffer(CONTROL + CONTROL_SIZE));
  const view = new DataView(own.buffer);
  const put = (at: number, value: number | bigint): void =>
    view.setBigUint64(at, BigInt(value), LITTLE);
  const start = BigInt(addressOf(own));
  put(0, start + BigInt(NAME));
  view.setUint32(8, NAME_SIZE, LITTLE);
  put(16, start + BigInt(IOVEC));
  put(24, 1);
  put(32, start + BigInt(CONTROL));
  put(40, CONTROL_SIZE);
  put(IOVEC, addressOf(bytes));
  put(IOVEC + 8, length);
  return own;
}

/** `sockaddr_nl.nl_pid` of the sender of a received message. */
export const senderOf = (header: Uint8Array<ArrayBuffer>): number =>
  new DataView(header.buffer).getInt32(NAME + 4, LITTLE);

/**
 * The `int` in the control message (`struct cmsghdr`, cmsg(3)) of a level and type; -1 where there
 * is none.
 */
export function controlInt(header: Uint8Array<ArrayBuffer>, level: number, type: number): number {
  const view = new DataView(header.buffer, CONTROL);
  const end = Number(new DataView(header.buffer).getBigUint64(40, LITTLE));
  for (let at = 0; at + 20 <= end;) {
    const length = Number(view.getBigUint64(at, LITTLE));
    if (length < 16) return -1;
    if (view.getInt32(at + 8, LITTLE) === level && view.getInt32(at + 12, LITTLE) === type) {
      return view.getInt32(at + 16, LITTLE);
    }
    at += (length + 7) & ~7;
  }
  return -1;
}

/** `SIGEV_NONE`: no notification when the operation is done. */
const SIGEV_NONE = 1;

/** `struct aiocb`, aio(7), on 64-bit Linux, for all bytes at an address. */
export function aiocb(
  fd: number,
  address: number | bigint,
  length: number,
): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(168));
  view.setInt32(0, fd, LITTLE);
  view.setBigUint64(16, BigInt(address), LITTLE);
  view.setBigUint64(24, BigInt(length), LITTLE);
  view.setInt32(44, SIGEV_NONE, LITTLE);
  return new Uint8Array(view.buffer);
}

/**
 * `struct itimerval`, setitimer(2), on 64-bit Linux: the time until the first signal and the
 * interval after it, in milliseconds.
 */
export function itimerval(first: number, interval: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(32));
  for (const [at, milliseconds] of [interval, first].entries()) {
    const microseconds = Math.ceil(milliseconds * 1000);
    view.setBigInt64(at * 16, BigInt(Math.floor(microseconds / 1e6)), LITTLE);
    view.setBigInt64(at * 16 + 8, BigInt(microseconds % 1e6), LITTLE);
  }
  return new Uint8Array(view.buffer);
}

/** Room for a `struct statfs`, statfs(2): 120 bytes on 64-bit Linux. */
export const statfs = (): DataView => new DataView(new ArrayBuffer(256));

/** `statfs.f_type`: the magic numbers have 32 bits, the field is as wide as a long. */
export const fType = (view: DataView): number => view.getUint32(LITTLE ? 0 : 4, LITTLE);

/** A signal that is ignored: include/uapi/asm-generic/signal-defs.h. */
export const SIG_IGN = 1;

/** The type of a namespace file: include/uapi/linux/magic.h. */
export const NSFS_MAGIC = 0x6e736673;
/**
 * Before Linux 3.19 `/proc/PID/ns/net` was a file of procfs itself, and on some systems a bind
 * mount of it still is.
 */
export const PROC_SUPER_MAGIC = 0x9fa0;

/** `struct sockaddr_nl`, netlink(7), include/uapi/linux/netlink.h: the kernel's address. */
export function sockaddrNl(): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(12));
  view.setUint16(0, AF_NETLINK, LITTLE);
  return new Uint8Array(view.buffer);
}

/** `sockaddr_nl.nl_pid`. */
export const nlPid = (address: Uint8Array<ArrayBuffer>): number =>
  new DataView(address.buffer).getUint32(4, LITTLE);

/**
 * `struct epoll_event`, epoll_ctl(2). It is packed on x86-64 only; `events` comes first in both
 * cases.
 */
export const epollEvent = (events: number): Uint32Array<ArrayBuffer> =>
  Uint32Array.of(events, 0, 0, 0);
