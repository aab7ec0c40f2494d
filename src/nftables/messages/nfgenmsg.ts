/**
 * `struct nfgenmsg`, the header of every nfnetlink message, and the names of its values.
 *
 * include/uapi/linux/netfilter/nfnetlink.h; nft(8), ADDRESS FAMILIES.
 */
import { be16, u8 } from '../../netlink/codec/codec.ts';
import { enumOf, type Word } from '../../netlink/codec/enums.ts';
import { struct } from '../../netlink/codec/struct.ts';
import * as c from './constants.ts';

/** nft's names for the family of a table. */
export const FAMILIES = {
  unspec: c.NFPROTO_UNSPEC,
  inet: c.NFPROTO_INET,
  ip: c.NFPROTO_IPV4,
  arp: c.NFPROTO_ARP,
  netdev: c.NFPROTO_NETDEV,
  bridge: c.NFPROTO_BRIDGE,
  ip6: c.NFPROTO_IPV6,
} as const;

export const tableFamily = enumOf(u8, FAMILIES);
export type TableFamily = Word<keyof typeof FAMILIES>;

/**
 * In the first and last message of a batch `resId` is the subsystem; in answers it holds the lower
 * 16 bits of the generation of the ruleset.
 */
export const nfgenmsg = struct('nfgenmsg', { family: tableFamily, version: u8, resId: be16 });
