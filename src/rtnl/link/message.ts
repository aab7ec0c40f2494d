/**
 * A network interface: `RTM_NEWLINK`, `RTM_DELLINK`, `RTM_GETLINK`, `RTM_SETLINK`.
 *
 * include/uapi/linux/if_link.h, include/uapi/linux/rtnetlink.h; rtnetlink(7);
 * `ip link add br0 type bridge`. For the families AF_BRIDGE (`bridge link`, `bridge vlan`) and
 * AF_INET6 (`ip -6 link`) the same types carry other attributes under `IFLA_PROTINFO` and
 * `IFLA_AF_SPEC`; each is a message of its own here.
 */
import { lladdr } from '../../netlink/codec/address.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import * as codec from '../../netlink/codec/codec.ts';
import {
  bool8,
  cstr,
  s32,
  u8,
  u16,
  u32,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { headed } from '../../netlink/codec/headed.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { bridgeAfSpec } from './bridge-vlan.ts';
import * as rt from '../constants.ts';
import { RTM_DELLINK, RTM_GETLINK, RTM_NEWLINK, RTM_SETLINK } from '../constants.ts';
import { family } from '../family.ts';
import { linkSubject } from '../subjects.ts';
import { bridgePort } from './kinds/bridge-port.ts';
import { inet } from './inet.ts';
import { inet6 } from './inet6.ts';
import { linkinfo } from './info.ts';
import { linkKinds } from './kinds.ts';
import { netkit } from './kinds/netkit.ts';
import {
  devlinkPort,
  dpllPin,
  linkMctp,
  linkPropList,
  linkXdp,
  protoDownReason,
} from './small-sets.ts';
import { linkIfmap, linkStats, linkStats64 } from './link-stats.ts';
import { arphrd, iff, linkmode, operstate } from './type.ts';
import { veth, vxcan } from './kinds/veth.ts';
import { port, vfinfoList, vfPorts } from './vf.ts';

/** `RTEXT_FILTER_*`: what a request wants to receive besides the link, or not to receive. */
const extMask = flagsOf(u32, {
  vf: rt.RTEXT_FILTER_VF,
  brvlan: rt.RTEXT_FILTER_BRVLAN,
  brvlan_compressed: rt.RTEXT_FILTER_BRVLAN_COMPRESSED,
  skip_stats: rt.RTEXT_FILTER_SKIP_STATS,
  mrp: rt.RTEXT_FILTER_MRP,
  cfm_config: rt.RTEXT_FILTER_CFM_CONFIG,
  cfm_status: rt.RTEXT_FILTER_CFM_STATUS,
  mst: rt.RTEXT_FILTER_MST,
});

/** `IFLA_EVENT_*`: the reason for a message without a change. */
const event = enumOf(u32, {
  none: 0,
  reboot: 1,
  feature_change: 2,
  bonding_failover: 3,
  notify_peers: 4,
  resend_igmp: 5,
  bonding_options: 6,
});

export const ifinfomsg = struct('ifinfomsg', {
  family,
  _pad: u8,
  type: arphrd,
  index: s32,
  flags: iff,
  /** The flags that a request sets; all of them in the notification of a new link. */
  change: iff,
});

/** The attributes of links of every family. */
const common = {
  address: attr('IFLA_ADDRESS', 1, lladdr, 'link-layer address'),
  broadcast: attr('IFLA_BROADCAST', 2, lladdr, 'link-layer broadcast or peer address'),
  ifname: attr('IFLA_IFNAME', 3, cstr, 'name, at most 15 bytes'),
  mtu: attr('IFLA_MTU', 4, u32, 'maximum packet size in bytes'),
  link: attr('IFLA_LINK', 5, u32, 'index of the underlying link or the other end, see linkNetnsid'),
  qdisc: attr('IFLA_QDISC', 6, cstr, 'queueing discipline'),
  stats: attr('IFLA_STATS', 7, linkStats, 'counters, truncated to 32 bits'),
  cost: attr('IFLA_COST', 8, u32, 'not used by Linux'),
  priority: attr('IFLA_PRIORITY', 9, u32, 'not used by Linux'),
  master: attr('IFLA_MASTER', 10, u32, 'index of the bridge, bond or VRF; 0 detaches'),
  wireless: attr('IFLA_WIRELESS', 11, codec.bytes, 'event of the wireless extensions'),
  txqlen: attr('IFLA_TXQLEN', 13, u32, 'length of the transmit queue, in packets'),
  map: attr('IFLA_MAP', 14, linkIfmap, 'hardware resources'),
  weight: attr('IFLA_WEIGHT', 15, u32, 'packets per poll'),
  operstate: attr('IFLA_OPERSTATE', 16, operstate, 'operational state'),
  linkmode: attr('IFLA_LINKMODE', 17, linkmode, 'operational state once there is carrier'),
  linkinfo: attr('IFLA_LINKINFO', 18, linkinfo, 'kind and its attributes'),
  netNsPid: attr('IFLA_NET_NS_PID', 19, u32, 'move into the namespace of this process'),
  ifalias: attr('IFLA_IFALIAS', 20, cstr, 'free text, at most 255 bytes'),
  numVf: attr('IFLA_NUM_VF', 21, u32, 'number of virtual functions'),
  vfinfoList: attr('IFLA_VFINFO_LIST', 22, vfinfoList, 'virtual functions'),
  stats64: attr('IFLA_STATS64', 23, linkStats64, 'counters'),
  vfPorts: attr('IFLA_VF_PORTS', 24, vfPorts, 'switch ports of virtual functions'),
  portSelf: attr('IFLA_PORT_SELF', 25, port, 'switch port of the link itself'),
  group: attr('IFLA_GROUP', 27, u32, 'link group; RTM_DELLINK can delete all its links'),
  netNsFd: attr('IFLA_NET_NS_FD', 28, u32, 'move into the namespace of this descriptor'),
  extMask: attr('IFLA_EXT_MASK', 29, extMask, 'what to report; only in requests'),
  promiscuity: attr('IFLA_PROMISCUITY', 30, u32, 'number of users of promiscuous mode'),
  numTxQueues: attr('IFLA_NUM_TX_QUEUES', 31, u32, 'number of transmit queues'),
  numRxQueues: attr('IFLA_NUM_RX_QUEUES', 32, u32, 'number of receive queues'),
  carrier: attr('IFLA_CARRIER', 33, bool8, 'whether there is carrier'),
  physPortId: attr(
    'IFLA_PHYS_PORT_ID',
    34,
    codec.bytes,
    'id of the physical port, unique in the machine',
  ),
  carrierChanges: attr('IFLA_CARRIER_CHANGES', 35, u32, 'number of carrier changes'),
  physSwitchId: attr(
    'IFLA_PHYS_SWITCH_ID',
    36,
    codec.bytes,
    'id of the switch that the port belongs to',
  ),
  linkNetnsid: attr('IFLA_LINK_NETNSID', 37, s32, 'namespace id that `link` is an index of'),
  physPortName: attr('IFLA_PHYS_PORT_NAME', 38, cstr, 'name of the port on the switch'),
  protoDown: attr('IFLA_PROTO_DOWN', 39, bool8, 'a protocol keeps the link down'),
  gsoMaxSegs: attr('IFLA_GSO_MAX_SEGS', 40, u32, 'maximum number of segments of a GSO packet'),
  gsoMaxSize: attr('IFLA_GSO_MAX_SIZE', 41, u32, 'maximum size of a GSO packet, in bytes'),
  xdp: attr('IFLA_XDP', 43, linkXdp, 'XDP program'),
  event: attr('IFLA_EVENT', 44, event, 'reason for this message'),
  newNetnsid: attr('IFLA_NEW_NETNSID', 45, s32, 'namespace id that the link moved to'),
  targetNetnsid: attr('IFLA_TARGET_NETNSID', 46, s32, 'namespace id that the request applies to'),
  carrierUpCount: attr('IFLA_CARRIER_UP_COUNT', 47, u32, 'number of changes to carrier up'),
  carrierDownCount: attr('IFLA_CARRIER_DOWN_COUNT', 48, u32, 'number of changes to carrier down'),
  newIfindex: attr('IFLA_NEW_IFINDEX', 49, s32, 'index in the namespace that the link moved to'),
  minMtu: attr('IFLA_MIN_MTU', 50, u32, 'smallest possible MTU in bytes'),
  maxMtu: attr('IFLA_MAX_MTU', 51, u32, 'largest possible MTU in bytes; 0: no limit'),
  propList: attr('IFLA_PROP_LIST', 52, nested(linkPropList), 'alternative names'),
  altIfname: attr(
    'IFLA_ALT_IFNAME',
    53,
    cstr,
    'alternative name to look the link up by; only in requests',
  ),
  permAddress: attr('IFLA_PERM_ADDRESS', 54, lladdr, 'permanent address of the device'),
  protoDownReason: attr(
    'IFLA_PROTO_DOWN_REASON',
    55,
    nested(protoDownReason),
    'reasons that keep the link down',
  ),
  parentDevName: attr('IFLA_PARENT_DEV_NAME', 56, cstr, 'parent device, as in sysfs'),
  parentDevBusName: attr('IFLA_PARENT_DEV_BUS_NAME', 57, cstr, 'bus of the parent device'),
  groMaxSize: attr('IFLA_GRO_MAX_SIZE', 58, u32, 'maximum size of a GRO packet, in bytes'),
  tsoMaxSize: attr('IFLA_TSO_MAX_SIZE', 59, u32, 'maximum size of a TSO packet, in bytes'),
  tsoMaxSegs: attr('IFLA_TSO_MAX_SEGS', 60, u32, 'maximum number of segments of a TSO packet'),
  allmulti: attr('IFLA_ALLMULTI', 61, u32, 'number of users of all-multicast mode'),
  devlinkPort: attr('IFLA_DEVLINK_PORT', 62, nested(devlinkPort), 'devlink port of the link'),
  gsoIpv4MaxSize: attr('IFLA_GSO_IPV4_MAX_SIZE', 63, u32, 'gsoMaxSize for IPv4, in bytes'),
  groIpv4MaxSize: attr('IFLA_GRO_IPV4_MAX_SIZE', 64, u32, 'groMaxSize for IPv4, in bytes'),
  dpllPin: attr('IFLA_DPLL_PIN', 65, nested(dpllPin), 'clock pin of the link'),
  maxPacingOffloadHorizon: attr(
    'IFLA_MAX_PACING_OFFLOAD_HORIZON',
    66,
    codec.uint,
    'how far ahead the device can schedule packets, in ns',
  ),
  netnsImmutable: attr(
    'IFLA_NETNS_IMMUTABLE',
    67,
    bool8,
    'whether the link is bound to its namespace',
  ),
  headroom: attr('IFLA_HEADROOM', 68, u16, 'bytes that the device needs before a packet'),
  tailroom: attr('IFLA_TAILROOM', 69, u16, 'bytes that the device needs after a packet'),
};

/** Settings by address family, `IFLA_AF_SPEC`. */
const afSpec = attrs({
  inet: attr('AF_INET', rt.AF_INET, inet, 'IPv4 settings'),
  inet6: attr('AF_INET6', rt.AF_INET6, inet6, 'IPv6 settings'),
  mctp: attr('AF_MCTP', 45, linkMctp, 'MCTP settings'),
});

export const ifla = attrs({
  ...common,
  afSpec: attr('IFLA_AF_SPEC', 26, afSpec, 'settings by address family'),
});

/** A link inside a link: the other end of a pair. */
const peer = headed(ifinfomsg, ifla);
linkKinds.register('veth', veth(peer));
linkKinds.register('vxcan', vxcan(peer));
linkKinds.register('netkit', netkit(peer));

const types = { RTM_NEWLINK, RTM_DELLINK, RTM_GETLINK, RTM_SETLINK };

export const link = message('link', types, ifinfomsg, ifla, {
  doc: 'A network interface.',
  subject: linkSubject,
});

export const bridgeLink = message(
  'bridgeLink',
  types,
  ifinfomsg,
  attrs({
    ...common,
    protinfo: attr('IFLA_PROTINFO', 12, nested(bridgePort), 'settings of the port'),
    afSpec: attr('IFLA_AF_SPEC', 26, bridgeAfSpec, 'VLANs of the port'),
  }),
  {
    doc: 'An interface as the port of a bridge; family bridge.',
    family: rt.AF_BRIDGE,
    subject: linkSubject,
  },
);

export const inet6Link = message(
  'inet6Link',
  types,
  ifinfomsg,
  attrs({
    ...common,
    protinfo: attr('IFLA_PROTINFO', 12, inet6, 'IPv6 settings and counters'),
    afSpec: attr('IFLA_AF_SPEC', 26, afSpec, 'settings by address family'),
  }),
  { doc: 'An interface as IPv6 sees it; family inet6.', family: rt.AF_INET6, subject: linkSubject },
);

/** Adds and deletes alternative names: `ip link property add dev eth0 altname uplink`. */
export const linkProp = message(
  'linkProp',
  {
    RTM_NEWLINKPROP: rt.RTM_NEWLINKPROP,
    RTM_DELLINKPROP: rt.RTM_DELLINKPROP,
    RTM_GETLINKPROP: rt.RTM_GETLINKPROP,
  },
  ifinfomsg,
  ifla,
  { doc: 'Alternative names of an interface.', subject: linkSubject },
);

export interface LinkAttributes extends Static<typeof ifla> {}
// Interfaces appear by name in the declarations of callers; written out, a link is longer than the
// compiler allows.
export interface Link extends Static<typeof link> {}
export interface LinkInput extends Input<typeof link> {}
export interface LinkPeer extends Static<typeof peer> {}
export interface LinkPeerInput extends Input<typeof peer> {}
export type BridgeLink = Static<typeof bridgeLink>;
export type BridgeLinkInput = Input<typeof bridgeLink>;
export type Inet6Link = Static<typeof inet6Link>;
export type LinkPropInput = Input<typeof linkProp>;
