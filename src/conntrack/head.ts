/** The header of the messages of ctnetlink: include/uapi/linux/netfilter/nfnetlink.h. */
import { be16, u8 } from '../netlink/codec/codec.ts';
import { enumOf } from '../netlink/codec/enums.ts';
import { IP_FAMILIES } from '../netlink/codec/ip-family.ts';
import { struct } from '../netlink/codec/struct.ts';

/** The families of tracked connections. */
export const family = enumOf(u8, IP_FAMILIES);

/** In statistics, `resId` is the number of the processor. */
export const nfgenmsg = struct('nfgenmsg', { family, version: u8, resId: be16 });
