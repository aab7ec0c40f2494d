/**
 * Elements of a set; one message holds many. `NFT_MSG_NEWSETELEM`, `NFT_MSG_GETSETELEM`,
 * `NFT_MSG_DELSETELEM`.
 *
 * In a plain interval set a range is two elements: the second carries `interval-end` and is the
 * first key outside. In a concatenated set it is `key` and `keyEnd`, both inside.
 *
 * include/uapi/linux/netfilter/nf_tables.h, `enum nft_set_elem_attributes`; nft(8), ELEMENTS;
 * `nft add element ip example hosts '{ 192.0.2.1 comment "first" }'`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be32, be64, cstr, type Input, type Static } from '../../netlink/codec/codec.ts';
import { flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { list } from '../../netlink/codec/list.ts';
import {
  NFT_MSG_DELSETELEM,
  NFT_MSG_DESTROYSETELEM,
  NFT_MSG_GETSETELEM,
  NFT_MSG_GETSETELEM_RESET,
  NFT_MSG_NEWSETELEM,
} from '../messages/constants.ts';
import { nftaData } from '../messages/data.ts';
import { expression, expressions } from '../messages/expression.ts';
import { nfgenmsg, nftSubject } from '../messages/nfgenmsg.ts';
import { elementUserdata } from '../messages/userdata.ts';

export const nftaSetElem = attrs({
  key: attr('NFTA_SET_ELEM_KEY', 1, nftaData, 'key, or first key of a range'),
  data: attr('NFTA_SET_ELEM_DATA', 2, nftaData, 'value of the key in a map'),
  flags: attr(
    'NFTA_SET_ELEM_FLAGS',
    3,
    flagsOf(be32, { 'interval-end': 1, catchall: 2 }),
    'end of the preceding range, or all other keys',
  ),
  timeout: attr('NFTA_SET_ELEM_TIMEOUT', 4, be64, 'lifetime in milliseconds'),
  expiration: attr('NFTA_SET_ELEM_EXPIRATION', 5, be64, 'milliseconds left'),
  userdata: attr('NFTA_SET_ELEM_USERDATA', 6, elementUserdata, 'comment'),
  expr: attr('NFTA_SET_ELEM_EXPR', 7, expression, 'state of its only expression'),
  objref: attr('NFTA_SET_ELEM_OBJREF', 9, cstr, 'object of the key in a map of objects'),
  keyEnd: attr('NFTA_SET_ELEM_KEY_END', 10, nftaData, 'last key of a range'),
  expressions: attr('NFTA_SET_ELEM_EXPRESSIONS', 11, expressions, 'state of its expressions'),
});

export const nftaSetElemList = attrs({
  table: attr('NFTA_SET_ELEM_LIST_TABLE', 1, cstr, 'table the set belongs to'),
  set: attr('NFTA_SET_ELEM_LIST_SET', 2, cstr, 'the set'),
  elements: attr(
    'NFTA_SET_ELEM_LIST_ELEMENTS',
    3,
    list('NFTA_LIST_ELEM', nftaSetElem, { id: 1, loose: true }),
    'the elements',
  ),
  setId: attr('NFTA_SET_ELEM_LIST_SET_ID', 4, be32, 'the set, by its number in the transaction'),
});

export const element = message(
  'element',
  {
    NFT_MSG_NEWSETELEM,
    NFT_MSG_GETSETELEM,
    NFT_MSG_DELSETELEM,
    NFT_MSG_GETSETELEM_RESET,
    NFT_MSG_DESTROYSETELEM,
  },
  nfgenmsg,
  nftaSetElemList,
  {
    doc: 'Elements of a set.',
    subject: ({ family, attrs: a }) => nftSubject(family, a?.table, a?.set),
  },
);

export type SetElement = Static<typeof nftaSetElem>;
export type SetElementInput = Input<typeof nftaSetElem>;
export type Elements = Static<typeof element>;
export type ElementsInput = Input<typeof element>;
