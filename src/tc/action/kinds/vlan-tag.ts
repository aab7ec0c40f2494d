/**
 * Pushes, pops and changes VLAN tags: `TCA_ACT_OPTIONS` of kind `vlan`.
 *
 * include/uapi/linux/tc_act/tc_vlan.h; tc-vlan(8); `action vlan push id 100`.
 */
import { mac } from '../../../netlink/codec/address.ts';
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { s32, u16, u8 } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { etherType } from '../../protocols.ts';
import { gen, tcfT } from '../control.ts';

export const tcVlan = struct('tc_vlan', {
  ...gen,
  vAction: enumOf(s32, { pop: 1, push: 2, modify: 3, pop_eth: 4, push_eth: 5 }),
});

export const vlan = attrs({
  tm: attr('TCA_VLAN_TM', 1, tcfT, 'times of creation and of first and last use'),
  parms: attr('TCA_VLAN_PARMS', 2, tcVlan, 'operation, and what happens to the packet'),
  pushVlanId: attr('TCA_VLAN_PUSH_VLAN_ID', 3, u16, 'VLAN'),
  pushVlanProtocol: attr('TCA_VLAN_PUSH_VLAN_PROTOCOL', 4, etherType, 'EtherType of the tag'),
  pushVlanPriority: attr('TCA_VLAN_PUSH_VLAN_PRIORITY', 6, u8, 'priority in the tag'),
  pushEthDst: attr('TCA_VLAN_PUSH_ETH_DST', 7, mac, 'destination of the pushed Ethernet header'),
  pushEthSrc: attr('TCA_VLAN_PUSH_ETH_SRC', 8, mac, 'source of the pushed Ethernet header'),
});
