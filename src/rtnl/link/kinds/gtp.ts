/**
 * The tunnels of mobile networks, 3GPP TS 29.281: `IFLA_INFO_DATA` of kind `gtp`.
 *
 * include/uapi/linux/if_link.h, `IFLA_GTP_*`; ip-link(8), "GTP Type Support";
 * `ip link add gtp0 type gtp role sgsn`.
 */
import { ipv4, ipv6 } from '../../../netlink/codec/address.ts';
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { bool8, u32, u8, type Input, type Static } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';

/** `GTP_ROLE_*`: the gateway (GGSN), or the node that serves the mobile station (SGSN). */
const role = enumOf(u32, { ggsn: 0, sgsn: 1 });

export const gtp = attrs({
  fd0: attr('IFLA_GTP_FD0', 1, u32, 'descriptor of the socket for version 0; only in requests'),
  fd1: attr('IFLA_GTP_FD1', 2, u32, 'descriptor of the socket for version 1; only in requests'),
  pdpHashsize: attr('IFLA_GTP_PDP_HASHSIZE', 3, u32, 'number of hash buckets of tunnels'),
  role: attr('IFLA_GTP_ROLE', 4, role, 'end of the tunnels'),
  createSockets: attr(
    'IFLA_GTP_CREATE_SOCKETS',
    5,
    bool8,
    'let the kernel create the sockets; only in requests',
  ),
  restartCount: attr('IFLA_GTP_RESTART_COUNT', 6, u8, 'restart counter of this end'),
  local: attr('IFLA_GTP_LOCAL', 7, ipv4, 'address that the sockets are bound to'),
  local6: attr('IFLA_GTP_LOCAL6', 8, ipv6, 'address that the sockets are bound to'),
});

export type Gtp = Static<typeof gtp>;
export type GtpInput = Input<typeof gtp>;
