/**
 * Limits the rate of packets: `TCA_ACT_OPTIONS` of kind `police`. `policeOptions()` in `shape.ts`
 * builds them from rates and bytes.
 *
 * include/uapi/linux/pkt_cls.h, `struct tc_police`; tc-police(8); `action police rate 1mbit burst
 * 9k`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { bytes, counted, s32, u32, u64 } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { field, rate, rate64, ratespec, ticks, ticks64 } from '../../units.ts';
import { control, tcfT } from '../control.ts';

/** `action` is what happens to a packet above the rate. */
export const tcPolice = struct('tc_police', {
  index: u32,
  action: control,
  limit: counted(u32, 'bytes'),
  burst: ticks,
  mtu: counted(u32, 'bytes'),
  rate: field(ratespec),
  peakrate: field(ratespec),
  refcnt: s32,
  bindcnt: s32,
  capab: u32,
});

export const police = attrs({
  tbf: attr('TCA_POLICE_TBF', 1, tcPolice, 'rates, and what happens to a packet above them'),
  rate: attr('TCA_POLICE_RATE', 2, bytes, 'rate table: transmission times of 256 packet sizes'),
  peakrate: attr('TCA_POLICE_PEAKRATE', 3, bytes, 'the same for the peak rate'),
  avrate: attr('TCA_POLICE_AVRATE', 4, rate, 'highest estimated rate that is allowed'),
  result: attr('TCA_POLICE_RESULT', 5, control, 'what happens to a packet within the rates'),
  tm: attr('TCA_POLICE_TM', 6, tcfT, 'times of creation and of first and last use'),
  rate64: attr('TCA_POLICE_RATE64', 8, rate64, 'rate, from 2³² bytes/s on'),
  peakrate64: attr('TCA_POLICE_PEAKRATE64', 9, rate64, 'peak rate of 2³² bytes/s or more'),
  pktrate64: attr('TCA_POLICE_PKTRATE64', 10, u64, 'packets per second'),
  pktburst64: attr(
    'TCA_POLICE_PKTBURST64',
    11,
    ticks64,
    'burst size as the time to send it at the packet rate',
  ),
});
