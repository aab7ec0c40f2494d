/** Connections in the terms of conntrack(8): the flat objects, and the requests for them. */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.ts';
import { CodecError } from '../../errors.ts';
import {
  familyOf,
  parseAddress,
  parsePrefixOrAddress,
  prefixContains,
  type Family,
} from '../../ip.ts';
import * as c from '../constants.ts';
import { connection, type ConntrackConnection, type ConntrackConnectionInput } from './message.ts';
import {
  protonum,
  tupleFamily,
  tupleMessage,
  tupleObject,
  type TupleObject,
  type TupleSpec,
} from './tuple.ts';

type Attrs = ConntrackConnection['attrs'];
type AttrsInput = NonNullable<ConntrackConnectionInput['attrs']>;
type Tuples = 'tupleOrig' | 'tupleReply' | 'tupleMaster';

/** A connection as the kernel describes it. */
export interface ConnectionObject extends Omit<Attrs, Tuples> {
  readonly family: ConntrackConnection['family'];
  /** Addresses and ports of the original direction. */
  readonly orig: TupleObject;
  /** The reply direction: reversed, and translated. */
  readonly reply: TupleObject;
  /** The connection that expected this one. */
  readonly master?: TupleObject;
}

/**
 * A connection to add or change. `reply` defaults to `orig` reversed, `timeout` of a new one to 60
 * s.
 */
export interface ConnectionSpec extends Omit<AttrsInput, Tuples> {
  readonly orig: TupleSpec;
  readonly reply?: TupleSpec | undefined;
  readonly master?: TupleSpec | undefined;
}

/**
 * Identifies a connection by its addresses in one direction; with an `id`, only that one matches.
 */
export type ConnectionName = (
  | { readonly orig: TupleSpec; readonly reply?: TupleSpec | undefined }
  | { readonly orig?: undefined; readonly reply: TupleSpec }
) & { readonly id?: number | undefined; readonly zone?: number | undefined };

/** In a filter an address may be a prefix: `192.0.2.0/24`. */
export interface ConnectionFilter {
  readonly family?: 'inet' | 'inet6' | undefined;
  /** Keys that must be equal in the original direction. */
  readonly orig?: TupleSpec | undefined;
  /** Keys that must be equal in the reply direction. */
  readonly reply?: TupleSpec | undefined;
  readonly mark?: number | { readonly value: number; readonly mask: number } | undefined;
  readonly zone?: number | undefined;
  /** All of these bits. */
  readonly status?: Attrs['status'];
}

export type ConnectionRequest = Request<ConntrackConnection, ConntrackConnectionInput>;

export function connectionObject({ family, attrs }: ConntrackConnection): ConnectionObject {
  const { tupleOrig = {}, tupleReply = {}, tupleMaster, ...rest } = attrs;
  return {
    family,
    orig: tupleObject(tupleOrig),
    reply: tupleObject(tupleReply),
    ...rest,
    ...(tupleMaster !== undefined && { master: tupleObject(tupleMaster) }),
  };
}

const turned = ({ src, dst, sport, dport, ...rest }: TupleSpec): TupleSpec => ({
  ...rest,
  src: dst,
  dst: src,
  sport: dport,
  dport: sport,
});

/** What the kernel reports about a connection, but refuses in a request. */
const TOLD = ['use', 'countersOrig', 'countersReply', 'timestamp', 'secctx', 'family'];

function change(flags: number, spec: ConnectionSpec, defaults: object = {}): ConnectionRequest {
  const { orig, reply, master, ...rest } = spec;
  const settable = Object.entries(rest).filter(([key]) => !TOLD.includes(key));
  const { status } = rest;
  return {
    message: connection,
    type: c.IPCTNL_MSG_CT_NEW,
    flags,
    value: {
      family: tupleFamily(orig),
      attrs: {
        ...defaults,
        ...Object.fromEntries(settable),
        // The kernel refuses to create one that is not.
        status: status && [...new Set([...status, 'confirmed' as const])],
        tupleOrig: tupleMessage(orig),
        tupleReply: reply && tupleMessage(reply),
        tupleMaster: master && tupleMessage(master),
      },
    },
  };
}

/**
 * Creates a connection. EEXIST if there is one with these addresses.
 *
 * @throws CodecError for a `spec` without `orig`; NetlinkError EEXIST if there is one with these
 *   addresses, when it is sent
 */
export const addConnection = checkedFunction(
  'addConnection',
  'spec: object',
  (spec: ConnectionSpec): ConnectionRequest => {
    const { reply = turned(spec.orig) } = spec;
    return change(NLM_F_CREATE | NLM_F_EXCL, { ...spec, reply }, { timeout: 60 });
  },
);

/**
 * Changes a connection: `timeout`, `mark`, `status`, `labels`, `protoinfo`. ENOENT if it does not
 * exist.
 *
 * @throws CodecError for a `spec` without `orig`; NetlinkError ENOENT if it does not exist, when it
 *   is sent
 */
export const setConnection = checkedFunction(
  'setConnection',
  'spec: object',
  (spec: ConnectionSpec): ConnectionRequest => change(0, spec),
);

function named(type: number, { orig, reply, id, zone }: ConnectionName): ConnectionRequest {
  const tuple = orig ?? reply;
  if (tuple === undefined) throw new CodecError('a connection is identified by orig or reply');
  return {
    message: connection,
    type,
    value: {
      family: tupleFamily(tuple),
      attrs: {
        ...(orig === undefined
          ? { tupleReply: tupleMessage(tuple) }
          : { tupleOrig: tupleMessage(tuple) }),
        id,
        zone,
      },
    },
  };
}

/**
 * Gets a connection by its addresses in one direction. ENOENT if it does not exist.
 *
 * @throws CodecError for a name without `orig` and `reply`; NetlinkError ENOENT if it does not
 *   exist, when it is sent
 */
export const getConnection = checkedFunction(
  'getConnection',
  'name: object',
  (name: ConnectionName): ConnectionRequest => {
    const { id, ...rest } = name;
    // The kernel compares the id only in deletions.
    return named(c.IPCTNL_MSG_CT_GET, rest as ConnectionName);
  },
);

/**
 * Deletes a connection by its addresses in one direction. ENOENT if it does not exist.
 *
 * @throws CodecError for a name without `orig` and `reply`; NetlinkError ENOENT if it does not
 *   exist, when it is sent
 */
export const deleteConnection = checkedFunction(
  'deleteConnection',
  'name: object',
  (name: ConnectionName): ConnectionRequest => named(c.IPCTNL_MSG_CT_DELETE, name),
);

/**
 * Deletes all connections of the namespace, or those of one family.
 *
 * @throws CodecError for a `family` that is not text
 */
export const flushConnections = checkedFunction(
  'flushConnections',
  'family?: string',
  (family?: 'inet' | 'inet6'): ConnectionRequest => ({
    message: connection,
    type: c.IPCTNL_MSG_CT_DELETE,
    // The family applies only if the version is not 0.
    value: family === undefined ? {} : { family, version: 1 },
  }),
);

const KEYS = ['src', 'dst', 'protonum', 'sport', 'dport', 'type', 'code', 'id', 'zone'] as const;

/**
 * The attributes of the tuple that the kernel filters by: those that are exact. It compares IPv6
 * addresses the wrong way round: equal ones do not match.
 */
function tupleFilter(tuple: TupleSpec | undefined): [TupleSpec, Words] | undefined {
  if (tuple === undefined) return undefined;
  const exact: Record<string, unknown> = {};
  const flags: string[] = [];
  for (const key of ['src', 'dst', 'protonum'] as const) {
    const value = tuple[key];
    if (value === undefined || /[/:]/.test(String(value))) continue;
    exact[key] = value;
    flags.push(key);
  }
  return flags.length === 0 ? undefined : [exact, flags as unknown as Words];
}
type Words = NonNullable<NonNullable<AttrsInput['filter']>['origFlags']>;

/**
 * Lists connections. The kernel filters by family, mark, zone, status and, from Linux 5.8 on, by
 * exact addresses and protocols; `connections.list` applies the rest.
 *
 * @throws CodecError for a filter of the wrong type
 */
export const listConnections = checkedFunction(
  'listConnections',
  'filter?: object',
  (filter: ConnectionFilter = {}): ConnectionRequest => {
    const { mark, zone, status } = filter;
    const family = filter.family ?? familyIn(filter);
    const [orig, origFlags] = tupleFilter(filter.orig) ?? [];
    const [reply, replyFlags] = tupleFilter(filter.reply) ?? [];
    const marked = typeof mark === 'number' ? { value: mark, mask: 0xffff_ffff } : mark;
    // The kernel reads addresses only if the family is given.
    const isExact = family !== undefined && (orig ?? reply) !== undefined;
    return {
      message: connection,
      type: c.IPCTNL_MSG_CT_GET,
      value: {
        family,
        attrs: {
          mark: marked?.value,
          markMask: marked?.mask,
          zone,
          status,
          statusMask: status,
          ...(isExact && {
            tupleOrig: orig && tupleMessage(orig),
            tupleReply: reply && tupleMessage(reply),
            filter: { origFlags: origFlags ?? [], replyFlags: replyFlags ?? [] },
          }),
        },
      },
    };
  },
);

/** The family of the addresses in a filter. */
function familyIn({ orig, reply }: ConnectionFilter): Family | undefined {
  const address = orig?.src ?? orig?.dst ?? reply?.src ?? reply?.dst;
  return address === undefined ? undefined : familyOf(address);
}

/** Whether a value of a tuple matches; an address may lie in a prefix. */
function isLike(wanted: unknown, value: unknown): boolean {
  if (wanted === undefined || wanted === value) return true;
  if (typeof wanted !== 'string') return false;
  const prefix = parsePrefixOrAddress(wanted);
  const address = typeof value === 'string' ? parseAddress(value) : undefined;
  return prefix !== undefined && address !== undefined && prefixContains(prefix, address);
}

function checkTuple(tuple: TupleSpec | undefined): void {
  if (tuple === undefined) return;
  for (const key of Object.keys(tuple)) {
    if (!(KEYS as readonly string[]).includes(key)) throw new CodecError(`a tuple has no "${key}"`);
  }
  if (tuple.protonum !== undefined) protonum.number!(tuple.protonum);
  for (const address of [tuple.src, tuple.dst]) {
    if (address === undefined) continue;
    const known = typeof address === 'string' && parsePrefixOrAddress(address) !== undefined;
    if (!known) throw new CodecError(`"${String(address)}" is neither an IP address nor a prefix`);
  }
}

const FILTER_KEYS = ['family', 'orig', 'reply', 'mark', 'zone', 'status'];

/** A predicate for the conditions that the kernel does not check. */
export function matcher(filter: ConnectionFilter): (object: ConnectionObject) => boolean {
  const { orig, reply, status = [] } = filter;
  // A misspelt key must not widen what is deleted.
  const unknown = Object.keys(filter).find((key) => !FILTER_KEYS.includes(key));
  if (unknown !== undefined) throw new CodecError(`a filter has no "${unknown}"`);
  checkTuple(orig);
  checkTuple(reply);
  const fits = (wanted: TupleSpec | undefined, tuple: TupleObject): boolean =>
    wanted === undefined || KEYS.every((key) => isLike(wanted[key], tuple[key]));
  return (object) =>
    fits(orig, object.orig) &&
    fits(reply, object.reply) &&
    status.every((each) => object.status?.includes(each) === true) &&
    (filter.zone === undefined || (object.zone ?? 0) === filter.zone);
}
