/** What all netfilter subsystems share, by the names of nft(8): include/uapi/linux/netfilter.h. */

export const NFPROTO_UNSPEC = 0;
export const NFPROTO_INET = 1;
export const NFPROTO_IPV4 = 2;
export const NFPROTO_ARP = 3;
export const NFPROTO_NETDEV = 5;
export const NFPROTO_BRIDGE = 7;
export const NFPROTO_IPV6 = 10;

/** `NFPROTO_*`: the families of tables and rules. */
export const NETFILTER_FAMILIES = {
  unspec: NFPROTO_UNSPEC,
  inet: NFPROTO_INET,
  ip: NFPROTO_IPV4,
  arp: NFPROTO_ARP,
  netdev: NFPROTO_NETDEV,
  bridge: NFPROTO_BRIDGE,
  ip6: NFPROTO_IPV6,
} as const;

/** The IP families. */
export const NETWORK_FAMILIES = {
  unspec: NFPROTO_UNSPEC,
  inet: NFPROTO_INET,
  ip: NFPROTO_IPV4,
  ip6: NFPROTO_IPV6,
} as const;

/** `NF_*`: verdicts on a packet. */
export const VERDICTS = { drop: 0, accept: 1, stolen: 2, queue: 3, repeat: 4 } as const;
