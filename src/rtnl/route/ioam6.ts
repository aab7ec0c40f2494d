/**
 * Measurements that routers record in packets (IOAM), RFC 9197: the encapsulation `ioam6`.
 *
 * include/uapi/linux/ioam6_iptunnel.h; ioam6.h, `struct ioam6_trace_hdr`; ip-route(8), "ioam6"; `ip
 * -6 route add 2001:db8::/64 encap ioam6 trace prealloc type 0x800000 ns 1 size 12 dev eth0`.
 */
import { ipv6 } from '../../netlink/codec/address.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be16, be32, u32, u8 } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { struct } from '../../netlink/codec/struct.ts';

/** `IOAM6_IPTUNNEL_MODE_*`. */
const mode = enumOf(u8, { inline: 1, encap: 2, auto: 3 });

/**
 * `nodelen`: the length of a node's data (upper five bits) and an overflow; `remlen`: the room, in
 * units of four bytes; `type`: which data, a bit for each kind, from bit 31 on.
 */
export const ioam6TraceHdr = struct('ioam6_trace_hdr', {
  namespaceId: be16,
  nodelen: u8,
  remlen: u8,
  type: be32,
});

export const encapIoam6 = attrs({
  mode: attr('IOAM6_IPTUNNEL_MODE', 1, mode, 'into the packet itself, or into an outer header'),
  dst: attr('IOAM6_IPTUNNEL_DST', 2, ipv6, 'remote end'),
  trace: attr('IOAM6_IPTUNNEL_TRACE', 3, ioam6TraceHdr, 'the trace to record'),
  freqK: attr('IOAM6_IPTUNNEL_FREQ_K', 4, u32, 'k, if k of n packets get it'),
  freqN: attr('IOAM6_IPTUNNEL_FREQ_N', 5, u32, 'n, if k of n packets get it'),
  src: attr('IOAM6_IPTUNNEL_SRC', 6, ipv6, 'local end'),
});
