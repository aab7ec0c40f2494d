/**
 * Energy-Efficient Ethernet.
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_EEE_*`; `ethtool --show-eee eth0`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { bool8, u32, type Input, type Static } from '../../netlink/codec/codec.ts';
import { bitset } from '../bitset.ts';
import { ethtoolMessages, header } from '../declare.ts';

export const eeeAttrs = attrs({
  header: attr('ETHTOOL_A_EEE_HEADER', 1, header, 'the link'),
  modesOurs: attr(
    'ETHTOOL_A_EEE_MODES_OURS',
    2,
    bitset,
    'supported modes, and whether they are advertised',
  ),
  modesPeer: attr('ETHTOOL_A_EEE_MODES_PEER', 3, bitset, 'modes that the other end advertises'),
  active: attr('ETHTOOL_A_EEE_ACTIVE', 4, bool8, 'whether both ends use it'),
  enabled: attr('ETHTOOL_A_EEE_ENABLED', 5, bool8, 'whether it is on'),
  txLpiEnabled: attr(
    'ETHTOOL_A_EEE_TX_LPI_ENABLED',
    6,
    bool8,
    'whether the link goes to low power when idle',
  ),
  txLpiTimer: attr('ETHTOOL_A_EEE_TX_LPI_TIMER', 7, u32, 'µs of idle time before low power'),
});

const [request, reply] = ethtoolMessages(
  'eee',
  eeeAttrs,
  'Energy-Efficient Ethernet.',
  { ETHTOOL_MSG_EEE_GET: 23, ETHTOOL_MSG_EEE_SET: 24 },
  { ETHTOOL_MSG_EEE_GET_REPLY: 24, ETHTOOL_MSG_EEE_NTF: 25 },
);

/** What the user sends. */
export const eeeRequest = request;
/** What the kernel answers and reports. */
export const eee = reply;

export type Eee = Static<typeof eee>;
export type EeeInput = Input<typeof eee>;
