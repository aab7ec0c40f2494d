/**
 * A VLAN on top of a link: `IFLA_INFO_DATA` of kind `vlan`.
 *
 * include/uapi/linux/if_link.h, `IFLA_VLAN_*`; include/uapi/linux/if_vlan.h; ip-link(8), "VLAN Type
 * Support"; `ip link add link eth0 name eth0.10 type vlan id 10`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u16, u32, type Input, type Static } from '../../../netlink/codec/codec.ts';
import { flagsOf } from '../../../netlink/codec/enums.ts';
import { list } from '../../../netlink/codec/list.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { vlanProtocol } from './vlan-protocol.ts';

/** `VLAN_FLAG_*`. */
const vlanFlag = flagsOf(u32, {
  reorder_hdr: 1,
  gvrp: 2,
  loose_binding: 4,
  mvrp: 8,
  bridge_binding: 16,
});

/** `mask` selects the flags that a request sets; the kernel reports all bits. */
export const vlanFlags = struct('ifla_vlan_flags', { flags: vlanFlag, mask: vlanFlag });

/** Egress: packet priority to tag priority. Ingress: tag priority to packet priority. */
export const vlanQosMapping = struct('ifla_vlan_qos_mapping', { from: u32, to: u32 });

const qos = list('IFLA_VLAN_QOS_MAPPING', vlanQosMapping, { id: 1 });

export const vlan = attrs({
  id: attr('IFLA_VLAN_ID', 1, u16, 'VLAN id, 0 to 4094'),
  flags: attr('IFLA_VLAN_FLAGS', 2, vlanFlags, 'options'),
  egressQos: attr('IFLA_VLAN_EGRESS_QOS', 3, qos, 'priority mapping of sent packets'),
  ingressQos: attr('IFLA_VLAN_INGRESS_QOS', 4, qos, 'priority mapping of received packets'),
  protocol: attr('IFLA_VLAN_PROTOCOL', 5, vlanProtocol, 'EtherType of the tag'),
});

export type Vlan = Static<typeof vlan>;
export type VlanInput = Input<typeof vlan>;
