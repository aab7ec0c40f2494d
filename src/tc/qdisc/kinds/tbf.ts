/**
 * A token bucket: `TCA_OPTIONS` of kind `tbf`. The kernel's `buffer` is the time to send a burst at
 * the rate; `tbfOptions()` in `shape.ts` builds the options from bytes.
 *
 * include/uapi/linux/pkt_sched.h, `TCA_TBF_*`; tc-tbf(8).
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { bytes, counted, u32 } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { field, rate64, ratespec, ticks } from '../../units.ts';

export const tcTbfQopt = struct('tc_tbf_qopt', {
  rate: field(ratespec),
  peakrate: field(ratespec),
  limit: counted(u32, 'bytes'),
  buffer: ticks,
  mtu: ticks,
});

export const tbf = attrs({
  parms: attr('TCA_TBF_PARMS', 1, tcTbfQopt, 'rates and queue limit'),
  rtab: attr('TCA_TBF_RTAB', 2, bytes, 'rate table: transmission times of 256 packet sizes'),
  ptab: attr('TCA_TBF_PTAB', 3, bytes, 'the same for the peak rate'),
  rate64: attr('TCA_TBF_RATE64', 4, rate64, 'rate, from 2³² bytes/s on'),
  prate64: attr('TCA_TBF_PRATE64', 5, rate64, 'peak rate of 2³² bytes/s or more'),
  burst: attr('TCA_TBF_BURST', 6, u32, 'size of the bucket, in bytes'),
  pburst: attr('TCA_TBF_PBURST', 7, u32, 'the same at the peak rate, in bytes'),
});
