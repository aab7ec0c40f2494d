/**
 * Routing tables, and the origins of their entries: names shared by routes, rules and next hops.
 *
 * include/uapi/linux/rtnetlink.h, `enum rt_class_t` and `RTPROT_*`; iproute2's rt_tables and
 * rt_protos.
 */
import { u8, u32 } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';

/** The tables with a name, by it. */
export const TABLES = { unspec: 0, default: 253, main: 254, local: 255 } as const;

/** A table by its complete number, as in attributes. */
export const table = enumOf(u32, TABLES);

/**
 * A table in a header's single byte; `compat` if the number does not fit and is in an attribute.
 */
export const tableByte = enumOf(u8, { ...TABLES, compat: 252 });

/** The origin of a route. The kernel does not interpret values above `static`. */
export const routeProtocol = enumOf(u8, {
  unspec: 0,
  redirect: 1,
  kernel: 2,
  boot: 3,
  static: 4,
  gated: 8,
  ra: 9,
  mrt: 10,
  zebra: 11,
  bird: 12,
  dnrouted: 13,
  xorp: 14,
  ntk: 15,
  dhcp: 16,
  mrouted: 17,
  keepalived: 18,
  babel: 42,
  openr: 99,
  bgp: 186,
  isis: 187,
  ospf: 188,
  rip: 189,
  eigrp: 192,
});
