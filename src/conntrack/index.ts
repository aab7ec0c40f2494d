/**
 * `netlink-ts/conntrack`: the connections that the kernel tracks, as conntrack(8) shows them, and
 * those that it expects.
 *
 * @example
 * using conntrack = openConntrack();
 * const found = conntrack.connections.list({ orig: { protonum: 'udp' } });
 * console.log(found.map(({ orig, reply, timeout }) => [orig.src, reply.src, timeout]));
 */
export {
  connection,
  type ConntrackConnection,
  type ConntrackConnectionInput,
} from './connection/message.ts';
export {
  addConnection,
  deleteConnection,
  flushConnections,
  getConnection,
  listConnections,
  setConnection,
  type ConnectionFilter,
  type ConnectionName,
  type ConnectionObject,
  type ConnectionRequest,
  type ConnectionSpec,
} from './connection/requests.ts';
export type { TupleObject, TupleSpec } from './connection/tuple.ts';
export type { ConnectionVerbs } from './connection/verbs.ts';
export * from './constants.ts';
export { ctnetlink } from './ctnetlink.ts';
export { expectation, type Expectation, type ExpectationInput } from './expectation/message.ts';
export {
  addExpectation,
  deleteExpectation,
  flushExpectations,
  listExpectations,
  type ExpectationObject,
  type ExpectationSpec,
  type ExpectationVerbs,
} from './expectation/verbs.ts';
export {
  openConntrack,
  type Conntrack,
  type ConntrackEvent,
  type CpuStats,
  type MonitorOptions,
  type OpenOptions,
  type StatsObject,
} from './open.ts';
export {
  stats,
  statsCpu,
  type ConntrackStats,
  type ConntrackStatsCpu,
  type ConntrackStatsCpuInput,
  type ConntrackStatsInput,
} from './stats/message.ts';
export type * from '../netlink/named.ts';
