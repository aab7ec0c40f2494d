/**
 * Stateful objects that rules refer to by name: counters, quotas, limits, helpers.
 * `NFT_MSG_NEWOBJ`, `NFT_MSG_GETOBJ`, `NFT_MSG_DELOBJ`.
 *
 * include/uapi/linux/netfilter/nf_tables.h, `enum nft_object_attributes`; nft(8), STATEFUL OBJECTS;
 * `nft add counter ip example http`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { byKind, kinds } from '../../netlink/codec/by-kind.ts';
import { be16, be32, be64, cstr, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import {
  NFT_MSG_DELOBJ,
  NFT_MSG_GETOBJ,
  NFT_MSG_GETOBJ_RESET,
  NFT_MSG_NEWOBJ,
} from '../messages/constants.ts';
import { connlimit, counter, limit, objectType, quota } from '../messages/expr-statements.ts';
import { nfgenmsg } from '../messages/nfgenmsg.ts';
import { commentUserdata } from '../messages/userdata.ts';

export const ctHelper = attrs({
  name: attr('NFTA_CT_HELPER_NAME', 1, cstr, 'name of the helper'),
  l3proto: attr('NFTA_CT_HELPER_L3PROTO', 2, be16, 'address family it applies to'),
  l4proto: attr('NFTA_CT_HELPER_L4PROTO', 3, u8, 'transport protocol it applies to'),
});

/** The attributes of an object, by its type. */
export const objectKinds = kinds('object', {
  counter,
  quota,
  limit,
  connlimit,
  'ct helper': ctHelper,
});

export const nftaObj = attrs({
  table: attr('NFTA_OBJ_TABLE', 1, cstr, 'table it belongs to'),
  name: attr('NFTA_OBJ_NAME', 2, cstr, 'unique within its table and type'),
  type: attr('NFTA_OBJ_TYPE', 3, objectType, 'type of object'),
  data: attr('NFTA_OBJ_DATA', 4, byKind('type', objectKinds), 'its state'),
  use: attr('NFTA_OBJ_USE', 5, be32, 'number of rules that refer to it'),
  handle: attr('NFTA_OBJ_HANDLE', 6, be64, 'number assigned by the kernel'),
  userdata: attr('NFTA_OBJ_USERDATA', 8, commentUserdata, 'comment'),
});

export const nftObject = message(
  'object',
  { NFT_MSG_NEWOBJ, NFT_MSG_GETOBJ, NFT_MSG_DELOBJ, NFT_MSG_GETOBJ_RESET },
  nfgenmsg,
  nftaObj,
  {
    doc: 'A stateful object of a table.',
    subject: ({ family, attrs: a }) => `${family} ${a?.table} ${a?.name ?? ''}`.trimEnd(),
  },
);

export type NftObject = Static<typeof nftObject>;
export type NftObjectInput = Input<typeof nftObject>;
