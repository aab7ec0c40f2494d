/**
 * `struct nfgenmsg`, the header of every nfnetlink message, and the names of its values.
 *
 * include/uapi/linux/netfilter/nfnetlink.h; nft(8), ADDRESS FAMILIES.
 */
import { be16, u8 } from '../../netlink/codec/codec.ts';
import { enumOf, type Word } from '../../netlink/codec/enums.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { NETFILTER_FAMILIES } from '../../netlink/netfilter.ts';

/** The family of a table. */
export const tableFamily = enumOf(u8, NETFILTER_FAMILIES);
export type TableFamily = Word<keyof typeof NETFILTER_FAMILIES>;

/**
 * In the first and last message of a batch `resId` is the subsystem; in answers it holds the lower
 * 16 bits of the generation of the ruleset.
 */
export const nfgenmsg = struct('nfgenmsg', { family: tableFamily, version: u8, resId: be16 });

/** What a message is about: the family and names that it contains. */
export const nftSubject = (...parts: readonly (string | number | bigint | undefined)[]): string =>
  parts.filter((each) => each !== undefined).join(' ');
