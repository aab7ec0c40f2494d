/**
 * Shared by the tunnels over IP: the flags of GRE, and additional UDP encapsulation (foo over UDP,
 * generic UDP encapsulation).
 *
 * include/uapi/linux/if_tunnel.h; ip-link(8), `encap`.
 */
import { be16, u16 } from '../../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../../netlink/codec/enums.ts';

/** `GRE_*`: the optional fields in the header, RFC 2890. */
export const greFlags = flagsOf(be16, { csum: 0x8000, routing: 0x4000, key: 0x2000, seq: 0x1000 });

/** `TUNNEL_ENCAP_*`. */
export const encapType = enumOf(u16, { none: 0, fou: 1, gue: 2, mpls: 3 });

/** `TUNNEL_ENCAP_FLAG_*`. */
export const encapFlags = flagsOf(u16, { csum: 1, csum6: 2, remcsum: 4 });

/**
 * `IP6_TNL_F_*` of include/uapi/linux/ip6_tunnel.h: what a tunnel over IPv6 ignores or inherits
 * from the packet. The last three, from include/net/ip6_tunnel.h, are set by the kernel: the
 * directions that the addresses allow.
 */
export const IP6_TNL_F = {
  ign_encap_limit: 0x1,
  use_orig_tclass: 0x2,
  use_orig_flowlabel: 0x4,
  mip6_dev: 0x8,
  rcv_dscp_copy: 0x10,
  use_orig_fwmark: 0x20,
  allow_local_remote: 0x40,
  cap_xmit: 0x10000,
  cap_rcv: 0x20000,
  cap_per_packet: 0x40000,
} as const;
