/** Address families by name: the first byte of every rtnetlink header. */
import { u8, u16 } from '../netlink/codec/codec.ts';
import { enumOf } from '../netlink/codec/enums.ts';
import { IP_FAMILIES } from '../netlink/codec/ip-family.ts';
import { AF_BRIDGE, AF_MPLS, AF_PACKET, RTNL_FAMILY_IP6MR, RTNL_FAMILY_IPMR } from './constants.ts';

const FAMILIES = {
  ...IP_FAMILIES,
  bridge: AF_BRIDGE,
  link: AF_PACKET,
  mpls: AF_MPLS,
  ipmr: RTNL_FAMILY_IPMR,
  ip6mr: RTNL_FAMILY_IP6MR,
} as const;

export const family = enumOf(u8, FAMILIES);
/** The same in two bytes: `rtvia`, `sockaddr`. */
export const family16 = enumOf(u16, FAMILIES);
