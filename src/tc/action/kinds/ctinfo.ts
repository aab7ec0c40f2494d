/**
 * Restores the DSCP field or the mark of packets from the mark of their connection:
 * `TCA_ACT_OPTIONS` of kind `ctinfo`.
 *
 * include/uapi/linux/tc_act/tc_ctinfo.h; tc-ctinfo(8); `action ctinfo dscp 0xfc000000`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u16, u32, u64 } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { gen, tcfT } from '../control.ts';

export const tcCtinfo = struct('tc_ctinfo', gen);

export const ctinfo = attrs({
  tm: attr('TCA_CTINFO_TM', 2, tcfT, 'since when it is, and is used'),
  act: attr('TCA_CTINFO_ACT', 3, tcCtinfo, 'what becomes of the packet'),
  zone: attr('TCA_CTINFO_ZONE', 4, u16, 'zone of the connections'),
  parmsDscpMask: attr('TCA_CTINFO_PARMS_DSCP_MASK', 5, u32, 'six bits of the mark: DSCP'),
  parmsDscpStatemask: attr(
    'TCA_CTINFO_PARMS_DSCP_STATEMASK',
    6,
    u32,
    'bits of the mark, one of which says that DSCP is there',
  ),
  parmsCpmarkMask: attr('TCA_CTINFO_PARMS_CPMARK_MASK', 7, u32, 'bits that the mark gets'),
  statsDscpSet: attr('TCA_CTINFO_STATS_DSCP_SET', 8, u64, 'packets that got a DSCP'),
  statsDscpError: attr('TCA_CTINFO_STATS_DSCP_ERROR', 9, u64, 'packets that could not get one'),
  statsCpmarkSet: attr('TCA_CTINFO_STATS_CPMARK_SET', 10, u64, 'packets that got a mark'),
});
