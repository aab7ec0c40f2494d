/** Sockets in the terms of ss(8): the flat objects, and the requests for them. */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import { describe } from '../../netlink/codec/given.ts';
import type { Request } from '../../netlink/connection.ts';
import { CodecError } from '../../errors.ts';
import { SOCKET_PROTOCOLS } from '../../netlink/ip-protocols.ts';
import * as c from '../constants.ts';
import { programOf, type SocketMatch } from '../inet/conditions.ts';
import {
  inet6Request,
  inetRequest,
  type InetDiag,
  type InetRequestInput,
} from '../inet/message.ts';
import type { MptcpInfo, TcpInfo } from '../inet/tcp-info.ts';
import { netlinkRequest, type NetlinkDiag } from '../netlink/message.ts';
import { packetRequest, type PacketDiag } from '../packet/message.ts';
import { unixRequest, type UnixDiag } from '../unix/message.ts';
import { vsockRequest, type VsockDiag } from '../vsock/message.ts';
import { STATES, type SocketState } from '../words.ts';

interface InetEnds extends Omit<InetDiag, 'attrs' | 'if'> {
  /** Index of the interface that it is bound to; 0 if it is bound to none. */
  readonly ifindex: number;
}
interface InetAttrs extends Omit<InetDiag['attrs'], 'info'> {}
interface UnixAttrs extends Omit<UnixDiag['attrs'], never> {}
interface NetlinkAttrs extends Omit<NetlinkDiag['attrs'], 'groups'> {}
interface PacketAttrs extends Omit<PacketDiag['attrs'], never> {}

export interface TcpSocket extends InetEnds, InetAttrs {
  readonly kind: 'tcp';
  readonly info?: TcpInfo;
}
export interface MptcpSocket extends InetEnds, InetAttrs {
  readonly kind: 'mptcp';
  readonly info?: MptcpInfo;
}
/** A socket of UDP, or of raw IP; `sport` of a raw one is the protocol. */
export interface DatagramSocket<K extends string> extends InetEnds, InetAttrs {
  readonly kind: K;
}
export interface UnixSocket extends Omit<UnixDiag, 'attrs'>, UnixAttrs {
  readonly kind: 'unix';
}
export interface NetlinkSocket extends Omit<NetlinkDiag, 'attrs'>, NetlinkAttrs {
  readonly kind: 'netlink';
  /** The numbers of the groups that it has joined. */
  readonly groups?: readonly number[];
}
export interface PacketSocket extends Omit<PacketDiag, 'attrs'>, PacketAttrs {
  readonly kind: 'packet';
}
export interface VsockSocket extends Omit<VsockDiag, 'attrs'> {
  readonly kind: 'vsock';
}

/** The objects of each kind of socket. */
export interface SocketObjects {
  tcp: TcpSocket;
  udp: DatagramSocket<'udp'>;
  udplite: DatagramSocket<'udplite'>;
  raw: DatagramSocket<'raw'>;
  mptcp: MptcpSocket;
  unix: UnixSocket;
  netlink: NetlinkSocket;
  packet: PacketSocket;
  vsock: VsockSocket;
}
export type SocketKind = keyof SocketObjects;
/** A socket as the kernel describes it; `kind` determines its keys. */
export type SocketObject = SocketObjects[SocketKind];

/** Sockets of IPv4 and IPv6, with their protocols. */
const PROTOCOLS = { ...SOCKET_PROTOCOLS, mptcp: c.IPPROTO_MPTCP } as const;
export type InetKind = keyof typeof PROTOCOLS;

/** The module that lists each kind. */
export const MODULES: Readonly<Record<SocketKind, string>> = {
  tcp: 'tcp_diag',
  udp: 'udp_diag',
  udplite: 'udp_diag',
  raw: 'raw_diag',
  mptcp: 'mptcp_diag',
  unix: 'unix_diag',
  netlink: 'netlink_diag',
  packet: 'af_packet_diag',
  vsock: 'vsock_diag',
};
export const KINDS = Object.keys(MODULES) as readonly SocketKind[];

export const isInet = (kind: SocketKind): kind is InetKind => Object.hasOwn(PROTOCOLS, kind);

/**
 * Filters a list in the kernel. The conditions of `SocketMatch` apply to IP sockets: with any of
 * them, no others are listed.
 */
export interface SocketFilter<K extends SocketKind = SocketKind> extends SocketMatch {
  /** One kind or several; default all that this kernel can list. */
  readonly kind?: K | readonly K[] | undefined;
  /** Sockets of IP of one family. Those of `inet6` may have IPv4 addresses: `::ffff:192.0.2.1`. */
  readonly family?: 'inet' | 'inet6' | undefined;
  /** Only sockets in these states; for tcp, mptcp, udp, raw, unix and vsock. Default all. */
  readonly states?: readonly SocketState[] | undefined;
  /** What to report about IP sockets besides addresses, state and queues. Default all. */
  readonly show?: InetRequestInput['ext'];
}

const ALL_STATES = Object.keys(STATES) as SocketState[];
const ALL_EXTENSIONS = [
  'meminfo',
  'info',
  'vegasinfo',
  'cong',
  'tos',
  'tclass',
  'skmeminfo',
  'shutdown',
] as const;
/** `INET_DIAG_NOCOOKIE` twice: any socket with these addresses. */
const NO_COOKIE = 2n ** 64n - 1n;

function inetMessage(
  kind: InetKind,
  family: 'inet' | 'inet6',
  type: number,
  value: InetRequestInput,
): Request<any, InetRequestInput> {
  const message = family === 'inet' ? inetRequest : inet6Request;
  const protocol = PROTOCOLS[kind];
  // The header has room only for the low byte.
  const attrs = protocol > 255 ? { ...value.attrs, protocol } : value.attrs;
  return { message, type, value: { ...value, family, protocol: protocol & 255, attrs } };
}

const LISTS: Readonly<Record<Exclude<SocketKind, InetKind>, (states: any) => Request>> = {
  unix: (states) => ({
    message: unixRequest,
    type: c.SOCK_DIAG_BY_FAMILY,
    value: {
      family: 'unix',
      states,
      show: ['name', 'vfs', 'peer', 'icons', 'rqlen', 'meminfo', 'uid'],
    },
  }),
  netlink: () => ({
    message: netlinkRequest,
    type: c.SOCK_DIAG_BY_FAMILY,
    // NDIAG_PROTO_ALL
    value: { family: 'netlink', protocol: 255, show: ['meminfo', 'groups', 'ring-cfg', 'flags'] },
  }),
  packet: () => ({
    message: packetRequest,
    type: c.SOCK_DIAG_BY_FAMILY,
    value: {
      family: 'packet',
      show: ['info', 'mclist', 'ring-cfg', 'fanout', 'meminfo', 'filter'],
    },
  }),
  vsock: (states) => ({
    message: vsockRequest,
    type: c.SOCK_DIAG_BY_FAMILY,
    value: { family: 'vsock', states },
  }),
};

function checkKind(kind: unknown): asserts kind is SocketKind {
  if (typeof kind === 'string' && Object.hasOwn(MODULES, kind)) return;
  throw new CodecError(`kind ${describe(kind)} is not one of ${KINDS.join(', ')}`);
}

const isMatch = ({ kind, family, states, show, ...match }: SocketFilter): boolean =>
  Object.values(match).some((value) => value !== undefined);

/** The kinds that a filter can match. */
export function kindsOf(filter: SocketFilter): readonly SocketKind[] {
  const { kind } = filter;
  const onlyInet = filter.family !== undefined || isMatch(filter);
  if (kind === undefined) return onlyInet ? KINDS.filter(isInet) : KINDS;
  const kinds = typeof kind === 'string' ? [kind] : [...kind];
  for (const each of kinds) {
    checkKind(each);
    if (onlyInet && !isInet(each)) {
      throw new CodecError(`sockets of ${each} cannot be filtered by addresses or ports`);
    }
  }
  return kinds;
}

/**
 * Lists sockets of one kind: one request for each of its families.
 *
 * @throws CodecError for an unknown kind, or a condition that it does not have
 */
export const listSockets = checkedFunction(
  'listSockets',
  'kind: string, filter?: object',
  (kind: SocketKind, filter: Omit<SocketFilter, 'kind'> = {}): Request[] => {
    kindsOf({ ...filter, kind });
    const { family, states = ALL_STATES, show = ALL_EXTENSIONS, ...match } = filter;
    if (!isInet(kind)) return [LISTS[kind](states)];
    if (family !== undefined && family !== 'inet' && family !== 'inet6') {
      throw new CodecError(`family ${describe(family)} is not one of inet, inet6`);
    }
    const value = { states, ext: show, attrs: { bytecode: programOf(match) } };
    const families = family === undefined ? (['inet', 'inet6'] as const) : [family];
    return families.map((each) => inetMessage(kind, each, c.SOCK_DIAG_BY_FAMILY, value));
  },
);

/** A socket of IP by its addresses; ports and addresses that are left out are zero. */
export interface SocketSpec {
  readonly kind: InetKind;
  readonly family?: 'inet' | 'inet6' | (number & {}) | string | undefined;
  readonly src?: string | undefined;
  readonly sport?: number | undefined;
  readonly dst?: string | undefined;
  readonly dport?: number | undefined;
  readonly ifindex?: number | undefined;
  /** The kernel's cookie for the socket, so that no other one with these addresses matches. */
  readonly cookie?: bigint | undefined;
}

function exactly(type: number, spec: SocketSpec): Request<any, InetRequestInput> {
  const { kind, family, src, sport, dst, dport, ifindex, cookie = NO_COOKIE } = spec;
  checkKind(kind);
  if (!isInet(kind)) throw new CodecError(`sockets of ${String(kind)} have no addresses and ports`);
  const told = family ?? (`${src ?? ''}${dst ?? ''}`.includes(':') ? 'inet6' : 'inet');
  if (told !== 'inet' && told !== 'inet6') {
    throw new CodecError(`family ${describe(told)} is not one of inet, inet6`);
  }
  return inetMessage(kind, told, type, {
    states: ALL_STATES,
    ext: ALL_EXTENSIONS,
    src,
    sport,
    dst,
    dport,
    if: ifindex,
    cookie,
  });
}

/**
 * Gets an IP socket by its addresses. ENOENT if it does not exist. A connection has all of them, a
 * listener only its own; an IPv6 listener that accepts IPv4 is found too.
 *
 * @throws CodecError for another kind, or an address of another family; NetlinkError ENOENT if it
 *   does not exist, when it is sent
 */
export const getSocket = checkedFunction(
  'getSocket',
  'spec: object',
  (spec: SocketSpec): Request<InetDiag, InetRequestInput> => exactly(c.SOCK_DIAG_BY_FAMILY, spec),
);

/**
 * Destroys an IP socket: its owner gets ECONNABORTED. ENOENT if it does not exist, EOPNOTSUPP if
 * the kernel is built without INET_DIAG_DESTROY.
 *
 * @throws CodecError for another kind, or an address of another family; NetlinkError ENOENT if it
 *   does not exist, EOPNOTSUPP if the kernel is built without INET_DIAG_DESTROY, when it is sent
 */
export const destroySocket = checkedFunction(
  'destroySocket',
  'spec: object',
  (spec: SocketSpec): Request<InetDiag, InetRequestInput> => exactly(c.SOCK_DESTROY, spec),
);

const KIND_OF = new Map<number, InetKind>(
  Object.entries(PROTOCOLS).map(([kind, number]) => [number, kind as InetKind]),
);

/** The kind of a socket by the protocol that the kernel reports; anything else is raw. */
export const inetKind = ({ attrs }: InetDiag): InetKind =>
  KIND_OF.get(attrs.protocol ?? c.IPPROTO_TCP) ?? 'raw';

/** The numbers of the bits that are set, from 1. */
const numbersOf = (words: readonly number[]): number[] =>
  words.flatMap((word, i) =>
    Array.from({ length: 32 }, (_, bit) => bit)
      .filter((bit) => (word & (1 << bit)) !== 0)
      .map((bit) => 32 * i + bit + 1),
  );

/** Keys of the messages that the objects have in another form. */
interface Flat {
  readonly attrs: { readonly groups?: readonly number[] };
  readonly if?: number;
}

/** A socket of this kind as one flat object. */
export function socketObject<K extends SocketKind>(kind: K, value: object): SocketObjects[K] {
  const { attrs, if: ifindex, ...head } = value as Flat;
  const object = { kind, ...head, ...(ifindex !== undefined && { ifindex }), ...attrs };
  const { groups } = attrs;
  return { ...object, ...(groups !== undefined && { groups: numbersOf(groups) }) } as any;
}
