/** RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR as ADD and DEL use them; src/rtnl/addr/message.ts has all of it. rtnetlink(7). */
import { formatIpv4, formatIpv6 } from '../../ip.ts';
import type { Writer } from '../../netlink/codec/bytes.ts';
import { LITTLE_ENDIAN } from '../../netlink/codec/bytes.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.ts';
import type { Request } from '../../netlink/reply.ts';
import { RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR } from '../../rtnl/constants.ts';
import { written } from './message.ts';
import { eachTlv, maskOf, putAddress, putU32, u32At, wordsOf, putStruct } from './tlv.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const IFADDRMSG = 8;

/** IFA_F_*, include/uapi/linux/if_addr.h, as far as they are looked at. */
const FLAGS = {
  nodad: 2,
  dadfailed: 8,
  deprecated: 0x20,
  tentative: 0x40,
  permanent: 0x80,
} as const;
export type AddrFlag = keyof typeof FLAGS;

/** RT_SCOPE_LINK */
const SCOPE_LINK = 253;

export interface AddrSpec {
  /** Of the interface. */
  readonly index?: number;
  /** With prefix length. */
  readonly local?: string;
  readonly broadcast?: string | undefined;
  readonly flags?: readonly AddrFlag[];
  /** Without `local`, in dumps. */
  readonly family?: 'inet' | 'inet6' | undefined;
  /** All of the message, as the kernel told it. */
  readonly told?: Uint8Array;
}

/** An address as the kernel tells of it. */
export interface WireAddr {
  readonly index: number;
  readonly prefixlen: number;
  /** With prefix length. */
  readonly local: string;
  /** The prefix address, which is the other side's on a point-to-point link. */
  readonly address: string | undefined;
  readonly flags: readonly AddrFlag[];
  /** Only for use on the link. */
  readonly isLinkLocal: boolean;
  /** All of the message, by which the address can be set again as it was. */
  readonly told: Uint8Array;
}

function put(w: Writer, { index = 0, local, broadcast, flags, family, told }: AddrSpec): void {
  if (told !== undefined) {
    w.bytes.set(told, w.reserve(told.length));
    return;
  }
  const at = putStruct(w, IFADDRMSG);
  const [own, length] = local?.split('/') ?? [];
  if (own !== undefined || family !== undefined) {
    w.bytes[at] = (own?.includes(':') ?? family === 'inet6') ? AF_INET6 : AF_INET;
  }
  w.bytes[at + 1] = Number(length ?? 0);
  w.view.setUint32(at + 4, index, LITTLE_ENDIAN);
  if (own !== undefined) {
    putAddress(w, 2, own);
    putAddress(w, 1, own);
  }
  if (broadcast !== undefined) putAddress(w, 4, broadcast);
  if (flags !== undefined) putU32(w, 8, maskOf(FLAGS, flags));
}

function get(view: DataView, at: number, end: number): WireAddr {
  const prefixlen = view.getUint8(at + 1);
  let mask = view.getUint8(at + 2);
  let own: string | undefined;
  let address: string | undefined;
  eachTlv(view, at + IFADDRMSG, end, (type, body, stop) => {
    if (type === 8) mask = u32At(view, body);
    if (type > 2) return;
    const text = stop - body === 16 ? formatIpv6(view, body) : formatIpv4(view, body);
    if (type === 1) address = text;
    else own = text;
  });
  return {
    index: u32At(view, at + 4),
    prefixlen,
    local: `${own ?? address}/${prefixlen}`,
    address,
    flags: wordsOf(FLAGS, mask),
    isLinkLocal: view.getUint8(at + 3) === SCOPE_LINK,
    told: new Uint8Array(view.buffer, view.byteOffset + at, end - at).slice(),
  };
}

export const addr = written<WireAddr, AddrSpec>({
  name: 'addr',
  types: { RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR },
  head: IFADDRMSG,
  put,
  get,
  subject: ({ local }) => local?.split('/')[0],
  names: () => ({ 1: 'IFA_ADDRESS', 2: 'IFA_LOCAL', 4: 'IFA_BROADCAST', 8: 'IFA_FLAGS' }),
});

type AddrRequest = Request<WireAddr, AddrSpec>;
/** An address on an interface. */
export type OwnAddr = AddrSpec & { readonly index: number; readonly local: string };

/** Sets an address; EEXIST when the interface has it. */
export const addAddr = (value: OwnAddr): AddrRequest => ({
  message: addr,
  type: RTM_NEWADDR,
  flags: NLM_F_CREATE | NLM_F_EXCL,
  value,
});

export const deleteAddr = (value: OwnAddr): AddrRequest => ({
  message: addr,
  type: RTM_DELADDR,
  value,
});

/** Takes an address off as it is, which one to another side is not told by its own text alone. */
export const removeAddr = ({ local, told }: WireAddr): AddrRequest => ({
  message: addr,
  type: RTM_DELADDR,
  value: { local, told },
});

/** Sets an address again as it was. */
export const restoreAddr = ({ local, told }: WireAddr): AddrRequest => ({
  message: addr,
  type: RTM_NEWADDR,
  flags: NLM_F_CREATE | NLM_F_EXCL,
  value: { local, told },
});

export const addrDump = (index: number, family?: 'inet6'): AddrRequest => ({
  message: addr,
  type: RTM_GETADDR,
  value: { index, family },
});
