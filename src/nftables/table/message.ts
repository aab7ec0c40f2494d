/**
 * A table: the container of chains, sets and objects of one family. `NFT_MSG_NEWTABLE`,
 * `NFT_MSG_GETTABLE`, `NFT_MSG_DELTABLE`, `NFT_MSG_DESTROYTABLE`.
 *
 * include/uapi/linux/netfilter/nf_tables.h, `enum nft_table_attributes`; nft(8);
 * `nft add table inet example`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be32, be64, cstr, type Input, type Static } from '../../netlink/codec/codec.ts';
import { flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import {
  NFT_MSG_DELTABLE,
  NFT_MSG_DESTROYTABLE,
  NFT_MSG_GETTABLE,
  NFT_MSG_NEWTABLE,
} from '../messages/constants.ts';
import { nfgenmsg, nftSubject } from '../messages/nfgenmsg.ts';
import { commentUserdata } from '../messages/userdata.ts';

/** `enum nft_table_flags`. */
const NFT_TABLE_F = { dormant: 0x1, owner: 0x2, persist: 0x4 } as const;

export const nftaTable = attrs({
  name: attr('NFTA_TABLE_NAME', 1, cstr, 'unique within its family'),
  flags: attr(
    'NFTA_TABLE_FLAGS',
    2,
    flagsOf(be32, NFT_TABLE_F),
    'dormant: its chains see no packets',
  ),
  use: attr('NFTA_TABLE_USE', 3, be32, 'number of its chains, sets, objects and flowtables'),
  handle: attr('NFTA_TABLE_HANDLE', 4, be64, 'number assigned by the kernel'),
  userdata: attr('NFTA_TABLE_USERDATA', 6, commentUserdata, 'comment'),
  owner: attr('NFTA_TABLE_OWNER', 7, be32, 'port id of the socket that owns it'),
});

export const table = message(
  'table',
  { NFT_MSG_NEWTABLE, NFT_MSG_GETTABLE, NFT_MSG_DELTABLE, NFT_MSG_DESTROYTABLE },
  nfgenmsg,
  nftaTable,
  {
    doc: 'A table of the ruleset.',
    subject: ({ family, attrs: a }) => nftSubject(family, a?.name),
  },
);

export type Table = Static<typeof table>;
export type TableInput = Input<typeof table>;
