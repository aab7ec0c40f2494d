/**
 * The engine: declares the messages of a netlink family and exchanges them with the kernel. It
 * knows no family itself.
 *
 * @example
 * using connection = connect(family, socketIn(undefined, family.number));
 * const answer = connection.get({ message: thing, type: THING_GET, value: {} });
 */
export * from './codec/wire.ts';
export {
  connect,
  type Answer,
  type CallOptions,
  type Connection,
  type ConnectionOptions,
  type DumpIterator,
  type DumpOptions,
  type ListOptions,
  type Request,
} from './connection.ts';
export { netlinkError } from '../errors.ts';
export { fakeSocket, type FakeSocket } from './fake.ts';
export {
  monitor,
  type Monitor,
  type MonitorOptions,
  type Notice,
  type Unreadable,
} from './monitor.ts';
export {
  createNamespace,
  currentNamespace,
  deleteNamespace,
  inNamespace,
  listNamespaces,
  NETNS_DIRECTORY,
  openNamespace,
  socketIn,
  type Namespace,
} from './namespace.ts';
export { deadlineIn, type Deadline } from '../sys/deadline.ts';
export { type Socket, type SocketOptions } from './socket.ts';
