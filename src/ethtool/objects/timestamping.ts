/**
 * The time stamping capabilities of a device.
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_TSINFO_*`; `ethtool -T eth0`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { u32, type Input, type Static } from '../../netlink/codec/codec.ts';
import { bitset } from '../bitset.ts';
import { ethtoolMessages, header } from '../declare.ts';

export const timestampingAttrs = attrs({
  header: attr('ETHTOOL_A_TSINFO_HEADER', 1, header, 'the link'),
  timestamping: attr('ETHTOOL_A_TSINFO_TIMESTAMPING', 2, bitset, 'kinds of time stamps'),
  txTypes: attr('ETHTOOL_A_TSINFO_TX_TYPES', 3, bitset, 'modes for sent packets'),
  rxFilters: attr('ETHTOOL_A_TSINFO_RX_FILTERS', 4, bitset, 'filters for received packets'),
  phcIndex: attr('ETHTOOL_A_TSINFO_PHC_INDEX', 5, u32, 'number of the clock: /dev/ptpN'),
});

const [request, reply] = ethtoolMessages(
  'tsinfo',
  timestampingAttrs,
  'The time stamping capabilities of a device.',
  { ETHTOOL_MSG_TSINFO_GET: 25 },
  { ETHTOOL_MSG_TSINFO_GET_REPLY: 26 },
);

/** What the user sends. */
export const timestampingRequest = request;
/** What the kernel answers and reports. */
export const timestamping = reply;

export type Timestamping = Static<typeof timestamping>;
export type TimestampingInput = Input<typeof timestamping>;
