/**
 * IP over InfiniBand, RFC 4391: `IFLA_INFO_DATA` of kind `ipoib`.
 *
 * include/uapi/linux/if_link.h, `IFLA_IPOIB_*`; ip-link(8), "IPOIB Type Support";
 * `ip link add link ib0 name ib0.8003 type ipoib pkey 0x8003 mode connected`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u16, type Input, type Static } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';

/** `IPOIB_MODE_*`: the transport of InfiniBand. */
const mode = enumOf(u16, { datagram: 0, connected: 1 });

export const ipoib = attrs({
  pkey: attr('IFLA_IPOIB_PKEY', 1, u16, 'partition; bit 15: full member'),
  mode: attr('IFLA_IPOIB_MODE', 2, mode, 'transport'),
  umcast: attr('IFLA_IPOIB_UMCAST', 3, u16, '1: programs join multicast groups'),
});

export type Ipoib = Static<typeof ipoib>;
export type IpoibInput = Input<typeof ipoib>;
