/** Kernel names of the attributes that ADD and DEL put into links: words for an error about one of them. */
import { IPVLAN } from './ipvlan.ts';
import type { Names } from './message.ts';
import { textAt } from './tlv.ts';

export function linkNames(): Names {
  const link: Names = {
    1: 'IFLA_ADDRESS',
    3: 'IFLA_IFNAME',
    4: 'IFLA_MTU',
    5: 'IFLA_LINK',
    10: 'IFLA_MASTER',
    20: 'IFLA_IFALIAS',
    28: 'IFLA_NET_NS_FD',
    29: 'IFLA_EXT_MASK',
    46: 'IFLA_TARGET_NETNSID',
    53: 'IFLA_ALT_IFNAME',
  };
  const data = { 1: ['VETH_INFO_PEER', link, 16], 7: 'IFLA_BR_VLAN_FILTERING' } as const;
  const ipvlan = { 1: 'IFLA_IPVLAN_MODE', 2: 'IFLA_IPVLAN_FLAGS' };
  const port = {
    4: 'IFLA_BRPORT_MODE',
    8: 'IFLA_BRPORT_LEARNING',
    24: 'IFLA_BRPORT_FLUSH',
    33: 'IFLA_BRPORT_ISOLATED',
    39: 'IFLA_BRPORT_LOCKED',
  };
  const info: Names = {
    1: 'IFLA_INFO_KIND',
    2: [
      'IFLA_INFO_DATA',
      (view, kind) => (textAt(view, kind + 4, kind + 11) === IPVLAN ? ipvlan : data),
    ],
    4: 'IFLA_INFO_SLAVE_KIND',
    5: ['IFLA_INFO_SLAVE_DATA', port],
  };
  return { ...link, 18: ['IFLA_LINKINFO', info] };
}
