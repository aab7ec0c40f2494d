/**
 * Numbers of socket diagnostics: include/uapi/linux/{sock,inet,unix,netlink,packet}_diag.h,
 * include/linux/socket.h, include/uapi/linux/in.h.
 */

export const SOCK_DIAG_BY_FAMILY = 20;
export const SOCK_DESTROY = 21;

/* enum sknetlink_groups. */
export const SKNLGRP_INET_TCP_DESTROY = 1;
export const SKNLGRP_INET_UDP_DESTROY = 2;
export const SKNLGRP_INET6_TCP_DESTROY = 3;
export const SKNLGRP_INET6_UDP_DESTROY = 4;

export {
  AF_INET,
  AF_INET6,
  AF_NETLINK,
  AF_PACKET,
  AF_UNIX,
  AF_UNSPEC,
  AF_VSOCK,
} from '../netlink/constants.ts';

export {
  IPPROTO_MPTCP,
  IPPROTO_RAW,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
} from '../netlink/ip-protocols.ts';
