/**
 * Sends one packet in n to a psample group: `TCA_ACT_OPTIONS` of kind `sample`.
 *
 * include/uapi/linux/tc_act/tc_sample.h; tc-sample(8); `action sample rate 12 group 4`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u32 } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { gen, tcfT } from '../control.ts';

export const tcSample = struct('tc_sample', gen);

export const sample = attrs({
  tm: attr('TCA_SAMPLE_TM', 1, tcfT, 'times of creation and of first and last use'),
  parms: attr('TCA_SAMPLE_PARMS', 2, tcSample, 'what happens to the packet'),
  rate: attr('TCA_SAMPLE_RATE', 3, u32, 'n: one in n packets is sampled'),
  truncSize: attr('TCA_SAMPLE_TRUNC_SIZE', 4, u32, 'bytes of the packet to send; 0: all'),
  psampleGroup: attr('TCA_SAMPLE_PSAMPLE_GROUP', 5, u32, 'psample group'),
});
