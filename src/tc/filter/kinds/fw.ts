/**
 * Matches the mark of netfilter, which is the filter's handle: `TCA_OPTIONS` of kind `fw`.
 *
 * include/uapi/linux/pkt_cls.h, `TCA_FW_*`; tc-fw(8);
 * `tc filter add dev d0 handle 6/0xf fw classid 1:10`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { cstr, u32 } from '../../../netlink/codec/codec.ts';
import { police } from '../../action/kinds/police.ts';
import { actionList } from '../../action/tca-act.ts';
import { handle } from '../../units.ts';

export const fw = attrs({
  classid: attr('TCA_FW_CLASSID', 1, handle, 'class that the packet goes to'),
  police: attr('TCA_FW_POLICE', 2, police, 'policer outside of the actions'),
  indev: attr('TCA_FW_INDEV', 3, cstr, 'link that the packet arrived on'),
  act: attr('TCA_FW_ACT', 4, actionList, 'actions on the packet'),
  mask: attr('TCA_FW_MASK', 5, u32, 'bits of the mark that are compared'),
});
