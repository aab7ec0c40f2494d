/**
 * A hierarchy of token buckets: `TCA_OPTIONS` of kind `htb`, of the qdisc and of its classes.
 * `htbOptions()` in `shape.ts` builds those of a class from rates and bytes.
 *
 * include/uapi/linux/pkt_sched.h, `TCA_HTB_*`; tc-htb(8).
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { bytes, counted, flag, s32, u32 } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { field, rate64, ratespec, ticks } from '../../units.ts';

export const tcHtbOpt = struct('tc_htb_opt', {
  rate: field(ratespec),
  ceil: field(ratespec),
  buffer: ticks,
  cbuffer: ticks,
  quantum: counted(u32, 'bytes'),
  level: u32,
  prio: u32,
});

export const tcHtbGlob = struct('tc_htb_glob', {
  version: u32,
  rate2quantum: u32,
  defcls: u32,
  debug: u32,
  directPkts: u32,
});

export const htb = attrs({
  parms: attr('TCA_HTB_PARMS', 1, tcHtbOpt, 'of a class: rates'),
  init: attr('TCA_HTB_INIT', 2, tcHtbGlob, 'of the qdisc: the default class'),
  ctab: attr(
    'TCA_HTB_CTAB',
    3,
    bytes,
    'rate table of the ceiling: transmission times of 256 packet sizes',
  ),
  rtab: attr('TCA_HTB_RTAB', 4, bytes, 'the same for the rate'),
  directQlen: attr('TCA_HTB_DIRECT_QLEN', 5, u32, 'queue limit for unclassified packets'),
  rate64: attr('TCA_HTB_RATE64', 6, rate64, 'rate, from 2³² bytes/s on'),
  ceil64: attr('TCA_HTB_CEIL64', 7, rate64, 'ceiling, from 2³² bytes/s on'),
  offload: attr('TCA_HTB_OFFLOAD', 9, flag, 'whether it is offloaded to hardware'),
});

export const htbXstats = struct('tc_htb_xstats', {
  lends: u32,
  borrows: u32,
  giants: u32,
  tokens: s32,
  ctokens: s32,
});
