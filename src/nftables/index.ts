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
export * from './messages/constants.ts';
export {
  openNftables,
  verbs,
  type MonitorOptions,
  type Nftables,
  type OpenOptions,
} from './open.ts';
export type { Batch, TransactionOptions } from './transaction.ts';
export type { Verbs } from './verbs.ts';
export type { ResetVerbs } from './reset.ts';
export type { ElementsEvent, RulesetEvent } from './ruleset-monitor.ts';
export type { TraceEvent, TraceObject, TraceVerbs } from './trace/monitor-traces.ts';
export { nftables } from './nf-tables.ts';

// Objects, verbs and requests.
export type { Described, DescribedInput } from './flat.ts';
export type { Exclusive, Named, Within } from './target.ts';
export { addTable, deleteTable, destroyTable, getTable, listTables } from './table/verbs.ts';
export type { TableFilter, TableName, TableObject, TableSpec, TableVerbs } from './table/verbs.ts';
export {
  addChain,
  deleteChain,
  destroyChain,
  flushChain,
  getChain,
  listChains,
} from './chain/verbs.ts';
export type { ChainObject, ChainSpec, ChainVerbs } from './chain/verbs.ts';
export { addRule, deleteRule, destroyRule, listRules, resetRules } from './rule/verbs.ts';
export type {
  InChain,
  RuleFilter,
  RuleHandle,
  RuleObject,
  RuleSpec,
  RuleVerbs,
} from './rule/verbs.ts';
export { addSet, deleteSet, destroySet, flushSet, getSet, listSets } from './set/verbs.ts';
export type { SetObject, SetSpec, SetVerbs } from './set/verbs.ts';
export {
  addElements,
  deleteElements,
  destroyElements,
  getElement,
  listElements,
  resetElements,
} from './element/verbs.ts';
export type {
  ElementKey,
  ElementObject,
  ElementSpec,
  ElementsSpec,
  ElementVerbs,
  Key,
} from './element/verbs.ts';
export {
  addObject,
  deleteObject,
  destroyObject,
  getObject,
  listObjects,
  resetObjects,
} from './object/verbs.ts';
export type {
  ObjectFilter,
  ObjectVerbs,
  StatefulObject,
  StatefulObjectName,
  StatefulObjectSpec,
} from './object/verbs.ts';
export {
  addFlowtable,
  deleteFlowtable,
  destroyFlowtable,
  getFlowtable,
  listFlowtables,
} from './flowtable/verbs.ts';
export type { FlowtableObject, FlowtableSpec, FlowtableVerbs } from './flowtable/verbs.ts';
export { getGeneration } from './generation.ts';

// Rules in nft's words.
export { hookName, priorityText, type HookName, type PriorityName } from './messages/hook.ts';
export { key, keyText, type KeyField } from './messages/key.ts';
export * from './rules/match.ts';
export * from './rules/statement.ts';
export { ruleText, type PrintableRule, type PrintOptions } from './rules/print-rule.ts';

// Messages.
export type { Generation, GenerationInput } from './messages/batch.ts';
export type { Chain, ChainInput } from './chain/message.ts';
export type { Data, DataInput } from './messages/data.ts';
export type { DataTypeName, TypeName } from './messages/data-type.ts';
export type { Elements, ElementsInput, SetElement, SetElementInput } from './element/message.ts';
export type {
  Dynset,
  DynsetInput,
  Expression,
  ExpressionInput,
  ExpressionOf,
  ExpressionOfInput,
  InnerExpression,
  InnerExpressionInput,
} from './messages/expression.ts';
export type { Flowtable, FlowtableInput } from './flowtable/message.ts';
export type { TableFamily } from './messages/nfgenmsg.ts';
export type { NftObject, NftObjectInput } from './object/message.ts';
export type { Rule, RuleInput } from './rule/message.ts';
export type { NftSet, NftSetInput } from './set/message.ts';
export type { Table, TableInput } from './table/message.ts';
export type { Trace, TraceInput } from './trace/message.ts';
export type { Userdata, UserdataInput } from './messages/userdata.ts';
export type * from '../netlink/named.ts';
