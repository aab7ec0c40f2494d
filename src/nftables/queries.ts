/**
 * Queries of the ruleset as requests: one object by name, or all of a type. nft(8), `list`,
 * `get element`.
 */
import { checkedFunction } from '../netlink/codec/arguments.ts';
import type { Request } from '../netlink/connection.ts';
import { generation, type Generation, type GenerationInput } from './messages/batch.ts';
import { chain, type Chain, type ChainInput } from './messages/chain.ts';
import type { InChain, InSet, InTable } from './changes.ts';
import * as c from './messages/constants.ts';
import { element, type Elements, type ElementsInput } from './messages/element.ts';
import { key, type KeyField } from './messages/key.ts';
import { nftObject, type NftObject, type NftObjectInput } from './messages/object.ts';
import { nftRule, type Rule, type RuleInput } from './messages/rule.ts';
import { nftSet, type NftSet, type NftSetInput } from './messages/set.ts';
import { table, type Table, type TableInput } from './messages/table.ts';

/** Gets the generation of the ruleset, a counter that each transaction increments. */
export const getGeneration = (): Request<Generation, GenerationInput> => ({
  message: generation,
  type: c.NFT_MSG_GETGEN,
  value: {},
});

/** Gets one table. ENOENT if it does not exist. */
export const getTable = checkedFunction(
  'getTable',
  'spec: object',
  (spec: InTable): Request<Table, TableInput> => ({
    message: table,
    type: c.NFT_MSG_GETTABLE,
    value: { family: spec.family, attrs: { name: spec.table } },
  }),
);

/** Gets one chain, without its rules. ENOENT if it does not exist. */
export const getChain = checkedFunction(
  'getChain',
  'spec: object',
  (spec: InChain): Request<Chain, ChainInput> => ({
    message: chain,
    type: c.NFT_MSG_GETCHAIN,
    value: { family: spec.family, attrs: { table: spec.table, name: spec.chain } },
  }),
);

/** Gets one set, without its elements. ENOENT if it does not exist. */
export const getSet = checkedFunction(
  'getSet',
  'spec: object',
  (spec: InSet): Request<NftSet, NftSetInput> => ({
    message: nftSet,
    type: c.NFT_MSG_GETSET,
    value: { family: spec.family, attrs: { table: spec.table, name: spec.set } },
  }),
);

/**
 * Gets one element by its key, without reading the others. ENOENT if it does not exist.
 *
 * @throws CodecError for a key that cannot be encoded
 */
export const getElement = checkedFunction(
  'getElement',
  'spec: object',
  (
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
  },
);

/** Limits a query; without it, everything is listed. */
export type Within = Partial<InTable>;

/** Lists tables. The kernel lists all tables of a family. */
export const listTables = checkedFunction(
  'listTables',
  'within?: object',
  ({ family }: Within = {}): Request<Table, TableInput> => ({
    message: table,
    type: c.NFT_MSG_GETTABLE,
    value: { family },
  }),
);

/** Lists chains. The kernel lists the chains of all tables of a family. */
export const listChains = checkedFunction(
  'listChains',
  'within?: object',
  ({ family }: Within = {}): Request<Chain, ChainInput> => ({
    message: chain,
    type: c.NFT_MSG_GETCHAIN,
    value: { family },
  }),
);

/**
 * Lists rules: of a chain, of a table, or of a family. ENOENT if the table or the chain does not
 * exist.
 */
export const listRules = checkedFunction(
  'listRules',
  'within?: object',
  (spec: Partial<InChain> = {}): Request<Rule, RuleInput> => ({
    message: nftRule,
    type: c.NFT_MSG_GETRULE,
    value: { family: spec.family, attrs: { table: spec.table, chain: spec.chain } },
  }),
);

/** Lists sets: of a table, or of a family. ENOENT if the table does not exist. */
export const listSets = checkedFunction(
  'listSets',
  'within?: object',
  (spec: Within = {}): Request<NftSet, NftSetInput> => ({
    message: nftSet,
    type: c.NFT_MSG_GETSET,
    value: { family: spec.family, attrs: { table: spec.table } },
  }),
);

/**
 * Lists the elements of a set, in messages of several elements each. ENOENT if it does not exist.
 */
export const listElements = checkedFunction(
  'listElements',
  'spec: object',
  (spec: InSet): Request<Elements, ElementsInput> => ({
    message: element,
    type: c.NFT_MSG_GETSETELEM,
    value: { family: spec.family, attrs: { table: spec.table, set: spec.set } },
  }),
);

/** Lists stateful objects: of a table, or of a family. ENOENT if the table does not exist. */
export const listObjects = checkedFunction(
  'listObjects',
  'within?: object',
  (spec: Within = {}): Request<NftObject, NftObjectInput> => ({
    message: nftObject,
    type: c.NFT_MSG_GETOBJ,
    value: { family: spec.family, attrs: { table: spec.table } },
  }),
);
