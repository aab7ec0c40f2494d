/** The scope of an address or a route: `enum rt_scope_t`, include/uapi/linux/rtnetlink.h. */
import { u8 } from '../netlink/codec/codec.ts';
import { enumOf } from '../netlink/codec/enums.ts';

export const scope = enumOf(u8, { global: 0, site: 200, link: 253, host: 254, nowhere: 255 });
