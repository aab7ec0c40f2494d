/**
 * Takes the class from fields of the packet, one by one or by their hash: `TCA_OPTIONS` of kind
 * `flow`.
 *
 * include/uapi/linux/pkt_cls.h, `TCA_FLOW_*` and `FLOW_KEY_*`; tc-flow(8);
 * `tc filter add dev d0 handle 1 flow hash keys src,dst divisor 1024 baseclass 1:1`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { counted, u32 } from '../../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../../netlink/codec/enums.ts';
import { police } from '../../action/kinds/police.ts';
import { actionList } from '../../action/tca-act.ts';
import { handle } from '../../units.ts';
import { ematches } from '../ematch.ts';

const keys = flagsOf(u32, {
  src: 1 << 0,
  dst: 1 << 1,
  proto: 1 << 2,
  'proto-src': 1 << 3,
  'proto-dst': 1 << 4,
  iif: 1 << 5,
  priority: 1 << 6,
  mark: 1 << 7,
  nfct: 1 << 8,
  'nfct-src': 1 << 9,
  'nfct-dst': 1 << 10,
  'nfct-proto-src': 1 << 11,
  'nfct-proto-dst': 1 << 12,
  'rt-classid': 1 << 13,
  'sk-uid': 1 << 14,
  'sk-gid': 1 << 15,
  'vlan-tag': 1 << 16,
  rxhash: 1 << 17,
});

export const flow = attrs({
  keys: attr('TCA_FLOW_KEYS', 1, keys, 'fields that are used'),
  mode: attr('TCA_FLOW_MODE', 2, enumOf(u32, { map: 0, hash: 1 }), 'one field, or a hash of all'),
  baseclass: attr('TCA_FLOW_BASECLASS', 3, handle, 'class for the value 0'),
  rshift: attr('TCA_FLOW_RSHIFT', 4, u32, 'bits that a field is shifted by'),
  addend: attr('TCA_FLOW_ADDEND', 5, u32, 'number added to a field'),
  mask: attr('TCA_FLOW_MASK', 6, u32, 'bits of a field that are used'),
  xor: attr('TCA_FLOW_XOR', 7, u32, 'bits of a field that are inverted'),
  divisor: attr('TCA_FLOW_DIVISOR', 8, u32, 'number of classes'),
  act: attr('TCA_FLOW_ACT', 9, actionList, 'actions on the packet'),
  police: attr('TCA_FLOW_POLICE', 10, police, 'policer outside of the actions'),
  ematches: attr('TCA_FLOW_EMATCHES', 11, ematches, 'conditions'),
  perturb: attr('TCA_FLOW_PERTURB', 12, counted(u32, 's'), 'time after which the hash changes'),
});
