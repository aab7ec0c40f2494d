/**
 * A flowtable: forwarded connections that bypass the rules. `NFT_MSG_NEWFLOWTABLE`,
 * `NFT_MSG_GETFLOWTABLE`, `NFT_MSG_DELFLOWTABLE`, `NFT_MSG_DESTROYFLOWTABLE`.
 *
 * include/uapi/linux/netfilter/nf_tables.h, `enum nft_flowtable_attributes`; nft(8), FLOWTABLES;
 * `nft add flowtable ip example f '{ hook ingress priority 0; devices = { eth0 }; }'`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be32, be64, cstr, sbe32, type Input, type Static } from '../../netlink/codec/codec.ts';
import { flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { nftaDevice } from '../chain/message.ts';
import {
  NFT_MSG_DELFLOWTABLE,
  NFT_MSG_DESTROYFLOWTABLE,
  NFT_MSG_GETFLOWTABLE,
  NFT_MSG_NEWFLOWTABLE,
} from '../messages/constants.ts';
import { nfgenmsg, nftSubject } from '../messages/nfgenmsg.ts';

export const nftaFlowtableHook = attrs({
  num: attr('NFTA_FLOWTABLE_HOOK_NUM', 1, be32, 'the hook: ingress'),
  priority: attr('NFTA_FLOWTABLE_HOOK_PRIORITY', 2, sbe32, 'order on the hook'),
  devs: attr('NFTA_FLOWTABLE_HOOK_DEVS', 3, nftaDevice, 'interfaces'),
});

export const nftaFlowtable = attrs({
  table: attr('NFTA_FLOWTABLE_TABLE', 1, cstr, 'table it belongs to'),
  name: attr('NFTA_FLOWTABLE_NAME', 2, cstr, 'unique within its table'),
  hook: attr('NFTA_FLOWTABLE_HOOK', 3, nftaFlowtableHook, 'hook it is attached to'),
  use: attr('NFTA_FLOWTABLE_USE', 4, be32, 'number of rules that refer to it'),
  handle: attr('NFTA_FLOWTABLE_HANDLE', 5, be64, 'number assigned by the kernel'),
  flags: attr('NFTA_FLOWTABLE_FLAGS', 7, flagsOf(be32, { offload: 1, counter: 2 }), 'options'),
});

export const flowtable = message(
  'flowtable',
  { NFT_MSG_NEWFLOWTABLE, NFT_MSG_GETFLOWTABLE, NFT_MSG_DELFLOWTABLE, NFT_MSG_DESTROYFLOWTABLE },
  nfgenmsg,
  nftaFlowtable,
  {
    doc: 'A flowtable of a table.',
    subject: ({ family, attrs: a }) => nftSubject(family, a?.table, a?.name),
  },
);

export type Flowtable = Static<typeof flowtable>;
export type FlowtableInput = Input<typeof flowtable>;
