/** The header of a qdisc and of a class: include/uapi/linux/rtnetlink.h, `struct tcmsg`. */
import { s32, u16, u32, u8 } from '../netlink/codec/codec.ts';
import { struct } from '../netlink/codec/struct.ts';
import { handle } from './units.ts';

const place = { family: u8, _pad1: u8, _pad2: u16, ifindex: s32, handle, parent: handle } as const;

/** Of a qdisc; `info` is how many use it. */
export const qdiscHead = struct('tcmsg', { ...place, info: u32 });

/** Of a class; `info` is the qdisc below it. */
export const classHead = struct('tcmsg', { ...place, info: handle });
