/**
 * The header of qdiscs, classes, filters and chains: include/uapi/linux/rtnetlink.h, `struct
 * tcmsg`; and that of actions, `struct tcamsg`.
 */
import { LITTLE_ENDIAN } from '../netlink/codec/bytes.ts';
import { s32, u16, u32, u8, type Input } from '../netlink/codec/codec.ts';
import { struct } from '../netlink/codec/struct.ts';
import { TCM_IFINDEX_MAGIC_BLOCK } from './constants.ts';
import { etherType } from './protocols.ts';
import { filterParent, handle } from './units.ts';

const link = { family: u8, _pad1: u8, _pad2: u16, ifindex: s32 } as const;
const place = { ...link, handle, parent: handle } as const;

/** The header of a qdisc; `info` is its reference count. */
export const qdiscHead = struct('tcmsg', { ...place, info: u32 });

/** The header of a class; `info` is the qdisc below it. */
export const classHead = struct('tcmsg', { ...place, info: handle });

/** The lower half of `tcm_info` is the protocol, in network order. */
const lower = { protocol: etherType } as const;
const upper = { pref: u16 } as const;
const info = LITTLE_ENDIAN ? { ...lower, ...upper } : { ...upper, ...lower };

/** The header of a filter or a chain. For a block, `ifindex` is -1 and `parent` its number. */
export const filterHead = struct('tcmsg', { ...link, handle: u32, parent: filterParent, ...info });

/** The place of a filter, for errors. */
export const placeText = ({ ifindex = 0, parent = '' }: Input<typeof filterHead>): string =>
  ifindex === TCM_IFINDEX_MAGIC_BLOCK
    ? `of block ${filterParent.number!(parent)}`
    : `of index ${ifindex}`;

/** The header of actions. */
export const actionHead = struct('tcamsg', { family: u8, _pad1: u8, _pad2: u16 });
