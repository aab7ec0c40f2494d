/** Questions about the ruleset as requests: one object by name, or all of a kind. nft(8), `list`, `get element`. */
import type { Request } from '../netlink/connection.ts';
import { generation, type Generation, type GenerationInput } from './messages/batch.ts';
import { chain, type Chain, type ChainInput } from './messages/chain.ts';
import type { InChain, InSet, InTable } from './changes.ts';
import * as c from './messages/constants.ts';
import { element, type Elements, type ElementsInput } from './messages/element.ts';
import { key, type KeyField } from './messages/key.ts';
import { object, type NftObject, type NftObjectInput } from './messages/object.ts';
import { rule, type Rule, type RuleInput } from './messages/rule.ts';
import { set, type NftSet, type NftSetInput } from './messages/set.ts';
import { table, type Table, type TableInput } from './messages/table.ts';

export const getGeneration = (): Request<Generation, GenerationInput> => ({
  message: generation,
  type: c.NFT_MSG_GETGEN,
  value: {},
});

export const getTable = (spec: InTable): Request<Table, TableInput> => ({
  message: table,
  type: c.NFT_MSG_GETTABLE,
  value: { family: spec.family, attrs: { name: spec.table } },
});

export const getChain = (spec: InChain): Request<Chain, ChainInput> => ({
  message: chain,
  type: c.NFT_MSG_GETCHAIN,
  value: { family: spec.family, attrs: { table: spec.table, name: spec.chain } },
});

export const getSet = (spec: InSet): Request<NftSet, NftSetInput> => ({
  message: set,
  type: c.NFT_MSG_GETSET,
  value: { family: spec.family, attrs: { table: spec.table, name: spec.set } },
});

/** One element by its key, found without reading the others. */
export const getElement = (
  spec: InSet & { readonly key: KeyField | readonly KeyField[] },
): Request<Elements, ElementsInput> => {
  const fields = Array.isArray(spec.key) ? (spec.key as KeyField[]) : [spec.key as KeyField];
  return {
    message: element,
    type: c.NFT_MSG_GETSETELEM,
    value: {
      family: spec.family,
      attrs: { table: spec.table, set: spec.set, elements: [{ key: { value: key(...fields) } }] },
    },
  };
};

/** Where to look; what is left out means everywhere. */
export type Within = Partial<InTable>;

/** For `list`: tables are few, and the kernel gives all of a family. */
export const listTables = ({ family }: Within = {}): Request<Table, TableInput> => ({
  message: table,
  type: c.NFT_MSG_GETTABLE,
  value: { family },
});

/** The kernel gives the chains of all tables of the family. */
export const listChains = ({ family }: Within = {}): Request<Chain, ChainInput> => ({
  message: chain,
  type: c.NFT_MSG_GETCHAIN,
  value: { family },
});

export const listRules = (spec: Partial<InChain> = {}): Request<Rule, RuleInput> => ({
  message: rule,
  type: c.NFT_MSG_GETRULE,
  value: { family: spec.family, attrs: { table: spec.table, chain: spec.chain } },
});

export const listSets = (spec: Within = {}): Request<NftSet, NftSetInput> => ({
  message: set,
  type: c.NFT_MSG_GETSET,
  value: { family: spec.family, attrs: { table: spec.table } },
});

/** Messages with some elements each. */
export const listElements = (spec: InSet): Request<Elements, ElementsInput> => ({
  message: element,
  type: c.NFT_MSG_GETSETELEM,
  value: { family: spec.family, attrs: { table: spec.table, set: spec.set } },
});

export const listObjects = (spec: Within = {}): Request<NftObject, NftObjectInput> => ({
  message: object,
  type: c.NFT_MSG_GETOBJ,
  value: { family: spec.family, attrs: { table: spec.table } },
});
