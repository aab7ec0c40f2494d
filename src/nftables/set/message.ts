/**
 * A set or a map: keys that rules look up. `NFT_MSG_NEWSET`, `NFT_MSG_GETSET`, `NFT_MSG_DELSET`.
 *
 * include/uapi/linux/netfilter/nf_tables.h, `enum nft_set_attributes`; nft(8), SETS, MAPS;
 * `nft add set ip example hosts '{ type ipv4_addr; }'`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be32, be64, cstr, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { list } from '../../netlink/codec/list.ts';
import {
  NFT_MSG_DELSET,
  NFT_MSG_DESTROYSET,
  NFT_MSG_GETSET,
  NFT_MSG_NEWSET,
} from '../messages/constants.ts';
import { dataType } from '../messages/data-type.ts';
import { expression, expressions } from '../messages/expression.ts';
import { objectType } from '../messages/expr-statements.ts';
import { nfgenmsg, nftSubject } from '../messages/nfgenmsg.ts';
import { setUserdata } from '../messages/userdata.ts';

/** `enum nft_set_flags`, by nft's names where it has one. */
const NFT_SET = {
  anonymous: 0x1,
  constant: 0x2,
  interval: 0x4,
  map: 0x8,
  timeout: 0x10,
  dynamic: 0x20,
  object: 0x40,
  concat: 0x80,
  expr: 0x100,
} as const;

export const nftaSetField = attrs({
  len: attr('NFTA_SET_FIELD_LEN', 1, be32, 'size of the field in bytes'),
});

export const nftaSetDesc = attrs({
  size: attr('NFTA_SET_DESC_SIZE', 1, be32, 'maximum number of elements'),
  concat: attr(
    'NFTA_SET_DESC_CONCAT',
    2,
    list('NFTA_LIST_ELEM', nftaSetField, { id: 1, loose: true }),
    'fields of the key',
  ),
});

export const nftaSet = attrs({
  table: attr('NFTA_SET_TABLE', 1, cstr, 'table it belongs to'),
  name: attr(
    'NFTA_SET_NAME',
    2,
    cstr,
    'unique within its table; the kernel replaces %d by a free number',
  ),
  flags: attr('NFTA_SET_FLAGS', 3, flagsOf(be32, NFT_SET), 'kind of set'),
  keyType: attr('NFTA_SET_KEY_TYPE', 4, dataType, 'type of the keys'),
  keyLen: attr('NFTA_SET_KEY_LEN', 5, be32, 'size of a key in bytes'),
  dataType: attr('NFTA_SET_DATA_TYPE', 6, dataType, 'type of the values of a map'),
  dataLen: attr('NFTA_SET_DATA_LEN', 7, be32, 'size of a value in bytes'),
  policy: attr(
    'NFTA_SET_POLICY',
    8,
    enumOf(be32, { performance: 0, memory: 1 }),
    'optimization goal',
  ),
  desc: attr('NFTA_SET_DESC', 9, nftaSetDesc, 'size and fields'),
  id: attr('NFTA_SET_ID', 10, be32, 'number within the transaction'),
  timeout: attr('NFTA_SET_TIMEOUT', 11, be64, 'default lifetime of an element in milliseconds'),
  gcInterval: attr('NFTA_SET_GC_INTERVAL', 12, be32, 'milliseconds between garbage collections'),
  userdata: attr('NFTA_SET_USERDATA', 13, setUserdata, 'comment, and hints for printing by nft'),
  objType: attr('NFTA_SET_OBJ_TYPE', 15, objectType, 'type of the objects in a map of objects'),
  handle: attr('NFTA_SET_HANDLE', 16, be64, 'number assigned by the kernel'),
  expr: attr('NFTA_SET_EXPR', 17, expression, 'expression of each element'),
  expressions: attr('NFTA_SET_EXPRESSIONS', 18, expressions, 'expressions of each element'),
  type: attr('NFTA_SET_TYPE', 19, cstr, "the kernel's implementation; since Linux 6.16"),
  count: attr('NFTA_SET_COUNT', 20, be32, 'number of elements; since Linux 6.16'),
});

export const nftSet = message(
  'set',
  { NFT_MSG_NEWSET, NFT_MSG_GETSET, NFT_MSG_DELSET, NFT_MSG_DESTROYSET },
  nfgenmsg,
  nftaSet,
  {
    doc: 'A set or a map of a table.',
    subject: ({ family, attrs: a }) => nftSubject(family, a?.table, a?.name),
  },
);

export type NftSet = Static<typeof nftSet>;
export type NftSetInput = Input<typeof nftSet>;
