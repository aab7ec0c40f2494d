/**
 * Sends one of so many packets to a group of psample: `TCA_ACT_OPTIONS` of kind `sample`.
 *
 * include/uapi/linux/tc_act/tc_sample.h; tc-sample(8); `action sample rate 12 group 4`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u32 } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { gen, tcfT } from '../control.ts';

export const tcSample = struct('tc_sample', gen);

export const sample = attrs({
  tm: attr('TCA_SAMPLE_TM', 1, tcfT, 'since when it is, and is used'),
  parms: attr('TCA_SAMPLE_PARMS', 2, tcSample, 'what becomes of the packet'),
  rate: attr('TCA_SAMPLE_RATE', 3, u32, 'one of so many packets'),
  truncSize: attr('TCA_SAMPLE_TRUNC_SIZE', 4, u32, 'bytes of it that are sent'),
  psampleGroup: attr('TCA_SAMPLE_PSAMPLE_GROUP', 5, u32, 'group that gets it'),
});
