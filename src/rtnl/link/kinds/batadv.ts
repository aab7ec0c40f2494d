/**
 * A mesh of Ethernet links: `IFLA_INFO_DATA` of kind `batadv`. Its members have it as their master;
 * everything else is set over generic netlink.
 *
 * include/uapi/linux/batman_adv.h, `IFLA_BATADV_*`; `ip link add bat0 type batadv ra BATMAN_IV`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { cstr, type Input, type Static } from '../../../netlink/codec/codec.ts';

export const batadv = attrs({
  algoName: attr(
    'IFLA_BATADV_ALGO_NAME',
    1,
    cstr,
    'routing algorithm: `BATMAN_IV`, `BATMAN_V`; only in requests',
  ),
});

export type Batadv = Static<typeof batadv>;
export type BatadvInput = Input<typeof batadv>;
