/**
 * Simple queues, whose options are one struct: pfifo, bfifo, skbprio, multiq, prio and pfifo_fast;
 * and kinds without options.
 *
 * include/uapi/linux/pkt_sched.h; tc-pfifo(8), tc-bfifo(8), tc-prio(8), tc-skbprio(8).
 */
import { attrs } from '../../../netlink/codec/attributes.ts';
import { counted, s32, u16, u32 } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { priomap } from '../../units.ts';

/** The queue limit in packets. */
export const pfifo = struct('tc_fifo_qopt', { limit: counted(u32, 'packets') });
/** The queue limit in bytes. */
export const bfifo = struct('tc_fifo_qopt', { limit: counted(u32, 'bytes') });
export const skbprio = struct('tc_skbprio_qopt', { limit: counted(u32, 'packets') });
export const multiq = struct('tc_multiq_qopt', { bands: u16, maxBands: u16 });
export const prio = struct('tc_prio_qopt', { bands: s32, priomap });

/** Kinds that have no options: ingress, clsact, mq, drr. */
export const plain = attrs({});
