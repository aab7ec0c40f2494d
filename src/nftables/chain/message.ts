/**
 * A chain: a list of rules. A base chain is attached to a hook and sees packets there; others are
 * reached by jumps. `NFT_MSG_NEWCHAIN`, `NFT_MSG_GETCHAIN`, `NFT_MSG_DELCHAIN`.
 *
 * include/uapi/linux/netfilter/nf_tables.h, `enum nft_chain_attributes`; nft(8), CHAINS; `nft add
 * chain inet example postrouting '{ type nat hook postrouting priority srcnat; }'`.
 */
import { attr, attrs, manyAttr } from '../../netlink/codec/attributes.ts';
import { be32, be64, cstr, sbe32, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import {
  NFT_MSG_DELCHAIN,
  NFT_MSG_DESTROYCHAIN,
  NFT_MSG_GETCHAIN,
  NFT_MSG_NEWCHAIN,
} from '../messages/constants.ts';
import { counter } from '../messages/expr-statements.ts';
import { nfgenmsg, nftSubject } from '../messages/nfgenmsg.ts';
import { commentUserdata } from '../messages/userdata.ts';

/** `enum nft_chain_flags`. */
const NFT_CHAIN = { base: 0x1, offload: 0x2, binding: 0x4 } as const;

export const chainPolicy = enumOf(be32, { drop: 0, accept: 1 });

export const nftaDevice = attrs({
  name: manyAttr('NFTA_DEVICE_NAME', 1, cstr, 'name of an interface'),
  prefix: manyAttr('NFTA_DEVICE_PREFIX', 2, cstr, 'prefix of interface names'),
});

/** The number of a hook depends on the family, see `hook.ts`. */
export const nftaHook = attrs({
  hooknum: attr('NFTA_HOOK_HOOKNUM', 1, be32, 'position in the packet path'),
  priority: attr('NFTA_HOOK_PRIORITY', 2, sbe32, 'order on the hook, lowest first'),
  dev: attr('NFTA_HOOK_DEV', 3, cstr, 'the single interface of a netdev chain'),
  devs: attr('NFTA_HOOK_DEVS', 4, nftaDevice, 'the interfaces of a netdev chain'),
});

export const nftaChain = attrs({
  table: attr('NFTA_CHAIN_TABLE', 1, cstr, 'table it belongs to'),
  handle: attr('NFTA_CHAIN_HANDLE', 2, be64, 'number assigned by the kernel'),
  name: attr('NFTA_CHAIN_NAME', 3, cstr, 'unique within its table'),
  hook: attr('NFTA_CHAIN_HOOK', 4, nftaHook, 'hook of a base chain'),
  policy: attr('NFTA_CHAIN_POLICY', 5, chainPolicy, 'verdict at the end of a base chain'),
  use: attr('NFTA_CHAIN_USE', 6, be32, 'number of its rules plus jumps to it'),
  type: attr('NFTA_CHAIN_TYPE', 7, cstr, 'type of a base chain: filter, nat or route'),
  counters: attr('NFTA_CHAIN_COUNTERS', 8, counter, 'packets that the policy applied to'),
  flags: attr('NFTA_CHAIN_FLAGS', 10, flagsOf(be32, NFT_CHAIN), 'kind of chain'),
  id: attr('NFTA_CHAIN_ID', 11, be32, 'number within the transaction'),
  userdata: attr('NFTA_CHAIN_USERDATA', 12, commentUserdata, 'comment'),
});

export const chain = message(
  'chain',
  { NFT_MSG_NEWCHAIN, NFT_MSG_GETCHAIN, NFT_MSG_DELCHAIN, NFT_MSG_DESTROYCHAIN },
  nfgenmsg,
  nftaChain,
  {
    doc: 'A chain of a table.',
    subject: ({ family, attrs: a }) => nftSubject(family, a?.table, a?.name ?? a?.handle),
  },
);

export type Chain = Static<typeof chain>;
export type ChainInput = Input<typeof chain>;
