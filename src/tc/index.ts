/**
 * `netlink-ts/tc`: traffic control, as tc(8) shows and sets it. Rates are in bit/s, sizes in bytes,
 * times in microseconds unless otherwise noted.
 *
 * @example
 * using tc = openTc();
 * for (const { kind, handle, stats } of tc.qdiscs.list()) console.log(kind, handle, stats.bytes);
 */
export {
  addAction,
  deleteAction,
  flushActions,
  getAction,
  listActions,
  replaceAction,
  type ActionFilter,
  type ActionName,
  type ActionObject,
  type ActionSpec,
  type ActionVerbs,
} from './action/verbs.ts';
export { actionKinds, type ActionKinds } from './action/kinds.ts';
export { action, type Action, type ActionInput } from './action/message.ts';
export type { Control } from './action/control.ts';
export { chain, type Chain, type ChainInput } from './chain/message.ts';
export {
  addChain,
  deleteChain,
  getChain,
  listChains,
  type ChainName,
  type ChainObject,
  type ChainSpec,
  type ChainVerbs,
} from './chain/verbs.ts';
export { tclass, type Tclass, type TclassInput } from './class/message.ts';
export {
  addClass,
  changeClass,
  deleteClass,
  getClass,
  listClasses,
  replaceClass,
  type ClassFilter,
  type ClassName,
  type ClassObject,
  type ClassSpec,
  type ClassVerbs,
} from './class/verbs.ts';
export * from './constants.ts';
export type { Counters } from './counters.ts';
export { filterKinds, type FilterKinds } from './filter/kinds.ts';
export { filter, type Filter, type FilterInput } from './filter/message.ts';
export type { OnPlace, Place } from './filter/place.ts';
export {
  addFilter,
  changeFilter,
  deleteFilter,
  getFilter,
  listFilters,
  replaceFilter,
  type FilterFilter,
  type FilterName,
  type FilterObject,
  type FilterSpec,
  type FilterVerbs,
} from './filter/verbs.ts';
export { openTc, type MonitorOptions, type OpenOptions, type Tc, type TcEvent } from './open.ts';
export {
  classKinds,
  classXstats,
  qdiscKinds,
  qdiscXstats,
  type ClassKinds,
  type ClassXstatsKinds,
  type QdiscKinds,
  type QdiscXstatsKinds,
} from './qdisc/kinds.ts';
export { qdisc, type Qdisc, type QdiscInput } from './qdisc/message.ts';
export {
  addQdisc,
  changeQdisc,
  deleteQdisc,
  getQdisc,
  listQdiscs,
  replaceQdisc,
  type QdiscFilter,
  type QdiscName,
  type QdiscObject,
  type QdiscSpec,
  type QdiscVerbs,
} from './qdisc/verbs.ts';
export {
  htbOptions,
  policeOptions,
  tbfOptions,
  type Bucket,
  type HtbShape,
  type PoliceShape,
  type TbfShape,
} from './shape.ts';
export { trafficControl } from './traffic-control.ts';
export type * from '../netlink/named.ts';
