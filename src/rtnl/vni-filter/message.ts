/**
 * The VNIs that a VXLAN link accepts, of those with `vnifilter`: `RTM_NEWTUNNEL`, `RTM_DELTUNNEL`,
 * `RTM_GETTUNNEL`.
 *
 * include/uapi/linux/if_link.h, `VXLAN_VNIFILTER_*`; bridge(8), "bridge vni";
 * `bridge vni add vni 100-110 dev vx0`.
 */
import { ipv4, ipv6 } from '../../netlink/codec/address.ts';
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import { u16, u32, u64, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { RTM_DELTUNNEL, RTM_GETTUNNEL, RTM_NEWTUNNEL } from '../constants.ts';
import { family } from '../family.ts';

/** `TUNNEL_MSG_FLAG_*`: what a list contains besides. */
const flags = flagsOf(u8, { stats: 1 });

export const tunnelMsg = struct('tunnel_msg', { family, flags, _reserved2: u16, ifindex: u32 });

const entryStats = attrs({
  rxBytes: attr('VNIFILTER_ENTRY_STATS_RX_BYTES', 1, u64, 'bytes received'),
  rxPkts: attr('VNIFILTER_ENTRY_STATS_RX_PKTS', 2, u64, 'packets received'),
  rxDrops: attr('VNIFILTER_ENTRY_STATS_RX_DROPS', 3, u64, 'received packets that were dropped'),
  rxErrors: attr('VNIFILTER_ENTRY_STATS_RX_ERRORS', 4, u64, 'received packets with errors'),
  txBytes: attr('VNIFILTER_ENTRY_STATS_TX_BYTES', 5, u64, 'bytes sent'),
  txPkts: attr('VNIFILTER_ENTRY_STATS_TX_PKTS', 6, u64, 'packets sent'),
  txDrops: attr('VNIFILTER_ENTRY_STATS_TX_DROPS', 7, u64, 'packets dropped while sending'),
  txErrors: attr('VNIFILTER_ENTRY_STATS_TX_ERRORS', 8, u64, 'packets that could not be sent'),
});

const entry = attrs({
  start: attr('VXLAN_VNIFILTER_ENTRY_START', 1, u32, 'VNI, or the first of a range'),
  end: attr('VXLAN_VNIFILTER_ENTRY_END', 2, u32, 'the last VNI of the range'),
  group: attr('VXLAN_VNIFILTER_ENTRY_GROUP', 3, ipv4, 'remote address or multicast group'),
  group6: attr('VXLAN_VNIFILTER_ENTRY_GROUP6', 4, ipv6, 'remote address or multicast group'),
  stats: attr('VXLAN_VNIFILTER_ENTRY_STATS', 5, nested(entryStats), 'counters'),
});

/** For errors: a VNI or a range of VNIs, or the link of a list. */
function subject({ ifindex, attrs: a }: Subject): string | undefined {
  const { start, end } = a?.entry?.[0] ?? {};
  if (start === undefined) return ifindex ? `index ${ifindex}` : undefined;
  return end === undefined ? `VNI ${start}` : `VNIs ${start}-${end}`;
}
interface Subject {
  readonly ifindex?: number | undefined;
  readonly attrs?: { readonly entry?: readonly Input<typeof entry>[] | undefined } | undefined;
}

export const vniFilter = message(
  'vniFilter',
  { RTM_NEWTUNNEL, RTM_DELTUNNEL, RTM_GETTUNNEL },
  tunnelMsg,
  attrs({
    entry: manyAttr('VXLAN_VNIFILTER_ENTRY', 1, nested(entry), 'a VNI, or a range of them'),
  }),
  { doc: 'The VNIs that a VXLAN link accepts.', subject },
);

export type VniFilter = Static<typeof vniFilter>;
export type VniFilterInput = Input<typeof vniFilter>;
