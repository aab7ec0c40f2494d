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
  tm: attr('TCA_CTINFO_TM', 2, tcfT, 'times of creation and of first and last use'),
  act: attr('TCA_CTINFO_ACT', 3, tcCtinfo, 'what happens to the packet'),
  zone: attr('TCA_CTINFO_ZONE', 4, u16, 'conntrack zone'),
  parmsDscpMask: attr('TCA_CTINFO_PARMS_DSCP_MASK', 5, u32, 'mask of the six bits with the DSCP'),
  parmsDscpStatemask: attr(
    'TCA_CTINFO_PARMS_DSCP_STATEMASK',
    6,
    u32,
    'mask of the bits, any of which marks a stored DSCP',
  ),
  parmsCpmarkMask: attr('TCA_CTINFO_PARMS_CPMARK_MASK', 7, u32, 'mask of the bits to restore'),
  statsDscpSet: attr('TCA_CTINFO_STATS_DSCP_SET', 8, u64, 'packets whose DSCP was restored'),
  statsDscpError: attr(
    'TCA_CTINFO_STATS_DSCP_ERROR',
    9,
    u64,
    'packets whose DSCP could not be restored',
  ),
  statsCpmarkSet: attr('TCA_CTINFO_STATS_CPMARK_SET', 10, u64, 'packets whose mark was restored'),
});
