/**
 * `netlink-ts/diag`: the sockets of a network namespace, as ss(8) shows them: of TCP, UDP, raw IP
 * and MPTCP, of AF_UNIX, AF_NETLINK, AF_PACKET and AF_VSOCK.
 *
 * @example
 * using diag = openDiag();
 * const found = diag.sockets.list({ kind: 'tcp', states: ['established'], dport: 443 });
 * console.log(found.map(({ dst, info }) => [dst, info?.rtt]));
 */
export * from './constants.ts';
export type { Instruction, Operation } from './inet/bytecode.ts';
export type { Ports, SocketMatch } from './inet/conditions.ts';
export {
  inet6Request,
  inet6Socket,
  inetRequest,
  inetSocket,
  type InetDiag,
  type InetDiagInput,
  type InetRequest,
  type InetRequestInput,
} from './inet/message.ts';
export {
  mptcpInfo,
  tcpInfo,
  type MptcpInfo,
  type TcpInfo,
  type WindowScale,
} from './inet/tcp-info.ts';
export {
  netlinkRequest,
  netlinkSocket,
  type NetlinkDiag,
  type NetlinkDiagInput,
} from './netlink/message.ts';
export {
  openDiag,
  type Diag,
  type MonitorOptions,
  type OpenOptions,
  type SocketEvent,
} from './open.ts';
export {
  packetRequest,
  packetSocket,
  type PacketDiag,
  type PacketDiagInput,
} from './packet/message.ts';
export { sockDiag } from './sock-diag.ts';
export {
  destroySocket,
  getSocket,
  listSockets,
  type DatagramSocket,
  type InetKind,
  type MptcpSocket,
  type NetlinkSocket,
  type PacketSocket,
  type SocketFilter,
  type SocketKind,
  type SocketObject,
  type SocketObjects,
  type SocketSpec,
  type TcpSocket,
  type UnixSocket,
  type VsockSocket,
} from './socket/requests.ts';
export type { SocketVerbs } from './socket/verbs.ts';
export { unixRequest, unixSocket, type UnixDiag, type UnixDiagInput } from './unix/message.ts';
export { vsockRequest, vsockSocket, type VsockDiag, type VsockDiagInput } from './vsock/message.ts';
export type { SocketState } from './words.ts';
export type * from '../netlink/named.ts';
