/**
 * Sets of strings: names of bits and counters, of the kernel or of one device.
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_STRSET_*`; `enum ethtool_stringset` in
 * include/uapi/linux/ethtool.h; `ethtool --show-priv-flags eth0` asks for one.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { cstr, flag, u32, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { list } from '../../netlink/codec/list.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { ethtoolMessages, header } from '../declare.ts';

/** `ETH_SS_*` */
export const stringSet = enumOf(u32, {
  test: 0,
  stats: 1,
  priv_flags: 2,
  ntuple_filters: 3,
  features: 4,
  rss_hash_funcs: 5,
  tunables: 6,
  phy_stats: 7,
  phy_tunables: 8,
  link_modes: 9,
  msg_classes: 10,
  wol_modes: 11,
  sof_timestamping: 12,
  ts_tx_types: 13,
  ts_rx_filters: 14,
  udp_tunnel_types: 15,
  stats_std: 16,
  stats_eth_phy: 17,
  stats_eth_mac: 18,
  stats_eth_ctrl: 19,
  stats_rmon: 20,
});

export const ethtoolString = attrs({
  index: attr('ETHTOOL_A_STRING_INDEX', 1, u32, 'number of the bit or counter'),
  value: attr('ETHTOOL_A_STRING_VALUE', 2, cstr, 'its name'),
});

export const ethtoolStringset = attrs({
  id: attr('ETHTOOL_A_STRINGSET_ID', 1, stringSet, 'which set'),
  count: attr('ETHTOOL_A_STRINGSET_COUNT', 2, u32, 'number of strings'),
  strings: attr(
    'ETHTOOL_A_STRINGSET_STRINGS',
    3,
    nested(list('ETHTOOL_A_STRINGSET_STRINGS', nested(ethtoolString), { id: 1 })),
    'the strings',
  ),
});

export const stringSetsAttrs = attrs({
  header: attr('ETHTOOL_A_STRSET_HEADER', 1, header, 'the link, for sets of a device'),
  stringsets: attr(
    'ETHTOOL_A_STRSET_STRINGSETS',
    2,
    nested(list('ETHTOOL_A_STRSET_STRINGSETS', nested(ethtoolStringset), { id: 1 })),
    'the sets',
  ),
  countsOnly: attr('ETHTOOL_A_STRSET_COUNTS_ONLY', 3, flag, 'only the number of strings'),
});

const [request, reply] = ethtoolMessages(
  'strset',
  stringSetsAttrs,
  'Names of bits and counters.',
  { ETHTOOL_MSG_STRSET_GET: 1 },
  { ETHTOOL_MSG_STRSET_GET_REPLY: 1 },
);

/** What the user sends. */
export const stringSetsRequest = request;
/** What the kernel answers. */
export const stringSets = reply;

export type StringSets = Static<typeof stringSets>;
export type StringSetsInput = Input<typeof stringSets>;
