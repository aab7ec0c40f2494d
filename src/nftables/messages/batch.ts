/**
 * Transactions: a batch begins and ends with a message of its own, and the changes between them are
 * applied completely or not at all.
 *
 * The first message may carry the generation of the ruleset that the caller has seen. If the
 * ruleset has changed since, the kernel answers ERESTART and does nothing.
 * include/uapi/linux/netfilter/nfnetlink.h; `nft -f FILE`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be32, cstr, type Input, type Static } from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import {
  NFNL_MSG_BATCH_BEGIN,
  NFNL_MSG_BATCH_END,
  NFT_MSG_GETGEN,
  NFT_MSG_NEWGEN,
} from './constants.ts';
import { nfgenmsg } from './nfgenmsg.ts';

export const nfnlBatch = attrs({
  genid: attr('NFNL_BATCH_GENID', 1, be32, 'expected generation of the ruleset'),
});

export const batch = message(
  'batch',
  { NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END },
  nfgenmsg,
  nfnlBatch,
  {
    doc: 'The first or the last message of a transaction.',
  },
);

export const nftaGen = attrs({
  id: attr('NFTA_GEN_ID', 1, be32, 'counter that each transaction increments'),
  procPid: attr(
    'NFTA_GEN_PROC_PID',
    2,
    be32,
    'process that made the last transaction, or that asks',
  ),
  procName: attr('NFTA_GEN_PROC_NAME', 3, cstr, 'name of that process'),
});

export const generation = message(
  'generation',
  { NFT_MSG_NEWGEN, NFT_MSG_GETGEN },
  nfgenmsg,
  nftaGen,
  { doc: 'The generation of the ruleset: as long as it is the same, nothing has changed.' },
);

export type Generation = Static<typeof generation>;
export type GenerationInput = Input<typeof generation>;
export type BatchInput = Input<typeof batch>;
