/**
 * A route: `RTM_NEWROUTE`, `RTM_DELROUTE`, `RTM_GETROUTE`. MPLS routes are in `label-route.ts`.
 *
 * include/uapi/linux/rtnetlink.h; rtnetlink(7), ip-route(8);
 * `ip route add 198.51.100.0/24 via 192.0.2.1`.
 */
import { familyIp } from '../../netlink/codec/address.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import {
  be16,
  be32,
  bool8,
  counted,
  s32,
  u8,
  u16,
  u32,
  u64,
  uint,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { headed, records } from '../../netlink/codec/headed.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { RTM_DELROUTE, RTM_GETROUTE, RTM_NEWROUTE } from '../constants.ts';
import { encap, encapType } from './encap.ts';
import { family } from '../family.ts';
import { ipProtocol } from '../ip-protocol.ts';
import { labels } from '../mpls.ts';
import { realms } from './realms.ts';
import { rtax } from './metrics.ts';
import { routeProtocol, table, tableByte } from './route-table.ts';
import { via } from './via.ts';
import { scope } from '../scope.ts';
import { routeSubject } from '../subjects.ts';

/** `RTN_*`: the treatment of packets that match the route. */
export const routeType = enumOf(u8, {
  none: 0,
  unicast: 1,
  local: 2,
  broadcast: 3,
  anycast: 4,
  multicast: 5,
  blackhole: 6,
  unreachable: 7,
  prohibit: 8,
  throw: 9,
  nat: 10,
  xresolve: 11,
});

/** `RTNH_F_*`: the state of a next hop. */
const RTNH_F = {
  dead: 1,
  pervasive: 2,
  onlink: 4,
  offload: 8,
  linkdown: 16,
  unresolved: 32,
  trap: 64,
} as const;
export const nexthopFlags = flagsOf(u8, RTNH_F);
/** The same in four bytes: `struct nhmsg`. */
export const nexthopFlags32 = flagsOf(u32, RTNH_F);

/**
 * `RTM_F_*`, and the flags of a single next hop. The answer to an IPv4 lookup also has some
 * `RTCF_*` of include/uapi/linux/in_route.h; there `rt_offload_failed` means that the destination
 * is a multicast group.
 */
const routeFlags = flagsOf(u32, {
  ...RTNH_F,
  notify: 0x100,
  cloned: 0x200,
  equalize: 0x400,
  prefix: 0x800,
  lookup_table: 0x1000,
  fib_match: 0x2000,
  rt_offload: 0x4000,
  rt_trap: 0x8000,
  redirected: 0x40000,
  redirect: 0x1000000,
  brd: 0x10000000,
  rt_offload_failed: 0x20000000,
  local: 0x80000000,
});

/** `ICMPV6_ROUTER_PREF_*`, RFC 4191. */
const preference = enumOf(u8, { medium: 0, high: 1, low: 3 });

export const rtmsg = struct('rtmsg', {
  family,
  dstLen: u8,
  srcLen: u8,
  tos: u8,
  table: tableByte,
  protocol: routeProtocol,
  scope,
  type: routeType,
  flags: routeFlags,
});

export const rtnexthop = struct('rtnexthop', {
  len: u16,
  flags: nexthopFlags,
  /** The weight minus one. For a multicast route, the TTL threshold. */
  hops: u8,
  ifindex: s32,
});

export const rtaCacheinfo = struct('rta_cacheinfo', {
  clntref: u32,
  lastuse: counted(u32, '1/100 s'),
  expires: counted(s32, '1/100 s'),
  error: u32,
  used: u32,
  id: u32,
  ts: u32,
  tsage: u32,
});

export const rtaMfcStats = struct('rta_mfc_stats', { packets: u64, bytes: u64, wrongIf: u64 });

/** The attributes of a next hop. */
export const hop = attrs({
  gateway: attr('RTA_GATEWAY', 5, familyIp, 'next router'),
  flow: attr('RTA_FLOW', 11, realms, 'realms of source and destination'),
  via: attr('RTA_VIA', 18, via, 'next router, of another family than the route'),
  newdst: attr('RTA_NEWDST', 19, labels, 'labels that replace the outermost one'),
  encapType: attr('RTA_ENCAP_TYPE', 21, encapType, 'type of encapsulation'),
  encap: attr('RTA_ENCAP', 22, encap, 'parameters of the encapsulation'),
});

export const nexthops = records('rtnexthop', headed(rtnexthop, hop), 'len');

/** The attributes of routes of all families. */
export const commonRouteAttributes = {
  iif: attr('RTA_IIF', 3, u32, 'index of the input interface'),
  oif: attr('RTA_OIF', 4, u32, 'index of the output interface'),
  priority: attr('RTA_PRIORITY', 6, u32, 'metric; the lowest wins'),
  metrics: attr('RTA_METRICS', 8, rtax, 'metrics of the path and initial values for TCP'),
  multipath: attr('RTA_MULTIPATH', 9, nexthops, 'next hops with weights'),
  flow: hop.attributes.flow,
  cacheinfo: attr('RTA_CACHEINFO', 12, rtaCacheinfo, 'age, use and remaining lifetime'),
  table: attr('RTA_TABLE', 15, table, 'routing table; the header holds only the lower byte'),
  mark: attr('RTA_MARK', 16, u32, 'firewall mark, in lookups'),
  mfcStats: attr('RTA_MFC_STATS', 17, rtaMfcStats, 'counters of a multicast route'),
  via: hop.attributes.via,
  newdst: hop.attributes.newdst,
  pref: attr('RTA_PREF', 20, preference, 'preference of the router'),
  encapType: hop.attributes.encapType,
  encap: hop.attributes.encap,
  expires: attr(
    'RTA_EXPIRES',
    23,
    uint,
    'lifetime in seconds (multicast routes: idle time in 1/100 s, as bigint)',
  ),
  uid: attr('RTA_UID', 25, u32, 'user id, in lookups'),
  ttlPropagate: attr(
    'RTA_TTL_PROPAGATE',
    26,
    bool8,
    'propagate the time to live when a label is popped',
  ),
  ipProto: attr('RTA_IP_PROTO', 27, ipProtocol, 'transport protocol, in lookups'),
  sport: attr('RTA_SPORT', 28, be16, 'source port, in lookups'),
  dport: attr('RTA_DPORT', 29, be16, 'destination port, in lookups'),
  nhId: attr('RTA_NH_ID', 30, u32, 'next hop object'),
  flowlabel: attr('RTA_FLOWLABEL', 31, be32, 'IPv6 flow label, in lookups'),
} as const;

export const rta = attrs({
  dst: attr('RTA_DST', 1, familyIp, 'prefix; its length is in the header'),
  src: attr('RTA_SRC', 2, familyIp, 'source prefix; its length is in the header'),
  gateway: hop.attributes.gateway,
  prefsrc: attr('RTA_PREFSRC', 7, familyIp, 'preferred source address'),
  ...commonRouteAttributes,
});

export const route = message('route', { RTM_NEWROUTE, RTM_DELROUTE, RTM_GETROUTE }, rtmsg, rta, {
  doc: 'A route, and the answer to a lookup.',
  subject: routeSubject,
});

export type Route = Static<typeof route>;
export type RouteInput = Input<typeof route>;
