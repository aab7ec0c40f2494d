/**
 * Packets that wake a machine.
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_WOL_*`; `ethtool -s eth0 wol g`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { bytes, type Input, type Static } from '../../netlink/codec/codec.ts';
import { bitset } from '../bitset.ts';
import { ethtoolMessages, header } from '../declare.ts';

export const wakeOnLanAttrs = attrs({
  header: attr('ETHTOOL_A_WOL_HEADER', 1, header, 'the link'),
  modes: attr(
    'ETHTOOL_A_WOL_MODES',
    2,
    bitset,
    'kinds of packets, and whether they wake the machine',
  ),
  sopass: attr('ETHTOOL_A_WOL_SOPASS', 3, bytes, 'SecureOn password'),
});

const [request, reply] = ethtoolMessages(
  'wol',
  wakeOnLanAttrs,
  'Packets that wake a machine.',
  { ETHTOOL_MSG_WOL_GET: 9, ETHTOOL_MSG_WOL_SET: 10 },
  { ETHTOOL_MSG_WOL_GET_REPLY: 9, ETHTOOL_MSG_WOL_NTF: 10 },
);

/** What the user sends. */
export const wakeOnLanRequest = request;
/** What the kernel answers and reports. */
export const wakeOnLan = reply;

export type WakeOnLan = Static<typeof wakeOnLan>;
export type WakeOnLanInput = Input<typeof wakeOnLan>;
