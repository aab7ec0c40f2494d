/**
 * The data channel of OpenVPN, since Linux 6.16: `IFLA_INFO_DATA` of kind `ovpn`. Peers and keys
 * are set by generic netlink.
 *
 * include/uapi/linux/if_link.h, `IFLA_OVPN_*`; `ip link add ovpn0 type ovpn mode mp`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u8, type Input, type Static } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';

/** `OVPN_MODE_*`: one peer, or many. */
const mode = enumOf(u8, { p2p: 0, mp: 1 });

export const ovpn = attrs({
  mode: attr('IFLA_OVPN_MODE', 1, mode, 'one peer, or many'),
});

export type Ovpn = Static<typeof ovpn>;
export type OvpnInput = Input<typeof ovpn>;
