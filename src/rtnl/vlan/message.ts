/**
 * Per-VLAN options of a bridge and its ports: `RTM_NEWVLAN`, `RTM_DELVLAN`, `RTM_GETVLAN`.
 *
 * include/uapi/linux/if_bridge.h, `BRIDGE_VLANDB_*`; bridge(8), "bridge vlan set", "bridge vlan
 * global"; `bridge vlan set dev veth0 vid 10 state blocking`.
 */
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import { bool8, u16, u32, u64, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { bridgeVlanInfo } from '../link/bridge-vlan.ts';
import { RTM_DELVLAN, RTM_GETVLAN, RTM_NEWVLAN } from '../constants.ts';
import { family } from '../family.ts';
import { bridgeQuerier } from '../link/kinds/bridge.ts';
import { stpState } from '../link/kinds/bridge-port.ts';
import { mdba } from '../mdb/message.ts';

/** What a request does with a tunnel id: `RTM_SETLINK` adds, `RTM_DELLINK` deletes it. */
const tunnelCommand = enumOf(u32, { add: 19, del: 17 });

/** `BRIDGE_VLANDB_DUMPF_*`. */
const dumpFlags = flagsOf(u32, { stats: 1, global: 2 });

export const brVlanMsg = struct('br_vlan_msg', {
  family,
  _reserved1: u8,
  _reserved2: u16,
  ifindex: u32,
});

export const vlanTunnelInfo = attrs({
  id: attr('BRIDGE_VLANDB_TINFO_ID', 1, u32, 'tunnel id, a VNI'),
  cmd: attr('BRIDGE_VLANDB_TINFO_CMD', 2, tunnelCommand, 'add or delete it; only in requests'),
});

export const vlanStats = attrs({
  rxBytes: attr('BRIDGE_VLANDB_STATS_RX_BYTES', 1, u64, 'bytes received'),
  rxPackets: attr('BRIDGE_VLANDB_STATS_RX_PACKETS', 2, u64, 'packets received'),
  txBytes: attr('BRIDGE_VLANDB_STATS_TX_BYTES', 3, u64, 'bytes sent'),
  txPackets: attr('BRIDGE_VLANDB_STATS_TX_PACKETS', 4, u64, 'packets sent'),
});

export const vlanEntry = attrs({
  info: attr('BRIDGE_VLANDB_ENTRY_INFO', 1, bridgeVlanInfo, 'the VLAN, or the first of a range'),
  range: attr('BRIDGE_VLANDB_ENTRY_RANGE', 2, u16, 'the last VLAN of the range'),
  state: attr('BRIDGE_VLANDB_ENTRY_STATE', 3, stpState, 'spanning tree state'),
  tunnelInfo: attr('BRIDGE_VLANDB_ENTRY_TUNNEL_INFO', 4, nested(vlanTunnelInfo), 'tunnel id'),
  stats: attr('BRIDGE_VLANDB_ENTRY_STATS', 5, nested(vlanStats), 'counters'),
  mcastRouter: attr(
    'BRIDGE_VLANDB_ENTRY_MCAST_ROUTER',
    6,
    u8,
    'multicast router: 0 off, 1 auto, 2 on',
  ),
  mcastNGroups: attr(
    'BRIDGE_VLANDB_ENTRY_MCAST_N_GROUPS',
    7,
    u32,
    'number of joined multicast groups',
  ),
  mcastMaxGroups: attr(
    'BRIDGE_VLANDB_ENTRY_MCAST_MAX_GROUPS',
    8,
    u32,
    'maximum number of groups; 0: no limit',
  ),
  neighSuppress: attr(
    'BRIDGE_VLANDB_ENTRY_NEIGH_SUPPRESS',
    9,
    bool8,
    'answer ARP and NDP from the bridge',
  ),
});

/** Intervals are in clock ticks, 100 per second. */
export const vlanGlobalOptions = attrs({
  id: attr('BRIDGE_VLANDB_GOPTS_ID', 1, u16, 'the VLAN, or the first of a range'),
  range: attr('BRIDGE_VLANDB_GOPTS_RANGE', 2, u16, 'the last VLAN of the range'),
  mcastSnooping: attr('BRIDGE_VLANDB_GOPTS_MCAST_SNOOPING', 3, bool8, 'multicast snooping'),
  mcastIgmpVersion: attr('BRIDGE_VLANDB_GOPTS_MCAST_IGMP_VERSION', 4, u8, 'IGMP version'),
  mcastMldVersion: attr('BRIDGE_VLANDB_GOPTS_MCAST_MLD_VERSION', 5, u8, 'MLD version'),
  mcastLastMemberCnt: attr(
    'BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_CNT',
    6,
    u32,
    'number of queries before a group is left',
  ),
  mcastStartupQueryCnt: attr(
    'BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_CNT',
    7,
    u32,
    'number of queries at startup',
  ),
  mcastLastMemberIntvl: attr(
    'BRIDGE_VLANDB_GOPTS_MCAST_LAST_MEMBER_INTVL',
    8,
    u64,
    'interval of queries before a group is left, in 1/100 s',
  ),
  mcastMembershipIntvl: attr(
    'BRIDGE_VLANDB_GOPTS_MCAST_MEMBERSHIP_INTVL',
    10,
    u64,
    'time after which a silent member expires, in 1/100 s',
  ),
  mcastQuerierIntvl: attr(
    'BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_INTVL',
    11,
    u64,
    'time after which another querier expires, in 1/100 s',
  ),
  mcastQueryIntvl: attr(
    'BRIDGE_VLANDB_GOPTS_MCAST_QUERY_INTVL',
    12,
    u64,
    'interval of queries, in 1/100 s',
  ),
  mcastQueryResponseIntvl: attr(
    'BRIDGE_VLANDB_GOPTS_MCAST_QUERY_RESPONSE_INTVL',
    13,
    u64,
    'time allowed for a response, in 1/100 s',
  ),
  mcastStartupQueryIntvl: attr(
    'BRIDGE_VLANDB_GOPTS_MCAST_STARTUP_QUERY_INTVL',
    14,
    u64,
    'interval of queries at startup, in 1/100 s',
  ),
  mcastQuerier: attr('BRIDGE_VLANDB_GOPTS_MCAST_QUERIER', 15, bool8, 'send multicast queries'),
  mcastRouterPorts: attr(
    'BRIDGE_VLANDB_GOPTS_MCAST_ROUTER_PORTS',
    16,
    nested(attrs({ router: mdba.attributes.router })),
    'ports with a multicast router',
  ),
  mcastQuerierState: attr(
    'BRIDGE_VLANDB_GOPTS_MCAST_QUERIER_STATE',
    17,
    nested(bridgeQuerier),
    'queriers of the VLAN',
  ),
  msti: attr('BRIDGE_VLANDB_GOPTS_MSTI', 18, u16, 'spanning tree instance'),
});

export const bridgeVlandb = attrs({
  entry: manyAttr('BRIDGE_VLANDB_ENTRY', 1, nested(vlanEntry), 'a VLAN of a port or of the bridge'),
  globalOptions: manyAttr(
    'BRIDGE_VLANDB_GLOBAL_OPTIONS',
    2,
    nested(vlanGlobalOptions),
    'global options of a VLAN of the bridge',
  ),
});

export const vlan = message('vlan', { RTM_NEWVLAN, RTM_DELVLAN }, brVlanMsg, bridgeVlandb, {
  doc: 'VLANs of a bridge port, or global VLAN options of the bridge.',
});

export const bridgeVlandbDump = attrs({
  flags: attr('BRIDGE_VLANDB_DUMP_FLAGS', 1, dumpFlags, 'what the dump should contain'),
});

export const vlanQuery = message('vlanQuery', { RTM_GETVLAN }, brVlanMsg, bridgeVlandbDump, {
  doc: 'Gets the VLANs of all bridge ports, or of one.',
});

export type Vlan = Static<typeof vlan>;
export type VlanInput = Input<typeof vlan>;
export type VlanQuery = Static<typeof vlanQuery>;
export type VlanQueryInput = Input<typeof vlanQuery>;
