/**
 * Stateful objects that rules refer to by name: counters, quotas, limits, helpers, timeouts,
 * expectations, security marks, tunnels. `NFT_MSG_NEWOBJ`, `NFT_MSG_GETOBJ`, `NFT_MSG_DELOBJ`,
 * `NFT_MSG_DESTROYOBJ`, and `NFT_MSG_GETOBJ_RESET`, which sets them to zero.
 *
 * include/uapi/linux/netfilter/nf_tables.h, `enum nft_object_attributes`; nft(8), STATEFUL OBJECTS;
 * `nft add counter ip example http`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { byKind, kinds } from '../../netlink/codec/by-kind.ts';
import {
  be16,
  be32,
  be64,
  cstr,
  u32,
  u8,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import {
  NFT_MSG_DELOBJ,
  NFT_MSG_DESTROYOBJ,
  NFT_MSG_GETOBJ,
  NFT_MSG_GETOBJ_RESET,
  NFT_MSG_NEWOBJ,
} from '../messages/constants.ts';
import {
  connlimit,
  counter,
  limit,
  objectType,
  quota,
  synproxy,
} from '../messages/expr-statements.ts';
import { nfgenmsg, nftSubject } from '../messages/nfgenmsg.ts';
import { commentUserdata } from '../messages/userdata.ts';
import { ctTimeout, l3proto, l4proto } from './ct-timeout.ts';
import { tunnelObject } from './tunnel-object.ts';

export const ctHelper = attrs({
  name: attr('NFTA_CT_HELPER_NAME', 1, cstr, 'name of the helper'),
  l3proto: attr('NFTA_CT_HELPER_L3PROTO', 2, l3proto, 'network protocol it applies to'),
  l4proto: attr('NFTA_CT_HELPER_L4PROTO', 3, l4proto, 'transport protocol it applies to'),
});

/** An additional connection for the kernel to expect. */
export const ctExpectation = attrs({
  l3proto: attr('NFTA_CT_EXPECT_L3PROTO', 1, l3proto, 'its network protocol'),
  l4proto: attr('NFTA_CT_EXPECT_L4PROTO', 2, l4proto, 'its transport protocol'),
  dport: attr('NFTA_CT_EXPECT_DPORT', 3, be16, 'its destination port'),
  timeout: attr('NFTA_CT_EXPECT_TIMEOUT', 4, u32, 'milliseconds until the expectation expires'),
  size: attr('NFTA_CT_EXPECT_SIZE', 5, u8, 'maximum number of expected connections per connection'),
});

export const secmark = attrs({
  ctx: attr('NFTA_SECMARK_CTX', 1, cstr, 'security context'),
});

/** The attributes of an object, by its type. */
export const objectKinds = kinds('object', {
  counter,
  quota,
  limit,
  connlimit,
  'ct helper': ctHelper,
  tunnel: tunnelObject,
  'ct timeout': ctTimeout,
  secmark,
  'ct expectation': ctExpectation,
  synproxy,
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
  { NFT_MSG_NEWOBJ, NFT_MSG_GETOBJ, NFT_MSG_DELOBJ, NFT_MSG_GETOBJ_RESET, NFT_MSG_DESTROYOBJ },
  nfgenmsg,
  nftaObj,
  {
    doc: 'A stateful object of a table.',
    subject: ({ family, attrs: a }) => nftSubject(family, a?.table, a?.name),
  },
);

export type NftObject = Static<typeof nftObject>;
export type NftObjectInput = Input<typeof nftObject>;
