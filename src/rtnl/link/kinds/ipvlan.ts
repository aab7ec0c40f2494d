/**
 * A link that shares its master's Ethernet address: `IFLA_INFO_DATA` of the kinds `ipvlan` and
 * `ipvtap`.
 *
 * include/uapi/linux/if_link.h, `IFLA_IPVLAN_*`; Documentation/networking/ipvlan.rst; ip-link(8),
 * "IPVLAN Type Support"; `ip link add link eth0 name ipvl0 type ipvlan mode l3 private`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u16, type Input, type Static } from '../../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../../netlink/codec/enums.ts';

/** `IPVLAN_MODE_*`. */
export const ipvlanMode = enumOf(u16, { l2: 0, l3: 1, l3s: 2 });

/** `IPVLAN_F_*`. Default: bridge, all links of a master reach each other. */
export const ipvlanFlags = flagsOf(u16, { private: 1, vepa: 2 });

export const ipvlan = attrs({
  mode: attr(
    'IFLA_IPVLAN_MODE',
    1,
    ipvlanMode,
    'where packets are switched; shared by all links of a master',
  ),
  flags: attr(
    'IFLA_IPVLAN_FLAGS',
    2,
    ipvlanFlags,
    'which links it can reach; shared by all links of a master',
  ),
});

export type Ipvlan = Static<typeof ipvlan>;
export type IpvlanInput = Input<typeof ipvlan>;
