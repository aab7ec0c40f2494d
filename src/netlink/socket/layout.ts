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
