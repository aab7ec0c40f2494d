/**
 * `netlink-ts/nftables`: tables, chains, sets and rules in the terms of `nft`, changed in
 * transactions.
 *
 * @example
 * using nft = openNftables();
 * nft.apply(
 *   addTable({ family: 'inet', table: 'example' }),
 *   addSet({ family: 'inet', table: 'example', set: 'hosts', type: 'ipv4_addr' }),
 * );
 */
export * from './changes.ts';
export * from './messages/constants.ts';
export { hookName, priorityText, type HookName, type PriorityName } from './messages/hook.ts';
export { key, keyText, type KeyField } from './messages/key.ts';
export * from './rules/match.ts';
export type { MonitorOptions, RulesetEvent } from './ruleset-monitor.ts';
export { openNftables, verbs, type Nftables, type OpenOptions } from './open.ts';
export { ruleText, type PrintOptions } from './rules/print-rule.ts';
export { nftables } from './messages/nf-tables.ts';
export * from './queries.ts';
export * from './rules/statement.ts';
export { transact, type Batch, type TransactionOptions } from './transaction.ts';

export type { Chain, ChainInput } from './messages/chain.ts';
export type { Elements, ElementsInput, SetElement, SetElementInput } from './messages/element.ts';
export type {
  Dynset,
  DynsetInput,
  Expression,
  ExpressionInput,
  ExpressionOf,
  ExpressionOfInput,
} from './messages/expression.ts';
export type { Flowtable, FlowtableInput } from './messages/flowtable.ts';
export type { TableFamily } from './messages/nfgenmsg.ts';
export type { NftObject, NftObjectInput } from './messages/object.ts';
export type { Rule, RuleInput } from './messages/rule.ts';
export type { NftSet, NftSetInput } from './messages/set.ts';
export type { Table, TableInput } from './messages/table.ts';
export type { Userdata, UserdataInput } from './messages/userdata.ts';
export type * from '../netlink/named.ts';
