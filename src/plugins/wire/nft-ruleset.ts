/**
 * Tables, chains and the generation of the ruleset, as far as masquerade needs them in ADD and DEL;
 * src/nftables has all of them. include/uapi/linux/netfilter/nf_tables.h.
 */
import { NLM_F_CREATE } from '../../netlink/constants.ts';
import type { Request } from '../../netlink/request.ts';
import * as c from '../../nftables/messages/constants.ts';
import { written } from './message.ts';
import { FAMILIES, NFGENMSG, numberIn, putComment, putHead, type TableName } from './nft-tlv.ts';
import { beginNest, eachTlv, endNest, putBe32, putText } from './tlv.ts';

/** The subsystem number that a batch is for, in `nfgenmsg.res_id`. */
const NFTABLES = 10;

export const batch = written<never, { genid?: number | undefined }>({
  name: 'batch',
  types: { NFNL_MSG_BATCH_BEGIN: c.NFNL_MSG_BATCH_BEGIN, NFNL_MSG_BATCH_END: c.NFNL_MSG_BATCH_END },
  head: NFGENMSG,
  put(w, { genid }) {
    const at = putHead(w, 0);
    w.bytes[at + 3] = NFTABLES;
    if (genid !== undefined) putBe32(w, 1, genid);
  },
  get: () => undefined as never,
  subject: () => undefined,
  names: () => ({ 1: 'NFNL_BATCH_GENID' }),
});

/**
 * The first message of a transaction; refused with ERESTART when the ruleset no longer has that
 * generation.
 */
export const batchBegin = (genid: number | undefined): Request => ({
  message: batch,
  type: c.NFNL_MSG_BATCH_BEGIN,
  value: { genid },
});

export const batchEnd = (): Request => ({
  message: batch,
  type: c.NFNL_MSG_BATCH_END,
  value: {},
});

export const generation = written<number, object>({
  name: 'generation',
  types: { NFT_MSG_NEWGEN: c.NFT_MSG_NEWGEN, NFT_MSG_GETGEN: c.NFT_MSG_GETGEN },
  head: NFGENMSG,
  put: (w) => void putHead(w, 0),
  get: (view, at, end) => numberIn(view, at, end, 1) ?? 0,
  subject: () => undefined,
  names: () => ({ 1: 'NFTA_GEN_ID' }),
});

export const getGeneration = (): Request<number> => ({
  message: generation,
  type: c.NFT_MSG_GETGEN,
  value: {},
});

/** How many objects are in a table or a chain. */
export interface Used {
  readonly use: number;
}

export const table = written<Used, TableName & { readonly comment?: string | undefined }>({
  name: 'table',
  types: {
    NFT_MSG_NEWTABLE: c.NFT_MSG_NEWTABLE,
    NFT_MSG_GETTABLE: c.NFT_MSG_GETTABLE,
    NFT_MSG_DELTABLE: c.NFT_MSG_DELTABLE,
  },
  head: NFGENMSG,
  put(w, { family, table: name, comment }) {
    putHead(w, FAMILIES[family]);
    putText(w, 1, name);
    if (comment === undefined) return;
    putBe32(w, 2, 0);
    putComment(w, comment);
  },
  get: (view, at, end) => ({ use: numberIn(view, at, end, 3) ?? 0 }),
  subject: ({ family, table: name }) => `${family} ${name}`,
  names: () => ({ 1: 'NFTA_TABLE_NAME', 2: 'NFTA_TABLE_FLAGS', 6: 'NFTA_TABLE_USERDATA' }),
});

export const getTable = (value: TableName): Request<Used> => ({
  message: table,
  type: c.NFT_MSG_GETTABLE,
  value,
});

export const addTable = (value: TableName & { readonly comment: string }): Request => ({
  message: table,
  type: c.NFT_MSG_NEWTABLE,
  flags: NLM_F_CREATE,
  value,
});

/** Deletes it with everything in it. */
export const deleteTable = (value: TableName): Request => ({
  message: table,
  type: c.NFT_MSG_DELTABLE,
  value,
});

export interface ChainName extends TableName {
  readonly chain: string;
}

/** NF_INET_POST_ROUTING; NF_ACCEPT. */
const POSTROUTING = 4;
const ACCEPT = 1;
/**
 * Long after `srcnat` (100), where the chains of other programs are: the kernel calls the NAT
 * chains of a hook in the order of their priorities until one of them has set an address. So any
 * other rule for a source address has precedence over ours.
 */
export const PRIORITY = 1000;

/** A chain; without a priority it is not attached to a hook. */
export interface WireChain extends Used {
  readonly priority: number | undefined;
}

export const chain = written<WireChain, ChainName & { readonly isNew?: boolean }>({
  name: 'chain',
  types: {
    NFT_MSG_NEWCHAIN: c.NFT_MSG_NEWCHAIN,
    NFT_MSG_GETCHAIN: c.NFT_MSG_GETCHAIN,
    NFT_MSG_DELCHAIN: c.NFT_MSG_DELCHAIN,
  },
  head: NFGENMSG,
  put(w, { family, table: within, chain: name, isNew }) {
    putHead(w, FAMILIES[family]);
    putText(w, 1, within);
    putText(w, 3, name);
    if (isNew !== true) return;
    putText(w, 7, 'nat');
    const hook = beginNest(w, 4);
    putBe32(w, 1, POSTROUTING);
    putBe32(w, 2, PRIORITY);
    endNest(w, hook);
    putBe32(w, 5, ACCEPT);
  },
  get(view, at, end) {
    let use = 0;
    let priority: number | undefined;
    eachTlv(view, at + NFGENMSG, end, (type, body, stop) => {
      if (type === 6) use = view.getUint32(body);
      if (type !== 4) return;
      eachTlv(view, body, stop, (inner, value) => {
        if (inner === 2) priority = view.getInt32(value);
      });
    });
    return { use, priority };
  },
  subject: ({ family, table: within, chain: name }) => `${family} ${within} ${name}`,
  names: () => ({
    1: 'NFTA_CHAIN_TABLE',
    3: 'NFTA_CHAIN_NAME',
    4: ['NFTA_CHAIN_HOOK', { 1: 'NFTA_HOOK_HOOKNUM', 2: 'NFTA_HOOK_PRIORITY' }],
    5: 'NFTA_CHAIN_POLICY',
    7: 'NFTA_CHAIN_TYPE',
  }),
});

export const getChain = (value: ChainName): Request<WireChain> => ({
  message: chain,
  type: c.NFT_MSG_GETCHAIN,
  value,
});

/** `{ type nat hook postrouting priority 1000; policy accept; }` */
export const addChain = (value: ChainName): Request => ({
  message: chain,
  type: c.NFT_MSG_NEWCHAIN,
  flags: NLM_F_CREATE,
  value: { ...value, isNew: true },
});

/** Deletes it with its rules. */
export const deleteChain = (value: ChainName): Request => ({
  message: chain,
  type: c.NFT_MSG_DELCHAIN,
  value,
});
