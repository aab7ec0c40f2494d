/**
 * Matches by extended matches: `TCA_OPTIONS` of kind `basic`.
 *
 * include/uapi/linux/pkt_cls.h, `TCA_BASIC_*`; tc-basic(8), tc-ematch(8);
 * `tc filter add dev d0 basic match 'meta(nf_mark gt 24)' classid 1:10`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u64 } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { police } from '../../action/kinds/police.ts';
import { actionList } from '../../action/tca-act.ts';
import { handle } from '../../units.ts';
import { ematches } from '../ematch.ts';

export const tcBasicPcnt = struct('tc_basic_pcnt', { rcnt: u64, rhit: u64 });

export const basic = attrs({
  classid: attr('TCA_BASIC_CLASSID', 1, handle, 'class that the packet goes to'),
  ematches: attr('TCA_BASIC_EMATCHES', 2, ematches, 'conditions'),
  act: attr('TCA_BASIC_ACT', 3, actionList, 'actions on the packet'),
  police: attr('TCA_BASIC_POLICE', 4, police, 'policer outside of the actions'),
  pcnt: attr('TCA_BASIC_PCNT', 5, tcBasicPcnt, 'packets that were tried, and that matched'),
});
