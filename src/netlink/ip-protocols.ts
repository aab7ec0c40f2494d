/** Protocols over IP: include/uapi/linux/in.h. Some have a different name in each tool. */

export const IPPROTO_ICMP = 1;
export const IPPROTO_IGMP = 2;
export const IPPROTO_IPIP = 4;
export const IPPROTO_TCP = 6;
export const IPPROTO_UDP = 17;
export const IPPROTO_DCCP = 33;
export const IPPROTO_IPV6 = 41;
export const IPPROTO_ROUTING = 43;
export const IPPROTO_GRE = 47;
export const IPPROTO_ESP = 50;
export const IPPROTO_AH = 51;
export const IPPROTO_ICMPV6 = 58;
export const IPPROTO_DSTOPTS = 60;
export const IPPROTO_COMP = 108;
export const IPPROTO_L2TP = 115;
export const IPPROTO_SCTP = 132;
export const IPPROTO_UDPLITE = 136;
export const IPPROTO_RAW = 255;
/** Does not fit into a byte: requests carry it in an attribute. */
export const IPPROTO_MPTCP = 262;

/** Those that all tools call by the same name. */
export const TRANSPORTS = {
  icmp: IPPROTO_ICMP,
  tcp: IPPROTO_TCP,
  udp: IPPROTO_UDP,
  gre: IPPROTO_GRE,
  sctp: IPPROTO_SCTP,
} as const;

/** The headers of IPsec, by the names that all tools use. */
export const IPSEC = { esp: IPPROTO_ESP, ah: IPPROTO_AH } as const;

/** The protocols of tracked connections, by the names of conntrack(8) and nft(8). */
export const TRACKED = {
  icmp: IPPROTO_ICMP,
  tcp: IPPROTO_TCP,
  udp: IPPROTO_UDP,
  dccp: IPPROTO_DCCP,
  gre: IPPROTO_GRE,
  icmpv6: IPPROTO_ICMPV6,
  sctp: IPPROTO_SCTP,
  udplite: IPPROTO_UDPLITE,
} as const;

/** The protocols of sockets, by the names of ss(8), as far as they fit into a byte. */
export const SOCKET_PROTOCOLS = {
  tcp: IPPROTO_TCP,
  udp: IPPROTO_UDP,
  udplite: IPPROTO_UDPLITE,
  raw: IPPROTO_RAW,
} as const;
