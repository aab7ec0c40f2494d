/**
 * Requests about the ruleset, over the declared messages or others for the same values: the plugins
 * have some that make a process start faster. nft(8).
 */
import type { Message } from '../netlink/codec/message.ts';
import { NLM_F_CREATE } from '../netlink/constants.ts';
import type { Request } from '../netlink/request.ts';
import type { BatchInput, GenerationInput } from './messages/batch.ts';
import type { ChainInput } from './chain/message.ts';
import * as c from './messages/constants.ts';
import type { ElementsInput } from './element/message.ts';
import type { TableFamily } from './messages/nfgenmsg.ts';
import type { RuleInput } from './rule/message.ts';
import type { NftSetInput } from './set/message.ts';
import type { TableInput } from './table/message.ts';

/** Identifies a table. */
export interface InTable {
  readonly family: TableFamily;
  readonly table: string;
}
export interface InChain extends InTable {
  readonly chain: string;
}
export interface InSet extends InTable {
  readonly set: string;
}

/** The subsystem of a transaction, in `nfgenmsg.resId`. */
const { NFNL_SUBSYS_NFTABLES: resId } = c;

export const batchRequests = (message: Message<unknown, BatchInput>) => ({
  /** Refused with ERESTART when the ruleset no longer has that generation. */
  batchBegin: (genid?: number): Request => ({
    message,
    type: c.NFNL_MSG_BATCH_BEGIN,
    value: { resId, attrs: genid === undefined ? {} : { genid } },
  }),
  batchEnd: (): Request => ({ message, type: c.NFNL_MSG_BATCH_END, value: { resId } }),
});

export const generationRequests = <T>(message: Message<T, GenerationInput>) => ({
  getGeneration: (): Request<T, GenerationInput> => ({
    message,
    type: c.NFT_MSG_GETGEN,
    value: {},
  }),
});

export const tableRequests = <T>(message: Message<T, TableInput>) => ({
  getTable: ({ family, table }: InTable): Request<T, TableInput> => ({
    message,
    type: c.NFT_MSG_GETTABLE,
    value: { family, attrs: { name: table } },
  }),
  /** An existing one is kept, unless `flags` has NLM_F_EXCL. */
  addTable: (
    { family, table, comment }: InTable & { readonly comment?: string | undefined },
    flags: number = NLM_F_CREATE,
  ): Request<T, TableInput> => ({
    message,
    type: c.NFT_MSG_NEWTABLE,
    flags,
    value: {
      family,
      attrs: {
        name: table,
        flags: [],
        userdata: comment === undefined ? undefined : { comment },
      },
    },
  }),
  deleteTable: ({ family, table }: InTable): Request<T, TableInput> => ({
    message,
    type: c.NFT_MSG_DELTABLE,
    value: { family, attrs: { name: table } },
  }),
});

export const chainRequests = <T>(message: Message<T, ChainInput>) => ({
  getChain: ({ family, table, chain }: InChain): Request<T, ChainInput> => ({
    message,
    type: c.NFT_MSG_GETCHAIN,
    value: { family, attrs: { table, name: chain } },
  }),
  deleteChain: ({ family, table, chain }: InChain): Request<T, ChainInput> => ({
    message,
    type: c.NFT_MSG_DELCHAIN,
    value: { family, attrs: { table, name: chain } },
  }),
});

export const ruleRequests = <T>(message: Message<T, RuleInput>) => ({
  listRules: ({ family, table, chain }: Partial<InChain> = {}): Request<T, RuleInput> => ({
    message,
    type: c.NFT_MSG_GETRULE,
    value: { family, attrs: { table, chain } },
  }),
  deleteRule: ({
    family,
    table,
    chain,
    handle,
  }: InChain & { readonly handle: bigint }): Request<T, RuleInput> => ({
    message,
    type: c.NFT_MSG_DELRULE,
    value: { family, attrs: { table, chain, handle } },
  }),
});

export const setRequests = <T>(message: Message<T, NftSetInput>) => ({
  getSet: ({ family, table, set }: InSet): Request<T, NftSetInput> => ({
    message,
    type: c.NFT_MSG_GETSET,
    value: { family, attrs: { table, name: set } },
  }),
  listSets: ({ family, table }: Partial<InTable> = {}): Request<T, NftSetInput> => ({
    message,
    type: c.NFT_MSG_GETSET,
    value: { family, attrs: { table } },
  }),
  deleteSet: ({ family, table, set }: InSet): Request<T, NftSetInput> => ({
    message,
    type: c.NFT_MSG_DELSET,
    value: { family, attrs: { table, name: set } },
  }),
});

/** The elements of a request; none in a request for all of them. */
type ElementInputs = NonNullable<ElementsInput['attrs']>['elements'];

export function elementRequests<T>(message: Message<T, ElementsInput>) {
  const request = (
    type: number,
    flags: number | undefined,
    { family, table, set }: InSet,
    elements?: ElementInputs,
  ): Request<T, ElementsInput> => ({
    message,
    type,
    flags,
    value: { family, attrs: { table, set, elements } },
  });
  return {
    getElement: (spec: InSet & { readonly key: Uint8Array }) =>
      request(c.NFT_MSG_GETSETELEM, undefined, spec, [{ key: { value: spec.key } }]),
    listElements: (spec: InSet) => request(c.NFT_MSG_GETSETELEM, undefined, spec),
    addElements: (spec: InSet & { readonly elements?: ElementInputs }, flags: number) =>
      request(c.NFT_MSG_NEWSETELEM, flags, spec, spec.elements),
    deleteElements: (spec: InSet & { readonly elements?: ElementInputs }) =>
      request(c.NFT_MSG_DELSETELEM, 0, spec, spec.elements),
  };
}
