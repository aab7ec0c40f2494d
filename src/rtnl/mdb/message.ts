/**
 * The multicast database of a bridge or a VXLAN device: which ports have joined which group.
 * `RTM_NEWMDB`, `RTM_DELMDB`, `RTM_GETMDB`.
 *
 * include/uapi/linux/if_bridge.h, `MDBA_*`, `MDBE_*`; bridge(8), "bridge mdb";
 * `bridge mdb add dev br0 port veth0 grp 239.1.1.1 permanent`.
 *
 * Requests and the kernel's messages carry different attributes under the same numbers, so they are
 * separate messages.
 */
import { familyIp, ip } from '../../netlink/codec/address.ts';
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import { u16, u32, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { headed } from '../../netlink/codec/headed.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { RTM_DELMDB, RTM_GETMDB, RTM_NEWMDB } from '../constants.ts';
import { family } from '../family.ts';
import { brMdbEntry, groupFamily } from './entry.ts';
import { routeProtocol } from '../route/route-table.ts';

/** `MCAST_EXCLUDE`, `MCAST_INCLUDE`, include/uapi/linux/in.h. */
const groupMode = enumOf(u8, { exclude: 0, include: 1 });

/** `MDB_RTR_TYPE_*`. */
const routerType = enumOf(u8, { disabled: 0, temp_query: 1, permanent: 2, temp: 3 });

export const brPortMsg = struct('br_port_msg', { family, _pad1: u8, _pad2: u16, ifindex: u32 });

/** Timers are in clock ticks, 100 per second. */
export const mdbSrcattr = attrs({
  address: attr('MDBA_MDB_SRCATTR_ADDRESS', 1, ip, 'source'),
  timer: attr('MDBA_MDB_SRCATTR_TIMER', 2, u32, 'time until it expires, in 1/100 s'),
});

export const mdbSrclist = attrs({
  entry: manyAttr('MDBA_MDB_SRCLIST_ENTRY', 1, nested(mdbSrcattr), 'a source of the group'),
});

export const mdbEattr = attrs({
  timer: attr('MDBA_MDB_EATTR_TIMER', 1, u32, 'time until it expires, in 1/100 s'),
  srcList: attr('MDBA_MDB_EATTR_SRC_LIST', 2, nested(mdbSrclist), 'included or excluded sources'),
  groupMode: attr(
    'MDBA_MDB_EATTR_GROUP_MODE',
    3,
    groupMode,
    'whether the sources are included or excluded',
  ),
  source: attr('MDBA_MDB_EATTR_SOURCE', 4, ip, 'the only source'),
  rtprot: attr('MDBA_MDB_EATTR_RTPROT', 5, routeProtocol, 'origin of the entry'),
  dst: attr('MDBA_MDB_EATTR_DST', 6, ip, 'remote end of a VXLAN entry'),
  dstPort: attr('MDBA_MDB_EATTR_DST_PORT', 7, u16, 'UDP port of the remote end'),
  vni: attr('MDBA_MDB_EATTR_VNI', 8, u32, 'VNI of packets to the remote end'),
  ifindex: attr('MDBA_MDB_EATTR_IFINDEX', 9, u32, 'interface to the remote end'),
  srcVni: attr('MDBA_MDB_EATTR_SRC_VNI', 10, u32, 'VNI that the entry belongs to'),
});

export const mdbEntry = attrs({
  info: manyAttr('MDBA_MDB_ENTRY_INFO', 1, headed(brMdbEntry, mdbEattr), 'a port and a group'),
});

export const mdbEntries = attrs({
  entry: manyAttr('MDBA_MDB_ENTRY', 1, mdbEntry, 'the ports of one group'),
});

export const mdbRouterPattr = attrs({
  timer: attr('MDBA_ROUTER_PATTR_TIMER', 1, u32, 'time until it expires, in 1/100 s'),
  type: attr('MDBA_ROUTER_PATTR_TYPE', 2, routerType, 'how the router was found'),
  inetTimer: attr(
    'MDBA_ROUTER_PATTR_INET_TIMER',
    3,
    u32,
    'time until the IPv4 router expires, in 1/100 s',
  ),
  inet6Timer: attr(
    'MDBA_ROUTER_PATTR_INET6_TIMER',
    4,
    u32,
    'time until the IPv6 router expires, in 1/100 s',
  ),
  vid: attr('MDBA_ROUTER_PATTR_VID', 5, u16, 'VLAN'),
});

const routerPort = struct('u32', { ifindex: u32 });

export const mdbRouterPorts = attrs({
  port: manyAttr(
    'MDBA_ROUTER_PORT',
    1,
    headed(routerPort, mdbRouterPattr),
    'a port with a multicast router',
  ),
});

export const mdba = attrs({
  mdb: attr('MDBA_MDB', 1, mdbEntries, 'groups'),
  router: attr('MDBA_ROUTER', 2, mdbRouterPorts, 'ports with multicast routers'),
});

/** An answer keeps the type of its request: a dump consists of `RTM_GETMDB`. */
export const mdb = message('mdb', { RTM_NEWMDB, RTM_DELMDB, RTM_GETMDB }, brPortMsg, mdba, {
  doc: 'Groups of a bridge, as reported by the kernel.',
  sender: 'kernel',
});

export const mdbeSrcList = attrs({
  entry: manyAttr(
    'MDBE_SRC_LIST_ENTRY',
    1,
    nested(attrs({ address: attr('MDBE_SRCATTR_ADDRESS', 1, familyIp, 'source') })),
    'a source of the group',
  ),
});

export const mdbe = attrs({
  source: attr('MDBE_ATTR_SOURCE', 1, familyIp, 'the only source'),
  srcList: attr('MDBE_ATTR_SRC_LIST', 2, nested(mdbeSrcList), 'included or excluded sources'),
  groupMode: attr(
    'MDBE_ATTR_GROUP_MODE',
    3,
    groupMode,
    'whether the sources are included or excluded',
  ),
  rtprot: attr('MDBE_ATTR_RTPROT', 4, routeProtocol, 'origin of the entry'),
  dst: attr('MDBE_ATTR_DST', 5, ip, 'remote end of a VXLAN entry'),
  dstPort: attr('MDBE_ATTR_DST_PORT', 6, u16, 'UDP port of the remote end'),
  vni: attr('MDBE_ATTR_VNI', 7, u32, 'VNI of packets to the remote end'),
  ifindex: attr('MDBE_ATTR_IFINDEX', 8, u32, 'interface to the remote end'),
  srcVni: attr('MDBE_ATTR_SRC_VNI', 9, u32, 'VNI that the entry belongs to'),
  stateMask: attr('MDBE_ATTR_STATE_MASK', 10, u8, 'states that a bulk deletion selects'),
});

export const mdbaSetEntry = attrs({
  entry: attr('MDBA_SET_ENTRY', 1, brMdbEntry, 'port and group'),
  entryAttrs: attr('MDBA_SET_ENTRY_ATTRS', 2, nested(mdbe), 'further attributes of the entry'),
});

export const mdbChange = message('mdbChange', { RTM_NEWMDB, RTM_DELMDB }, brPortMsg, mdbaSetEntry, {
  doc: 'Adds or removes a group of a bridge port.',
  sender: 'user',
  addressFamily: ({ attrs: a }) => groupFamily(a?.entry?.addr),
  subject: ({ attrs: a }) => a?.entry?.addr,
});

export const mdbaGetEntry = attrs({
  entry: attr('MDBA_GET_ENTRY', 1, brMdbEntry, 'group; left out in a dump'),
  entryAttrs: attr(
    'MDBA_GET_ENTRY_ATTRS',
    2,
    nested(mdbe),
    'further attributes that identify the entry',
  ),
});

export const mdbQuery = message('mdbQuery', { RTM_GETMDB }, brPortMsg, mdbaGetEntry, {
  doc: 'Asks for all groups, or for one.',
  sender: 'user',
  addressFamily: ({ attrs: a }) => groupFamily(a?.entry?.addr),
  subject: ({ attrs: a }) => a?.entry?.addr,
});

export type Mdb = Static<typeof mdb>;
export type MdbChange = Static<typeof mdbChange>;
export type MdbChangeInput = Input<typeof mdbChange>;
export type MdbQuery = Static<typeof mdbQuery>;
export type MdbQueryInput = Input<typeof mdbQuery>;
