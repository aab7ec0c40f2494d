/**
 * nf_tables as far as ADD and DEL need it: messages that are read and written by tables, with the
 * declared values, and the requests of src/nftables with these messages.
 */
import type { Message } from '../../netlink/codec/message.ts';
import type { Picked } from '../../netlink/codec/pick.ts';
import { protocolOf } from '../../netlink/codec/protocol.ts';
import { connect, type Connection, type Request } from '../../netlink/connection.ts';
import { NETLINK_NETFILTER, NLM_F_APPEND, NLM_F_CREATE } from '../../netlink/constants.ts';
import { socketIn } from '../../netlink/namespace.ts';
import type { BatchInput, Generation, GenerationInput } from '../../nftables/messages/batch.ts';
import type { Chain as WholeChain, ChainInput } from '../../nftables/chain/message.ts';
import {
  NFT_MSG_NEWCHAIN,
  NFT_MSG_NEWRULE,
  NFT_MSG_NEWSET,
} from '../../nftables/messages/constants.ts';
import type { Elements, ElementsInput, SetElement } from '../../nftables/element/message.ts';
import type { ExpressionInput } from '../../nftables/messages/expression.ts';
import type { Rule as WholeRule, RuleInput } from '../../nftables/rule/message.ts';
import type { NftSet as WholeSet, NftSetInput } from '../../nftables/set/message.ts';
import * as subjects from '../../nftables/messages/subjects.ts';
import type { Table as WholeTable, TableInput } from '../../nftables/table/message.ts';
import * as requests from '../../nftables/requests.ts';
import { message } from './interpreter.ts';
import type { nft } from './picks.ts';
import * as tables from './tables-nft.ts';

export type { InChain, InSet, InTable } from '../../nftables/requests.ts';

type Picks = typeof nft;
export type Table = Picked<WholeTable, keyof Picks['table']>;
export type Chain = Picked<WholeChain, keyof Picks['chain']>;
export type Rule = Picked<WholeRule, keyof Picks['rule']>;
export type NftSet = Picked<WholeSet, keyof Picks['set']>;
export type { Elements, SetElement };

const noSubject = (): undefined => undefined;
const batch: Message<unknown, BatchInput> = message(tables.batch, noSubject);
const generation: Message<Generation, GenerationInput> = message(tables.generation, noSubject);
const table: Message<Table, TableInput> = message(tables.table, subjects.tableSubject);
const chain: Message<Chain, ChainInput> = message(tables.chain, subjects.chainSubject);
const rule: Message<Rule, RuleInput> = message(tables.rule, subjects.ruleSubject);
const set: Message<NftSet, NftSetInput> = message(tables.set, subjects.setSubject);
export const element: Message<Elements, ElementsInput> = message(
  tables.element,
  subjects.elementSubject,
);

export const nftProtocol = protocolOf('NETLINK_NETFILTER', NETLINK_NETFILTER, [
  batch,
  generation,
  table,
  chain,
  rule,
  set,
  element,
]);

/** Throws on a kernel without nf_tables. */
export const connectNft = (): Connection =>
  connect(nftProtocol, socketIn(undefined, nftProtocol.number));

export const { batchBegin, batchEnd } = requests.batchRequests(batch);
export const { getGeneration } = requests.generationRequests(generation);
export const { getTable, addTable, deleteTable } = requests.tableRequests(table);
export const { getChain, deleteChain } = requests.chainRequests(chain);
export const { listRules, deleteRule } = requests.ruleRequests(rule);
export const { getSet, listSets, deleteSet } = requests.setRequests(set);
export const { getElement, listElements, addElements, deleteElements } =
  requests.elementRequests(element);

/** `{ type nat hook postrouting priority 1000; policy accept; }` */
export const addNatChain = (
  { family, table, chain: name }: requests.InChain,
  priority: number,
): Request<Chain, ChainInput> => ({
  message: chain,
  type: NFT_MSG_NEWCHAIN,
  flags: NLM_F_CREATE,
  value: {
    family,
    attrs: {
      table,
      name,
      type: 'nat',
      hook: { hooknum: tables.POSTROUTING, priority },
      policy: 'accept',
    },
  },
});

/** Appends a rule to a chain. */
export const addRule = (
  { family, table, chain: name }: requests.InChain,
  expressions: readonly ExpressionInput[],
): Request<Rule, RuleInput> => ({
  message: rule,
  type: NFT_MSG_NEWRULE,
  flags: NLM_F_CREATE | NLM_F_APPEND,
  value: { family, attrs: { table, chain: name, expressions } },
});

/** `{ type ipv4_addr; }` */
export const addAddressSet = (
  { family, table, set: name }: requests.InSet,
  keyType: 'ipv4_addr' | 'ipv6_addr',
  keyLen: number,
): Request<NftSet, NftSetInput> => ({
  message: set,
  type: NFT_MSG_NEWSET,
  flags: NLM_F_CREATE,
  value: {
    family,
    // The kernel requires an id; within a transaction sets are also found by name.
    attrs: { table, name, flags: [], keyType, keyLen, desc: {}, id: 1 },
  },
});
