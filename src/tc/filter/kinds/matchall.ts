/**
 * Matches every packet: `TCA_OPTIONS` of kind `matchall`.
 *
 * include/uapi/linux/pkt_cls.h, `TCA_MATCHALL_*`; tc-matchall(8).
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u64 } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { actionList } from '../../action/tca-act.ts';
import { handle } from '../../units.ts';
import { clsFlags } from '../flags.ts';

export const tcMatchallPcnt = struct('tc_matchall_pcnt', { rhit: u64 });

export const matchall = attrs({
  classid: attr('TCA_MATCHALL_CLASSID', 1, handle, 'class that the packet goes to'),
  act: attr('TCA_MATCHALL_ACT', 2, actionList, 'actions on the packet'),
  flags: attr('TCA_MATCHALL_FLAGS', 3, clsFlags, 'where the filter runs'),
  pcnt: attr('TCA_MATCHALL_PCNT', 4, tcMatchallPcnt, 'number of packets that hit it'),
});
