/**
 * Forward error correction.
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_FEC_*`; `ethtool --show-fec eth0`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { bool8, u32, u64, type Input, type Static } from '../../netlink/codec/codec.ts';
import { packed } from '../../netlink/codec/list.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { bitset } from '../bitset.ts';
import { ethtoolMessages, header } from '../declare.ts';

export const fecStat = attrs({
  corrected: attr(
    'ETHTOOL_A_FEC_STAT_CORRECTED',
    2,
    packed(u64),
    'blocks corrected; in all, then by lane',
  ),
  uncorr: attr('ETHTOOL_A_FEC_STAT_UNCORR', 3, packed(u64), 'blocks beyond correction'),
  corrBits: attr('ETHTOOL_A_FEC_STAT_CORR_BITS', 4, packed(u64), 'bits corrected'),
});

export const fecAttrs = attrs({
  header: attr('ETHTOOL_A_FEC_HEADER', 1, header, 'the link'),
  modes: attr('ETHTOOL_A_FEC_MODES', 2, bitset, 'codes that are configured'),
  auto: attr('ETHTOOL_A_FEC_AUTO', 3, bool8, 'whether the device chooses'),
  active: attr('ETHTOOL_A_FEC_ACTIVE', 4, u32, 'number of the link mode of the code in use'),
  stats: attr('ETHTOOL_A_FEC_STATS', 5, nested(fecStat), 'counters, if they are asked for'),
});

const [request, reply] = ethtoolMessages(
  'fec',
  fecAttrs,
  'Forward error correction.',
  { ETHTOOL_MSG_FEC_GET: 29, ETHTOOL_MSG_FEC_SET: 30 },
  { ETHTOOL_MSG_FEC_GET_REPLY: 30, ETHTOOL_MSG_FEC_NTF: 31 },
);

/** What the user sends. */
export const fecRequest = request;
/** What the kernel answers and reports. */
export const fec = reply;

export type Fec = Static<typeof fec>;
export type FecInput = Input<typeof fec>;
