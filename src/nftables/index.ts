/**
 * `netlink-ts/nftables`: tables, chains, sets and rules in the words of `nft`, changed in transactions.
 *
 * @example
 * using nft = openNftables();
 * nft.apply(
 *   addTable({ family: 'inet', table: 'example' }),
 *   addSet({ family: 'inet', table: 'example', set: 'hosts', type: 'ipv4_addr' }),
 * );
 */
export * from './changes.ts';
export * from './constants.ts';
export { hookName, priorityText, type HookName, type PriorityName } from './hook.ts';
export { key, keyText, type KeyField } from './key.ts';
export * from './match.ts';
export type { RulesetEvent } from './monitor.ts';
export { openNftables, verbs, watchNftables, type Nftables, type OpenOptions } from './open.ts';
export { ruleText, type PrintOptions } from './print-rule.ts';
export { nftables } from './protocol.ts';
export * from './queries.ts';
export * from './statement.ts';
export { transact, type Batch, type TransactionOptions } from './transaction.ts';

export type { Chain, ChainInput } from './chain.ts';
export type { Elements, ElementsInput, SetElement, SetElementInput } from './element.ts';
export type { Expression, ExpressionInput } from './expression.ts';
export type { Flowtable, FlowtableInput } from './flowtable.ts';
export type { TableFamily } from './nfgenmsg.ts';
export type { NftObject, NftObjectInput } from './object.ts';
export type { Rule, RuleInput } from './rule.ts';
export type { NftSet, NftSetInput } from './set.ts';
export type { Table, TableInput } from './table.ts';
export type { Userdata, UserdataInput } from './userdata.ts';
export type * from '../netlink/named.ts';
