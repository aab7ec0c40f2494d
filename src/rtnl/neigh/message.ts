/**
 * A neighbour (ARP, NDP), a proxy entry, or an entry of the forwarding database of a bridge or
 * VXLAN device (family bridge): `RTM_NEWNEIGH`, `RTM_DELNEIGH`, `RTM_GETNEIGH`.
 *
 * include/uapi/linux/neighbour.h; ip-neighbour(8), bridge(8);
 * `ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev eth0`, `bridge fdb append …`.
 */
import { familyIp, lladdr } from '../../netlink/codec/address.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import {
  be16,
  counted,
  flag,
  s32,
  u16,
  u32,
  u8,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { RTM_DELNEIGH, RTM_GETNEIGH, RTM_NEWNEIGH } from '../constants.ts';
import { family } from '../family.ts';
import { neighSubject } from '../subjects.ts';
import { routeProtocol } from '../route/route-table.ts';
import { routeType } from '../route/message.ts';

/** `NUD_*`; the state `none` is no flag at all. */
const nudState = flagsOf(u16, {
  incomplete: 0x01,
  reachable: 0x02,
  stale: 0x04,
  delay: 0x08,
  probe: 0x10,
  failed: 0x20,
  noarp: 0x40,
  permanent: 0x80,
});

/** `NTF_*`. */
const neighFlags = flagsOf(u8, {
  use: 0x01,
  self: 0x02,
  master: 0x04,
  proxy: 0x08,
  extern_learn: 0x10,
  offload: 0x20,
  sticky: 0x40,
  router: 0x80,
});

/** `NTF_EXT_*`. */
const neighFlagsExt = flagsOf(u32, { managed: 1, locked: 2, extern_valid: 4 });

/** `FDB_NOTIFY_*`: notify when an entry becomes active or inactive. */
const activityNotify = flagsOf(u8, { activity_notify: 1, inactive: 2 });

export const ndmsg = struct('ndmsg', {
  family,
  _pad1: u8,
  _pad2: u16,
  ifindex: s32,
  state: nudState,
  flags: neighFlags,
  type: routeType,
});

const age = counted(u32, '1/100 s');
export const ndaCacheinfo = struct('nda_cacheinfo', {
  confirmed: age,
  used: age,
  updated: age,
  refcnt: u32,
});

export const fdbExtAttrs = attrs({
  activityNotify: attr(
    'NFEA_ACTIVITY_NOTIFY',
    1,
    activityNotify,
    'notify of activity of the entry',
  ),
  dontRefresh: attr('NFEA_DONT_REFRESH', 2, flag, 'do not refresh the time of last use'),
});

export const nda = attrs({
  dst: attr('NDA_DST', 1, familyIp, 'address of the neighbour; for a VXLAN entry, the remote end'),
  lladdr: attr('NDA_LLADDR', 2, lladdr, 'its link-layer address'),
  cacheinfo: attr('NDA_CACHEINFO', 3, ndaCacheinfo, 'ages and reference count'),
  probes: attr('NDA_PROBES', 4, u32, 'probes sent without an answer'),
  vlan: attr('NDA_VLAN', 5, u16, 'VLAN of a bridge entry'),
  port: attr('NDA_PORT', 6, be16, 'UDP port of the remote end'),
  vni: attr('NDA_VNI', 7, u32, 'VNI of packets to the remote end'),
  ifindex: attr('NDA_IFINDEX', 8, u32, 'interface to the remote end'),
  master: attr('NDA_MASTER', 9, u32, 'the bridge; in dump requests a filter'),
  linkNetnsid: attr('NDA_LINK_NETNSID', 10, s32, 'namespace of the interface to the remote end'),
  srcVni: attr('NDA_SRC_VNI', 11, u32, 'VNI that the entry belongs to, for a device with several'),
  protocol: attr('NDA_PROTOCOL', 12, routeProtocol, 'origin of the entry'),
  nhId: attr('NDA_NH_ID', 13, u32, 'next hop group instead of a remote end'),
  fdbExtAttrs: attr(
    'NDA_FDB_EXT_ATTRS',
    14,
    nested(fdbExtAttrs),
    'extended attributes of bridge entries',
  ),
  flagsExt: attr(
    'NDA_FLAGS_EXT',
    15,
    neighFlagsExt,
    'extended flags, which do not fit into the header',
  ),
  ndmStateMask: attr('NDA_NDM_STATE_MASK', 16, nudState, 'states that a bulk deletion selects'),
  ndmFlagsMask: attr('NDA_NDM_FLAGS_MASK', 17, neighFlags, 'flags that a bulk deletion selects'),
});

export const neigh = message('neigh', { RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH }, ndmsg, nda, {
  doc: 'A neighbour, or an entry of a forwarding database.',
  subject: neighSubject,
});

export type Neigh = Static<typeof neigh>;
export type NeighInput = Input<typeof neigh>;
