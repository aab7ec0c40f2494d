/**
 * A bridge: `IFLA_INFO_DATA` of kind `bridge`.
 *
 * include/uapi/linux/if_link.h, `IFLA_BR_*`; include/uapi/linux/if_bridge.h; ip-link(8), "Bridge
 * Type Support"; `ip link add br0 type bridge vlan_filtering 1`. All times are in 1/100 s.
 */
import { ipv4, ipv6, mac } from '../../../netlink/codec/address.ts';
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import {
  be16,
  bool8,
  flag,
  u16,
  u32,
  u64,
  u8,
  type Input,
  type Static,
} from '../../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../../netlink/codec/enums.ts';
import { nested } from '../../../netlink/codec/nested.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { vlanProtocol } from './vlan-protocol.ts';

/** `BR_BOOLOPT_*`, by the names of the `ip link` options. */
const boolopt = flagsOf(u32, {
  no_linklocal_learn: 1,
  mcast_vlan_snooping: 2,
  mst_enabled: 4,
  mdb_offload_fail_notification: 8,
  fdb_local_vlan_0: 16,
});

/** `optmask` selects the options, `optval` holds their values. */
export const brBooloptMulti = struct('br_boolopt_multi', { optval: boolopt, optmask: boolopt });

/** `BR_STP_MODE_*`: auto runs /sbin/bridge-stp, in the initial namespace only. */
const stpMode = enumOf(u32, { auto: 0, user: 1, kernel: 2 });

/** `8000.02:42:ac:11:00:02` in iproute2: spanning tree priority, then the bridge's address. */
export const bridgeId = struct('ifla_bridge_id', { prio: be16, addr: mac });

/** `BRIDGE_QUERIER_*`: the known multicast queriers. */
export const bridgeQuerier = attrs({
  ipAddress: attr('BRIDGE_QUERIER_IP_ADDRESS', 1, ipv4, 'IGMP querier'),
  ipPort: attr('BRIDGE_QUERIER_IP_PORT', 2, u32, 'interface index of the port to it'),
  ipOtherTimer: attr('BRIDGE_QUERIER_IP_OTHER_TIMER', 3, u64, 'time until it expires, in 1/100 s'),
  ipv6Address: attr('BRIDGE_QUERIER_IPV6_ADDRESS', 5, ipv6, 'MLD querier'),
  ipv6Port: attr('BRIDGE_QUERIER_IPV6_PORT', 6, u32, 'interface index of the port to it'),
  ipv6OtherTimer: attr(
    'BRIDGE_QUERIER_IPV6_OTHER_TIMER',
    7,
    u64,
    'time until it expires, in 1/100 s',
  ),
});

export const bridge = attrs({
  forwardDelay: attr(
    'IFLA_BR_FORWARD_DELAY',
    1,
    u32,
    'time in each of listening and learning, in 1/100 s',
  ),
  helloTime: attr('IFLA_BR_HELLO_TIME', 2, u32, 'interval of hello packets, in 1/100 s'),
  maxAge: attr('IFLA_BR_MAX_AGE', 3, u32, 'lifetime of a hello packet, in 1/100 s'),
  ageingTime: attr('IFLA_BR_AGEING_TIME', 4, u32, 'lifetime of a learned address, in 1/100 s'),
  stpState: attr('IFLA_BR_STP_STATE', 5, u32, '0 off, 1 in the kernel, 2 in user space'),
  priority: attr('IFLA_BR_PRIORITY', 6, u16, 'spanning tree priority; the lowest becomes root'),
  vlanFiltering: attr('IFLA_BR_VLAN_FILTERING', 7, bool8, 'restrict ports to their own VLANs'),
  vlanProtocol: attr('IFLA_BR_VLAN_PROTOCOL', 8, vlanProtocol, 'EtherType of the tags'),
  groupFwdMask: attr('IFLA_BR_GROUP_FWD_MASK', 9, u16, 'bit n: forward 01:80:c2:00:00:0n'),
  rootId: attr('IFLA_BR_ROOT_ID', 10, bridgeId, 'root of the spanning tree'),
  bridgeId: attr('IFLA_BR_BRIDGE_ID', 11, bridgeId, 'id of this bridge'),
  rootPort: attr('IFLA_BR_ROOT_PORT', 12, u16, 'number of the port towards the root'),
  rootPathCost: attr('IFLA_BR_ROOT_PATH_COST', 13, u32, 'cost of the path to the root'),
  topologyChange: attr(
    'IFLA_BR_TOPOLOGY_CHANGE',
    14,
    bool8,
    'a topology change is being announced',
  ),
  topologyChangeDetected: attr(
    'IFLA_BR_TOPOLOGY_CHANGE_DETECTED',
    15,
    bool8,
    'a topology change was detected',
  ),
  helloTimer: attr('IFLA_BR_HELLO_TIMER', 16, u64, 'time until the next hello, in 1/100 s'),
  tcnTimer: attr(
    'IFLA_BR_TCN_TIMER',
    17,
    u64,
    'time until the next topology change notification, in 1/100 s',
  ),
  topologyChangeTimer: attr(
    'IFLA_BR_TOPOLOGY_CHANGE_TIMER',
    18,
    u64,
    'time until the topology change ends, in 1/100 s',
  ),
  gcTimer: attr('IFLA_BR_GC_TIMER', 19, u64, 'time until old addresses are collected, in 1/100 s'),
  groupAddr: attr('IFLA_BR_GROUP_ADDR', 20, mac, 'address of spanning tree packets'),
  fdbFlush: attr('IFLA_BR_FDB_FLUSH', 21, flag, 'forget learned addresses; only in requests'),
  mcastRouter: attr('IFLA_BR_MCAST_ROUTER', 22, u8, '0 never, 1 on query, 2 always'),
  mcastSnooping: attr(
    'IFLA_BR_MCAST_SNOOPING',
    23,
    bool8,
    'forward multicast only to interested ports',
  ),
  mcastQueryUseIfaddr: attr(
    'IFLA_BR_MCAST_QUERY_USE_IFADDR',
    24,
    bool8,
    "query from the bridge's own address",
  ),
  mcastQuerier: attr('IFLA_BR_MCAST_QUERIER', 25, bool8, 'send multicast queries'),
  mcastHashElasticity: attr('IFLA_BR_MCAST_HASH_ELASTICITY', 26, u32, 'unused since Linux 5.0'),
  mcastHashMax: attr('IFLA_BR_MCAST_HASH_MAX', 27, u32, 'maximum number of multicast groups'),
  mcastLastMemberCnt: attr(
    'IFLA_BR_MCAST_LAST_MEMBER_CNT',
    28,
    u32,
    'number of queries before a group is left',
  ),
  mcastStartupQueryCnt: attr(
    'IFLA_BR_MCAST_STARTUP_QUERY_CNT',
    29,
    u32,
    'number of queries at startup',
  ),
  mcastLastMemberIntvl: attr(
    'IFLA_BR_MCAST_LAST_MEMBER_INTVL',
    30,
    u64,
    'interval of these queries, in 1/100 s',
  ),
  mcastMembershipIntvl: attr(
    'IFLA_BR_MCAST_MEMBERSHIP_INTVL',
    31,
    u64,
    'lifetime of a membership, in 1/100 s',
  ),
  mcastQuerierIntvl: attr(
    'IFLA_BR_MCAST_QUERIER_INTVL',
    32,
    u64,
    'silence of another querier after which to query, in 1/100 s',
  ),
  mcastQueryIntvl: attr('IFLA_BR_MCAST_QUERY_INTVL', 33, u64, 'interval of queries, in 1/100 s'),
  mcastQueryResponseIntvl: attr(
    'IFLA_BR_MCAST_QUERY_RESPONSE_INTVL',
    34,
    u64,
    'time allowed for a response, in 1/100 s',
  ),
  mcastStartupQueryIntvl: attr(
    'IFLA_BR_MCAST_STARTUP_QUERY_INTVL',
    35,
    u64,
    'interval of queries at startup, in 1/100 s',
  ),
  nfCallIptables: attr(
    'IFLA_BR_NF_CALL_IPTABLES',
    36,
    bool8,
    'pass bridged packets to IPv4 netfilter',
  ),
  nfCallIp6tables: attr(
    'IFLA_BR_NF_CALL_IP6TABLES',
    37,
    bool8,
    'pass bridged packets to IPv6 netfilter',
  ),
  nfCallArptables: attr(
    'IFLA_BR_NF_CALL_ARPTABLES',
    38,
    bool8,
    'pass bridged packets to ARP netfilter',
  ),
  vlanDefaultPvid: attr('IFLA_BR_VLAN_DEFAULT_PVID', 39, u16, 'VLAN of new ports; 0: none'),
  vlanStatsEnabled: attr('IFLA_BR_VLAN_STATS_ENABLED', 41, bool8, 'keep counters per VLAN'),
  mcastStatsEnabled: attr(
    'IFLA_BR_MCAST_STATS_ENABLED',
    42,
    bool8,
    'keep counters of IGMP and MLD',
  ),
  mcastIgmpVersion: attr('IFLA_BR_MCAST_IGMP_VERSION', 43, u8, 'IGMP version, 2 or 3'),
  mcastMldVersion: attr('IFLA_BR_MCAST_MLD_VERSION', 44, u8, 'MLD version, 1 or 2'),
  vlanStatsPerPort: attr(
    'IFLA_BR_VLAN_STATS_PER_PORT',
    45,
    bool8,
    'keep counters per port and VLAN',
  ),
  multiBoolopt: attr('IFLA_BR_MULTI_BOOLOPT', 46, brBooloptMulti, 'further switches'),
  mcastQuerierState: attr(
    'IFLA_BR_MCAST_QUERIER_STATE',
    47,
    nested(bridgeQuerier),
    'known queriers',
  ),
  fdbNLearned: attr('IFLA_BR_FDB_N_LEARNED', 48, u32, 'number of learned addresses'),
  fdbMaxLearned: attr(
    'IFLA_BR_FDB_MAX_LEARNED',
    49,
    u32,
    'maximum number of learned addresses; 0: no limit',
  ),
  stpMode: attr(
    'IFLA_BR_STP_MODE',
    50,
    stpMode,
    'where the spanning tree protocol runs once it is on',
  ),
});

export type Bridge = Static<typeof bridge>;
export type BridgeInput = Input<typeof bridge>;
