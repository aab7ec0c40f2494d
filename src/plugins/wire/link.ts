/** RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK as ADD and DEL use them; src/rtnl/link/message.ts has all of it. rtnetlink(7). */
import type { Writer } from '../../netlink/codec/bytes.ts';
import { LITTLE_ENDIAN } from '../../netlink/codec/bytes.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.ts';
import type { Request } from '../../netlink/reply.ts';
import { RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK, RTM_SETLINK } from '../../rtnl/constants.ts';
import { getIpvlan, IPVLAN, putIpvlan, type IpvlanData } from './ipvlan.ts';
import { linkNames } from './link-names.ts';
import { written } from './message.ts';
import {
  eachTlv,
  macAt,
  putBytes,
  maskOf,
  putMac,
  putNest,
  putText,
  putU32,
  putU8,
  textAt,
  u32At,
  u8At,
  wordsOf,
  putStruct,
} from './tlv.ts';

/** IFF_*, include/uapi/linux/if.h, as far as they are looked at. */
const FLAGS = { up: 1, promisc: 0x100, lower_up: 0x10000 } as const;
export type LinkFlag = keyof typeof FLAGS;

/** RTEXT_FILTER_SKIP_STATS */
const SKIP_STATS = 8;
/** `IFLA_OPERSTATE`, RFC 2863. */
const OPERSTATES = ['unknown', 'notpresent', 'down', 'lowerlayerdown', 'testing', 'dormant', 'up'];
const IFINFOMSG = 16;

interface Attributes {
  /** Index of the link below. */
  readonly link?: number | undefined;
  readonly ifname?: string | undefined;
  readonly address?: string | undefined;
  readonly mtu?: number | undefined;
  /** Descriptor of the namespace that it is made in. */
  readonly netNsFd?: number | undefined;
  /** Index of the bridge. */
  readonly master?: number | undefined;
  readonly ifalias?: string | undefined;
}

/** The other end of a pair. */
export interface Peer {
  readonly index?: number;
  readonly attrs: Attributes;
}

export interface LinkSpec extends Attributes {
  readonly index?: number;
  readonly altIfname?: string;
  /** Of these flags, those that are to be set. */
  readonly flags?: readonly LinkFlag[];
  /** The flags that are meant; those of `flags` when left out. */
  readonly change?: readonly LinkFlag[];
  readonly kind?: string;
  readonly data?: Data | undefined;
  readonly slaveKind?: 'bridge';
  readonly slaveData?: PortFlags;
  readonly skipStats?: boolean;
  /** In the namespace that has this number here. */
  readonly targetNetnsid?: number | undefined;
}

/** Of a bridge, a pair, an ipvlan link. */
type Data = { readonly vlanFiltering?: boolean; readonly peer?: Peer } & Partial<IpvlanData>;

/** Switches of a bridge port: hairpin mode, isolation, learning and lock; and to forget what was learned. */
export interface PortFlags {
  readonly mode?: boolean;
  readonly learning?: boolean;
  readonly flush?: boolean;
  readonly isolated?: boolean;
  readonly locked?: boolean;
}

const PORT_FLAGS = { mode: 4, learning: 8, flush: 24, isolated: 33, locked: 39 } as const;

/** A link as the kernel tells of it. */
export interface WireLink {
  readonly index: number;
  /** ARPHRD_*. */
  readonly type: number;
  readonly flags: readonly LinkFlag[];
  readonly attrs: {
    ifname?: string;
    address?: string;
    mtu?: number;
    /** Index of the other end of a pair, or of the link below. */
    link?: number;
    /** Number of the namespace that `link` is in; without it, its own. */
    linkNetnsid?: number;
    master?: number;
    ifalias?: string;
    operstate?: string;
    linkinfo?: {
      kind?: string;
      data?: { vlanFiltering?: boolean; vlanDefaultPvid?: number } & Partial<IpvlanData>;
      slaveKind?: string;
      slaveData?: { locked?: boolean };
    };
  };
}

function putHead(w: Writer, index: number, flags: number, change: number): void {
  const at = putStruct(w, IFINFOMSG);
  w.view.setInt32(at + 4, index, LITTLE_ENDIAN);
  w.view.setUint32(at + 8, flags, LITTLE_ENDIAN);
  w.view.setUint32(at + 12, change, LITTLE_ENDIAN);
}

function putAttributes(w: Writer, value: Attributes): void {
  const { ifname, address, mtu, link: below, netNsFd, master, ifalias } = value;
  if (ifname !== undefined) putText(w, 3, ifname);
  if (address !== undefined) putMac(w, 1, address);
  if (mtu !== undefined) putU32(w, 4, mtu);
  if (below !== undefined) putU32(w, 5, below);
  if (netNsFd !== undefined) putU32(w, 28, netNsFd);
  if (master !== undefined) putU32(w, 10, master);
  if (ifalias !== undefined) putText(w, 20, ifalias);
}

function put(w: Writer, spec: LinkSpec): void {
  const { index = 0, flags, change = flags, kind, slaveKind, altIfname, targetNetnsid } = spec;
  putHead(w, index, maskOf(FLAGS, flags), maskOf(FLAGS, change));
  putAttributes(w, spec);
  if (spec.skipStats === true) putU32(w, 29, SKIP_STATS);
  if (altIfname !== undefined) putText(w, 53, altIfname);
  if (targetNetnsid !== undefined) putU32(w, 46, targetNetnsid);
  if (kind !== undefined || slaveKind !== undefined) putNest(w, 18, () => putInfo(w, spec));
}

function putInfo(w: Writer, { kind, data, slaveKind, slaveData = {} }: LinkSpec): void {
  if (kind !== undefined) putText(w, 1, kind);
  if (data !== undefined) {
    putNest(w, 2, () => {
      if (kind === IPVLAN) return putIpvlan(w, data);
      const { vlanFiltering, peer } = data;
      if (vlanFiltering !== undefined) putU8(w, 7, vlanFiltering ? 1 : 0);
      if (peer !== undefined) putNest(w, 1, () => putPeer(w, peer));
    });
  }
  if (slaveKind === undefined) return;
  putText(w, 4, slaveKind);
  putNest(w, 5, () => {
    for (const key of Object.keys(slaveData) as (keyof PortFlags)[]) {
      // What is to be done once has no value.
      if (key === 'flush') putBytes(w, PORT_FLAGS.flush, new Uint8Array());
      else putU8(w, PORT_FLAGS[key], slaveData[key] ? 1 : 0);
    }
  });
}

function putPeer(w: Writer, { index = 0, attrs }: Peer): void {
  putHead(w, index, 0, 0);
  putAttributes(w, attrs);
}

function get(view: DataView, at: number, end: number): WireLink {
  const attrs: WireLink['attrs'] = {};
  eachTlv(view, at + IFINFOMSG, end, (type, body, stop) => {
    switch (type) {
      case 1:
        attrs.address = macAt(view, body, stop);
        break;
      case 3:
        attrs.ifname = textAt(view, body, stop);
        break;
      case 4:
        attrs.mtu = u32At(view, body);
        break;
      case 5:
        attrs.link = u32At(view, body);
        break;
      case 10:
        attrs.master = u32At(view, body);
        break;
      case 16:
        attrs.operstate = OPERSTATES[u8At(view, body)] ?? String(u8At(view, body));
        break;
      case 18:
        attrs.linkinfo = getInfo(view, body, stop);
        break;
      case 20:
        attrs.ifalias = textAt(view, body, stop);
        break;
      case 37:
        attrs.linkNetnsid = u32At(view, body);
    }
  });
  return {
    index: u32At(view, at + 4),
    type: view.getUint16(at + 2, LITTLE_ENDIAN),
    flags: wordsOf(FLAGS, u32At(view, at + 8)),
    attrs,
  };
}

type Info = NonNullable<WireLink['attrs']['linkinfo']>;

function getInfo(view: DataView, at: number, end: number): Info {
  const info: Info = {};
  eachTlv(view, at, end, (type, body, stop) => {
    if (type === 1) info.kind = textAt(view, body, stop);
    if (type === 4) info.slaveKind = textAt(view, body, stop);
    if (type === 2 && info.kind === IPVLAN) info.data = getIpvlan(view, body, stop);
    if (type === 2 && info.kind === 'bridge') {
      const data = (info.data = {} as NonNullable<typeof info.data>);
      eachTlv(view, body, stop, (id, value) => {
        if (id === 7) data.vlanFiltering = u8At(view, value) !== 0;
        if (id === 39) data.vlanDefaultPvid = view.getUint16(value, LITTLE_ENDIAN);
      });
    }
    if (type === 5 && info.slaveKind === 'bridge') {
      const port = (info.slaveData = {} as NonNullable<typeof info.slaveData>);
      eachTlv(view, body, stop, (id, value) => {
        if (id === PORT_FLAGS.locked) port.locked = u8At(view, value) !== 0;
      });
    }
  });
  return info;
}

export const link = written<WireLink, LinkSpec>({
  name: 'link',
  // The last is sent for the VLANs of a port alone; it stands here for its name in errors.
  types: { RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK },
  head: IFINFOMSG,
  put,
  get,
  subject: ({ ifname, index }) => ifname ?? (index ? `index ${index}` : undefined),
  names: linkNames,
});

type LinkRequest = Request<WireLink, LinkSpec>;

/** Longer names than IFNAMSIZ allows can only be alternative ones. */
function named(dev: string | number): LinkSpec {
  if (typeof dev === 'number') return { index: dev };
  return dev.length < 16 ? { ifname: dev } : { altIfname: dev };
}

/** Makes a link; EEXIST when the name is taken. */
export const addLink = (value: LinkSpec): LinkRequest => ({
  message: link,
  type: RTM_NEWLINK,
  flags: NLM_F_CREATE | NLM_F_EXCL,
  value,
});

/** Changes a link. */
export const setLink = (dev: string | number, spec: LinkSpec): LinkRequest => ({
  message: link,
  type: RTM_NEWLINK,
  value: { ...named(dev), ...spec },
});

/** `targetNetnsid` as in dumps. */
export const deleteLink = (dev: string | number, targetNetnsid?: number): LinkRequest => ({
  message: link,
  type: RTM_DELLINK,
  value: targetNetnsid === undefined ? named(dev) : { ...named(dev), targetNetnsid },
});

/** Asks for a link, without its counters. */
export const getLink = (dev: string | number): LinkRequest => ({
  message: link,
  type: RTM_GETLINK,
  value: { ...named(dev), skipStats: true },
});

/** Asks for the ports of a bridge, or for all links of a kind, here or in the namespace that has a number here. */
export const linkDump = (
  filter: { master: number } | { kind: string; targetNetnsid?: number | undefined },
): LinkRequest => ({
  message: link,
  type: RTM_GETLINK,
  value: { ...filter, skipStats: true },
});
