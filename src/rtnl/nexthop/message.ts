/**
 * A next hop object, which routes refer to by id, a group of them, or a bucket of a resilient
 * group: `RTM_NEWNEXTHOP`, `RTM_DELNEXTHOP`, `RTM_GETNEXTHOP`, `RTM_NEWNEXTHOPBUCKET`,
 * `RTM_GETNEXTHOPBUCKET`.
 *
 * include/uapi/linux/nexthop.h; ip-nexthop(8); `ip nexthop add id 1 via 192.0.2.1 dev eth0`,
 * `ip nexthop add id 9 group 1,3/2`.
 */
import { familyIp } from '../../netlink/codec/address.ts';
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import {
  flag,
  u16,
  u32,
  u64,
  u8,
  uint,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { packed } from '../../netlink/codec/list.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { struct } from '../../netlink/codec/struct.ts';
import {
  RTM_DELNEXTHOP,
  RTM_GETNEXTHOP,
  RTM_GETNEXTHOPBUCKET,
  RTM_NEWNEXTHOP,
  RTM_NEWNEXTHOPBUCKET,
} from '../constants.ts';
import { encap, encapType } from '../route/encap.ts';
import { family } from '../family.ts';
import { routeProtocol } from '../route/route-table.ts';
import { nexthopFlags32 } from '../route/message.ts';
import { scope } from '../scope.ts';

/** `NEXTHOP_GRP_TYPE_*`. */
const groupType = enumOf(u16, { mpath: 0, resilient: 1 });

/** `NHA_OP_FLAG_*`: what an answer should contain besides the object. */
const opFlags = flagsOf(u32, { dump_stats: 1, dump_hw_stats: 2, resp_grp_resvd_0: 0x80000000 });

export const nhmsg = struct('nhmsg', {
  family,
  scope,
  protocol: routeProtocol,
  _resvd: u8,
  flags: nexthopFlags32,
});

/** `weight` and, in the upper byte, `weightHigh` hold the weight minus one. */
export const nexthopGrp = struct('nexthop_grp', {
  id: u32,
  weight: u8,
  weightHigh: u8,
  _resvd2: u16,
});

/** Times are in clock ticks, 100 per second. */
export const nhaResGroup = attrs({
  buckets: attr('NHA_RES_GROUP_BUCKETS', 1, u16, 'number of buckets'),
  idleTimer: attr(
    'NHA_RES_GROUP_IDLE_TIMER',
    2,
    u32,
    'idle time after which a bucket may be moved, in 1/100 s',
  ),
  unbalancedTimer: attr(
    'NHA_RES_GROUP_UNBALANCED_TIMER',
    3,
    u32,
    'time after which buckets are moved by force, in 1/100 s',
  ),
  unbalancedTime: attr(
    'NHA_RES_GROUP_UNBALANCED_TIME',
    4,
    u64,
    'time since the group became unbalanced, in 1/100 s',
  ),
});

export const nhaResBucket = attrs({
  index: attr('NHA_RES_BUCKET_INDEX', 1, u16, 'index of the bucket'),
  idleTime: attr('NHA_RES_BUCKET_IDLE_TIME', 2, u64, 'time since the last traffic, in 1/100 s'),
  nhId: attr('NHA_RES_BUCKET_NH_ID', 3, u32, 'next hop of the bucket'),
});

export const nhaGroupStatsEntry = attrs({
  id: attr('NHA_GROUP_STATS_ENTRY_ID', 1, u32, 'next hop'),
  packets: attr('NHA_GROUP_STATS_ENTRY_PACKETS', 2, uint, 'packets forwarded, hardware included'),
  packetsHw: attr('NHA_GROUP_STATS_ENTRY_PACKETS_HW', 3, uint, 'packets forwarded by hardware'),
});

export const nhaGroupStats = attrs({
  entry: manyAttr('NHA_GROUP_STATS_ENTRY', 1, nested(nhaGroupStatsEntry), 'counters of a next hop'),
});

export const nha = attrs({
  id: attr('NHA_ID', 1, u32, 'id; 0: chosen by the kernel'),
  group: attr('NHA_GROUP', 2, packed(nexthopGrp), 'members and weights'),
  groupType: attr('NHA_GROUP_TYPE', 3, groupType, 'how the group distributes flows'),
  blackhole: attr('NHA_BLACKHOLE', 4, flag, 'drop packets'),
  oif: attr('NHA_OIF', 5, u32, 'output interface; in dump requests a filter'),
  gateway: attr('NHA_GATEWAY', 6, familyIp, 'next router'),
  encapType: attr('NHA_ENCAP_TYPE', 7, encapType, 'type of encapsulation'),
  encap: attr('NHA_ENCAP', 8, encap, 'parameters of the encapsulation'),
  groups: attr('NHA_GROUPS', 9, flag, 'dump groups only'),
  master: attr('NHA_MASTER', 10, u32, 'dump only next hops of interfaces with this master'),
  fdb: attr('NHA_FDB', 11, flag, 'for use by forwarding databases, not by routes'),
  resGroup: attr('NHA_RES_GROUP', 12, nested(nhaResGroup), 'parameters of a resilient group'),
  resBucket: attr('NHA_RES_BUCKET', 13, nested(nhaResBucket), 'parameters of a bucket'),
  opFlags: attr('NHA_OP_FLAGS', 14, opFlags, 'what the answer should also contain'),
  groupStats: attr('NHA_GROUP_STATS', 15, nested(nhaGroupStats), 'counters of a group'),
  hwStatsEnable: attr('NHA_HW_STATS_ENABLE', 16, u32, 'whether to count in hardware'),
  hwStatsUsed: attr('NHA_HW_STATS_USED', 17, u32, 'whether hardware counts'),
});

export const nexthop = message(
  'nexthop',
  { RTM_NEWNEXTHOP, RTM_DELNEXTHOP, RTM_GETNEXTHOP, RTM_NEWNEXTHOPBUCKET, RTM_GETNEXTHOPBUCKET },
  nhmsg,
  nha,
  {
    doc: 'A next hop, a group, or a bucket of a resilient group.',
    subject: ({ attrs: a }) => (a?.id === undefined ? undefined : String(a.id)),
  },
);

export type Nexthop = Static<typeof nexthop>;
export type NexthopInput = Input<typeof nexthop>;
