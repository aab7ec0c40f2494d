/**
 * Service curves: `TCA_OPTIONS` of kind `hfsc`, a struct of the qdisc and a set of a class.
 *
 * include/uapi/linux/pkt_sched.h, `TCA_HFSC_*`; tc-hfsc(7), tc-hfsc(8).
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { counted, u16, u32, u64 } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { rate } from '../../units.ts';

export const hfsc = struct('tc_hfsc_qopt', { defcls: u16 });

export const tcServiceCurve = struct('tc_service_curve', {
  m1: rate,
  d: counted(u32, 'µs'),
  m2: rate,
});

export const hfscClass = attrs({
  rsc: attr('TCA_HFSC_RSC', 1, tcServiceCurve, 'real time'),
  fsc: attr('TCA_HFSC_FSC', 2, tcServiceCurve, 'link sharing'),
  usc: attr('TCA_HFSC_USC', 3, tcServiceCurve, 'upper limit'),
});

export const hfscXstats = struct('tc_hfsc_stats', {
  work: u64,
  rtwork: u64,
  period: u32,
  level: u32,
});
