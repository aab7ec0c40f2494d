/** The few C structs that libc calls read and write, packed by hand: they belong to the host, not to the wire. */

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

/**
 * `struct msghdr` and behind it its only `struct iovec`, recvmsg(2), on 64-bit Linux: they hold addresses, which `addressOf` tells.
 */
export function msghdr(
  bytes: Uint8Array,
  control: Uint8Array,
  addressOf: (bytes: Uint8Array) => number | bigint,
): Uint8Array<ArrayBuffer> {
  const own = new Uint8Array(new ArrayBuffer(72));
  const view = new DataView(own.buffer);
  const put = (at: number, value: number | bigint): void =>
    view.setBigUint64(at, BigInt(value), LITTLE);
  put(16, BigInt(addressOf(own)) + 56n);
  put(24, 1);
  put(32, addressOf(control));
  put(40, control.length);
  put(56, addressOf(bytes));
  put(64, bytes.length);
  return own;
}

/** The `int` in the control message (`struct cmsghdr`, cmsg(3)) of a level and type; undefined where there is none. */
export function controlInt(control: Uint8Array, level: number, type: number): number | undefined {
  const view = new DataView(control.buffer, control.byteOffset, control.byteLength);
  for (let at = 0; at + 20 <= view.byteLength;) {
    const length = Number(view.getBigUint64(at, LITTLE));
    if (length < 16) return undefined;
    if (view.getInt32(at + 8, LITTLE) === level && view.getInt32(at + 12, LITTLE) === type) {
      return view.getInt32(at + 16, LITTLE);
    }
    at += (length + 7) & ~7;
  }
  return undefined;
}

/** `SIGEV_NONE`: nobody is told when it is done. */
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

/** An `NLMSG_NOOP` that asks for an acknowledgement, include/uapi/linux/netlink.h: what is sent to be answered. */
export function noop(): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(0, 16, LITTLE);
  view.setUint16(4, 1, LITTLE);
  view.setUint16(6, 5, LITTLE);
  return new Uint8Array(view.buffer);
}

/** `struct itimerval`, setitimer(2), on 64-bit Linux: when first, and how often after that, in milliseconds. */
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

/** `statfs.f_type`; the magic numbers have 32 bits, the field has the width of a long. */
export const fType = (view: DataView): number => view.getUint32(LITTLE ? 0 : 4, LITTLE);

/** `struct sockaddr_nl`, netlink(7), include/uapi/linux/netlink.h. */
export function sockaddrNl(portId: number, groups: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(12));
  view.setUint16(0, AF_NETLINK, LITTLE);
  view.setUint32(4, portId, LITTLE);
  view.setUint32(8, groups, LITTLE);
  return new Uint8Array(view.buffer);
}

/** `sockaddr_nl.nl_pid`. */
export const nlPid = (address: Uint8Array<ArrayBuffer>): number =>
  new DataView(address.buffer).getUint32(4, LITTLE);

export const AF_NETLINK = 16;
