/**
 * Counters of a link, including some that the link message does not have: `RTM_NEWSTATS`,
 * `RTM_GETSTATS`, `RTM_SETSTATS`.
 *
 * include/uapi/linux/if_link.h, `IFLA_STATS_*`; ip-stats(8), bridge(8) "bridge -s vlan"; `ip stats
 * show dev eth0`.
 */
import { attr, attrs, manyAttr } from '../netlink/codec/attributes.ts';
import { bool8, u16, u32, u64, u8, type Input, type Static } from '../netlink/codec/codec.ts';
import { flagsOf } from '../netlink/codec/enums.ts';
import { message } from '../netlink/codec/message.ts';
import { nested } from '../netlink/codec/nested.ts';
import { struct } from '../netlink/codec/struct.ts';
import { bridgeVlanFlags } from './link/bridge-vlan.ts';
import { AF_MPLS, RTM_GETSTATS, RTM_NEWSTATS, RTM_SETSTATS } from './constants.ts';
import { family } from './family.ts';
import { linkStats64 } from './link/link-stats.ts';

/** `IFLA_STATS_FILTER_BIT`: the attributes that the answer should contain. */
const groups = flagsOf(u32, { link: 1, xstats: 2, xstats_slave: 4, offload: 8, afstats: 16 });

export const ifStatsMsg = struct('if_stats_msg', {
  family,
  _pad1: u8,
  _pad2: u16,
  ifindex: u32,
  filterMask: groups,
});

export const bridgeVlanXstats = struct('bridge_vlan_xstats', {
  rxBytes: u64,
  rxPackets: u64,
  txBytes: u64,
  txPackets: u64,
  vid: u16,
  flags: bridgeVlanFlags,
  _pad2: u32,
});

/** Each counter exists for received and for sent packets. */
export const brMcastStats = struct('br_mcast_stats', {
  igmpV1queriesRx: u64,
  igmpV1queriesTx: u64,
  igmpV2queriesRx: u64,
  igmpV2queriesTx: u64,
  igmpV3queriesRx: u64,
  igmpV3queriesTx: u64,
  igmpLeavesRx: u64,
  igmpLeavesTx: u64,
  igmpV1reportsRx: u64,
  igmpV1reportsTx: u64,
  igmpV2reportsRx: u64,
  igmpV2reportsTx: u64,
  igmpV3reportsRx: u64,
  igmpV3reportsTx: u64,
  igmpParseErrors: u64,
  mldV1queriesRx: u64,
  mldV1queriesTx: u64,
  mldV2queriesRx: u64,
  mldV2queriesTx: u64,
  mldLeavesRx: u64,
  mldLeavesTx: u64,
  mldV1reportsRx: u64,
  mldV1reportsTx: u64,
  mldV2reportsRx: u64,
  mldV2reportsTx: u64,
  mldParseErrors: u64,
  mcastBytesRx: u64,
  mcastBytesTx: u64,
  mcastPacketsRx: u64,
  mcastPacketsTx: u64,
});

export const bridgeStpXstats = struct('bridge_stp_xstats', {
  transitionBlk: u64,
  transitionFwd: u64,
  rxBpdu: u64,
  txBpdu: u64,
  rxTcn: u64,
  txTcn: u64,
});

const bridgeXstats = attrs({
  vlan: manyAttr('BRIDGE_XSTATS_VLAN', 1, bridgeVlanXstats, 'counters of a VLAN'),
  mcast: attr('BRIDGE_XSTATS_MCAST', 2, brMcastStats, 'counters of IGMP and MLD'),
  stp: attr('BRIDGE_XSTATS_STP', 4, bridgeStpXstats, 'counters of the spanning tree'),
});

/** LACP frames of a bond, IEEE 802.1AX. */
const bond3ad = attrs({
  lacpduRx: attr('BOND_3AD_STAT_LACPDU_RX', 0, u64, 'LACPDUs received'),
  lacpduTx: attr('BOND_3AD_STAT_LACPDU_TX', 1, u64, 'LACPDUs sent'),
  lacpduUnknownRx: attr('BOND_3AD_STAT_LACPDU_UNKNOWN_RX', 2, u64, 'LACPDUs of unknown type'),
  lacpduIllegalRx: attr('BOND_3AD_STAT_LACPDU_ILLEGAL_RX', 3, u64, 'malformed LACPDUs'),
  markerRx: attr('BOND_3AD_STAT_MARKER_RX', 4, u64, 'markers received'),
  markerTx: attr('BOND_3AD_STAT_MARKER_TX', 5, u64, 'markers sent'),
  markerRespRx: attr('BOND_3AD_STAT_MARKER_RESP_RX', 6, u64, 'marker responses received'),
  markerRespTx: attr('BOND_3AD_STAT_MARKER_RESP_TX', 7, u64, 'marker responses sent'),
  markerUnknownRx: attr('BOND_3AD_STAT_MARKER_UNKNOWN_RX', 8, u64, 'markers of unknown type'),
});

const bondXstats = attrs({
  xstats3ad: attr('BOND_XSTATS_3AD', 1, bond3ad, 'counters of LACP'),
});

const xstats = attrs({
  bridge: attr('LINK_XSTATS_TYPE_BRIDGE', 1, bridgeXstats, 'counters of a bridge or its port'),
  bond: attr('LINK_XSTATS_TYPE_BOND', 2, bondXstats, 'counters of a bond or its port'),
});

export const rtnlHwStats64 = struct('rtnl_hw_stats64', {
  rxPackets: u64,
  txPackets: u64,
  rxBytes: u64,
  txBytes: u64,
  rxErrors: u64,
  txErrors: u64,
  rxDropped: u64,
  txDropped: u64,
  multicast: u64,
});

const hwInfo = attrs({
  request: attr(
    'IFLA_OFFLOAD_XSTATS_HW_S_INFO_REQUEST',
    1,
    bool8,
    'whether hardware counters were requested',
  ),
  used: attr('IFLA_OFFLOAD_XSTATS_HW_S_INFO_USED', 2, bool8, 'whether hardware counts'),
});

const hwInfos = attrs({
  l3Stats: attr('IFLA_OFFLOAD_XSTATS_L3_STATS', 3, nested(hwInfo), 'state of layer 3 counters'),
});

const offloadXstats = attrs({
  cpuHit: attr(
    'IFLA_OFFLOAD_XSTATS_CPU_HIT',
    1,
    linkStats64,
    'packets that hardware passed to the CPU',
  ),
  hwSInfo: attr('IFLA_OFFLOAD_XSTATS_HW_S_INFO', 2, nested(hwInfos), 'whether hardware counts'),
  l3Stats: attr('IFLA_OFFLOAD_XSTATS_L3_STATS', 3, rtnlHwStats64, 'packets counted by hardware'),
});

export const mplsLinkStats = struct('mpls_link_stats', {
  rxPackets: u64,
  txPackets: u64,
  rxBytes: u64,
  txBytes: u64,
  rxErrors: u64,
  txErrors: u64,
  rxDropped: u64,
  txDropped: u64,
  rxNoroute: u64,
});

const afSpec = attrs({
  mpls: attr(
    'AF_MPLS',
    AF_MPLS,
    attrs({ link: attr('MPLS_STATS_LINK', 1, mplsLinkStats, 'counters of MPLS packets') }),
    'counters of MPLS',
  ),
});

export const ifStats = attrs({
  link64: attr('IFLA_STATS_LINK_64', 1, linkStats64, 'standard counters'),
  linkXstats: attr('IFLA_STATS_LINK_XSTATS', 2, xstats, 'counters of its kind'),
  linkXstatsSlave: attr(
    'IFLA_STATS_LINK_XSTATS_SLAVE',
    3,
    xstats,
    'counters of its master for this member',
  ),
  linkOffloadXstats: attr(
    'IFLA_STATS_LINK_OFFLOAD_XSTATS',
    4,
    offloadXstats,
    'counters of hardware',
  ),
  afSpec: attr('IFLA_STATS_AF_SPEC', 5, afSpec, 'counters by address family'),
});

export const stats = message('stats', { RTM_NEWSTATS }, ifStatsMsg, ifStats, {
  doc: 'Counters of a link.',
});

/** Bit n stands for attribute n + 1 of the group. */
const filters = attrs({
  linkOffloadXstats: attr('IFLA_STATS_LINK_OFFLOAD_XSTATS', 4, u32, 'selects hardware counters'),
});

export const ifStatsGetset = attrs({
  getFilters: attr('IFLA_STATS_GET_FILTERS', 1, nested(filters), 'selects counters within a group'),
  setOffloadXstatsL3Stats: attr(
    'IFLA_STATS_SET_OFFLOAD_XSTATS_L3_STATS',
    2,
    bool8,
    'enable hardware counters',
  ),
});

export const statsQuery = message(
  'statsQuery',
  { RTM_GETSTATS, RTM_SETSTATS },
  ifStatsMsg,
  ifStatsGetset,
  { doc: 'Gets the counters of all links or of one, or enables hardware counters.' },
);

export type Stats = Static<typeof stats>;
export type StatsQuery = Static<typeof statsQuery>;
export type StatsQueryInput = Input<typeof statsQuery>;
