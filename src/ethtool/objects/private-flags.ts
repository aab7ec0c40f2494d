/**
 * Private flags of a driver.
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_PRIVFLAGS_*`; `ethtool --show-priv-flags eth0`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { type Input, type Static } from '../../netlink/codec/codec.ts';
import { bitset } from '../bitset.ts';
import { ethtoolMessages, header } from '../declare.ts';

export const privateFlagsAttrs = attrs({
  header: attr('ETHTOOL_A_PRIVFLAGS_HEADER', 1, header, 'the link'),
  flags: attr('ETHTOOL_A_PRIVFLAGS_FLAGS', 2, bitset, 'the flags'),
});

const [request, reply] = ethtoolMessages(
  'privflags',
  privateFlagsAttrs,
  'Private flags of a driver.',
  { ETHTOOL_MSG_PRIVFLAGS_GET: 13, ETHTOOL_MSG_PRIVFLAGS_SET: 14 },
  { ETHTOOL_MSG_PRIVFLAGS_GET_REPLY: 14, ETHTOOL_MSG_PRIVFLAGS_NTF: 15 },
);

/** What the user sends. */
export const privateFlagsRequest = request;
/** What the kernel answers and reports. */
export const privateFlags = reply;

export type PrivateFlags = Static<typeof privateFlags>;
export type PrivateFlagsInput = Input<typeof privateFlags>;
