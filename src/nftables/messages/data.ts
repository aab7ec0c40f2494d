/**
 * Data: what a register is loaded with or compared to, and what sets hold. Either bytes or a
 * verdict.
 *
 * include/uapi/linux/netfilter/nf_tables.h, `enum nft_data_attributes`,
 * `enum nft_verdict_attributes`, `enum nft_registers`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be32, bytes, cstr, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { VERDICTS } from '../../netlink/netfilter.ts';

/** `enum nft_verdicts`, and those of netfilter. Negative numbers are specific to nf_tables. */
export const verdictCode = enumOf(be32, {
  ...VERDICTS,
  continue: 0xffffffff,
  break: 0xfffffffe,
  jump: 0xfffffffd,
  goto: 0xfffffffc,
  return: 0xfffffffb,
});

export const nftaVerdict = attrs({
  code: attr('NFTA_VERDICT_CODE', 1, verdictCode, 'what happens to the packet'),
  chain: attr('NFTA_VERDICT_CHAIN', 2, cstr, 'target of jump and goto'),
  chainId: attr('NFTA_VERDICT_CHAIN_ID', 3, be32, 'the same, by its number in the transaction'),
});

export const nftaData = attrs({
  value: attr('NFTA_DATA_VALUE', 1, bytes, 'bytes in network order'),
  verdict: attr('NFTA_DATA_VERDICT', 2, nftaVerdict, 'verdict'),
});

export type Data = Static<typeof nftaData>;
export type DataInput = Input<typeof nftaData>;

/**
 * A register: 0 takes the verdict, 1 to 4 hold 16 bytes each, 8 to 23 are the same 64 bytes in
 * pieces of four.
 */
export const register = be32;
export { NFT_REG_1, NFT_REG_VERDICT } from './constants.ts';
