/**
 * A port of a switch chip: `IFLA_INFO_DATA` of kind `dsa`.
 *
 * include/uapi/linux/if_link.h, `IFLA_DSA_*`; ip-link(8), "DSA user port support";
 * `ip link set swp0 type dsa conduit eth1`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u32, type Input, type Static } from '../../../netlink/codec/codec.ts';

export const dsa = attrs({
  master: attr('IFLA_DSA_MASTER', 1, u32, 'index of the link to the chip (the conduit)'),
});

export type Dsa = Static<typeof dsa>;
export type DsaInput = Input<typeof dsa>;
