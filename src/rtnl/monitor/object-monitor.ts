/**
 * Notifications about links, addresses, routes and the rest as one stream of events: `ip monitor`,
 * `bridge monitor`. Lost messages are reported, and on request the difference is made up.
 * ip-monitor(8).
 */
import type { Connection } from '../../netlink/connection.ts';
import { CodecError } from '../../errors.ts';
import { monitor, type Monitor, type Notice, type Unreadable } from '../../netlink/monitor.ts';
import { MONITOR_BUFFER, type OpenSocket } from '../../netlink/handle.ts';
import { knowledge, type Action, type Knowledge } from './known.ts';
import type { NeighObject } from '../neigh/verbs.ts';
import { EOPNOTSUPP } from '../../sys/errno.ts';
import { unlessRefused } from '../dev.ts';
import { MONITORED, type MonitoredType, type MonitoredObjects } from './events.ts';
import { rtnetlink } from '../rtnetlink.ts';

/** The types of objects to report. */
export type MonitorSelection = { readonly [K in keyof MonitoredObjects]?: boolean | undefined };

/** An object was added or changed (`new`), or deleted (`del`). */
export type ObjectEvent = {
  [K in keyof MonitoredObjects]: {
    readonly type: K;
    readonly action: Action;
    readonly value: MonitoredObjects[K];
    /** With `allNamespaces`, the id of its namespace; undefined for the monitor's own. */
    readonly nsid?: number | undefined;
  };
}[keyof MonitoredObjects];

/**
 * With `neighs`: the kernel, or a VXLAN device (`l2miss`, `l3miss`), asks for an unknown neighbour;
 * `miss` of `ip monitor`.
 */
export interface MissEvent {
  readonly type: 'miss';
  /** Without `dst`, the entry of a forwarding database for this `lladdr` is asked for. */
  readonly value: NeighObject;
  readonly nsid?: number | undefined;
}

/**
 * A message of a monitored group that cannot be decoded: its `bytes` and the error. The monitor
 * continues.
 */
export interface UnreadableEvent extends Unreadable {
  readonly type: 'unreadable';
}

/**
 * `lost`: the kernel dropped messages. With `resync` the difference follows, as events of objects,
 * and then `synced`; without, the reader must list again. `synced` also follows the events of
 * `initial`.
 */
export type MonitorEvent =
  | ObjectEvent
  | MissEvent
  | UnreadableEvent
  | { readonly type: 'lost' }
  | { readonly type: 'synced' };

export interface MonitorOptions {
  /** Aborting it ends the loop at once, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Report the existing objects first. */
  readonly initial?: boolean | undefined;
  /**
   * After a loss, list everything again and report the difference. Costs memory for everything
   * known. Only objects of the monitor's own namespace are listed; prefixes and options of
   * routers cannot be.
   */
  readonly resync?: boolean | undefined;
  /**
   * Notifications from all namespaces that have an id in this one; see `nsids`. Needs
   * CAP_NET_BROADCAST.
   */
  readonly allNamespaces?: boolean | undefined;
  /**
   * Bytes of notifications that the kernel buffers for a slow reader; default 1 MiB, as far as the
   * system allows.
   */
  readonly receiveBuffer?: number | undefined;
}

/** Monitors objects. `open` opens the socket; `connection`, in the same namespace, lists. */
export function monitorObjects(
  connection: Connection,
  open: OpenSocket,
  what: MonitorSelection,
  options: MonitorOptions = {},
): Monitor<MonitorEvent> {
  const { signal, initial = false, resync = false, allNamespaces } = options;
  const { receiveBuffer = MONITOR_BUFFER } = options;
  const unknown = Object.keys(what).find((kind) => !Object.hasOwn(MONITORED, kind));
  if (unknown !== undefined) {
    throw new CodecError(
      `"${unknown}" cannot be monitored, only ${Object.keys(MONITORED).join(', ')}`,
    );
  }
  const kinds = (Object.keys(MONITORED) as (keyof MonitoredObjects)[]).filter(
    (kind) => what[kind] === true,
  );
  const listable = kinds.filter((kind) => MONITORED[kind].dump !== undefined);
  const known = new Map<keyof MonitoredObjects, Knowledge<any>>(
    resync ? listable.map((kind) => [kind, knowledge(MONITORED[kind] as MonitoredType)]) : [],
  );

  function* notice(notification: Notice): Iterable<MonitorEvent> {
    const { type, message, value, flags, nsid } = notification;
    for (const kind of kinds) {
      const monitored: MonitoredType = MONITORED[kind];
      if (!monitored.messages.includes(message) || monitored.concerns?.(value) === false) continue;
      for (const object of monitored.objects(value)) {
        if (type % TYPES === MISS) {
          yield { type: 'miss', value: object, ...within(nsid) };
          continue;
        }
        const action = type % TYPES === DELETION ? 'del' : 'new';
        if (nsid === undefined) known.get(kind)?.learn(action, object, flags);
        yield event(kind, action, object, nsid);
      }
    }
  }

  /** The difference to what is known. Deletions are in the opposite order of additions. */
  function* difference(): Iterable<MonitorEvent> {
    const changes = listable.map((kind) => {
      const values = listed(connection, MONITORED[kind] as MonitoredType);
      return { kind, ...(known.get(kind)?.compare(values) ?? { gone: [], come: values }) };
    });
    for (const { kind, gone } of changes.toReversed()) {
      for (const value of gone) yield event(kind, 'del', value);
    }
    for (const { kind, come } of changes) {
      for (const value of come) yield event(kind, 'new', value);
    }
  }

  return monitor<MonitorEvent>(rtnetlink, open({ allNamespaces, receiveBuffer }), {
    groups: kinds.flatMap((kind) => MONITORED[kind].groups),
    signal,
    *begin() {
      if (!initial && !resync) return;
      const events = difference();
      if (initial) {
        yield* events;
        yield { type: 'synced' };
      } else {
        for (const _ of events);
      }
    },
    notice,
    *unreadable(message) {
      yield { type: 'unreadable', ...message };
    },
    *lost() {
      yield { type: 'lost' };
      if (!resync) return;
      yield* difference();
      yield { type: 'synced' };
    },
  });
}

/*
 * Each type of object has four message types, include/uapi/linux/rtnetlink.h: RTM_NEW…, RTM_DEL…,
 * RTM_GET…, RTM_SET….
 */
const TYPES = 4;
const DELETION = 1;
/** A query from the kernel to user space: `RTM_GETNEIGH`. */
const MISS = 2;

const within = (nsid: number | undefined) => (nsid === undefined ? {} : { nsid });

const event = (
  type: keyof MonitoredObjects,
  action: Action,
  value: unknown,
  nsid?: number,
): MonitorEvent => ({ type, action, value, ...within(nsid) }) as MonitorEvent;

function listed<V>(connection: Connection, monitored: MonitoredType<V>): V[] {
  // A kernel that lacks the type, or has not loaded its module, has no objects of it.
  const answers = unlessRefused(() => connection.list(monitored.dump!()), EOPNOTSUPP) ?? [];
  return answers.filter((each) => monitored.concerns?.(each) !== false).flatMap(monitored.objects);
}
