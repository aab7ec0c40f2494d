/**
 * A separate routing domain and its members: kind `vrf` of `IFLA_INFO_DATA` and of
 * `IFLA_INFO_SLAVE_DATA`.
 *
 * include/uapi/linux/if_link.h, `IFLA_VRF_*`; Documentation/networking/vrf.rst;
 * `ip link add red type vrf table 10`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u32, type Input, type Static } from '../../../netlink/codec/codec.ts';

export const vrf = attrs({
  table: attr('IFLA_VRF_TABLE', 1, u32, 'routing table of the members'),
});

export const vrfPort = attrs({
  table: attr('IFLA_VRF_PORT_TABLE', 1, u32, 'routing table of the link'),
});

export type Vrf = Static<typeof vrf>;
export type VrfInput = Input<typeof vrf>;
