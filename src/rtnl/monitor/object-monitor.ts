/**
 * News of links, addresses, routes and the rest as one stream of events: `ip monitor`, `bridge monitor`. Lost messages are told, and
 * made up for when asked. ip-monitor(8).
 */
import type { Connection } from '../../netlink/connection.ts';
import { CodecError } from '../../errors.ts';
import { monitor, type Monitor, type Notice, type Unreadable } from '../../netlink/monitor.ts';
import type { Socket, SocketOptions } from '../../netlink/socket.ts';
import { knowledge, type Action, type Knowledge } from './known.ts';
import type { NeighObject } from '../neigh/verbs.ts';
import { NEWS, type News, type Watchable } from './events.ts';
import { rtnetlink } from '../rtnetlink.ts';

/** Kinds of objects to be told of. */
export type Watch = { readonly [K in keyof Watchable]?: boolean | undefined };

/** An object came or changed (`new`), or went (`del`). */
export type ObjectEvent = {
  [K in keyof Watchable]: {
    readonly type: K;
    readonly action: Action;
    readonly value: Watchable[K];
    /** Id of the namespace that it is in, with `allNamespaces`; undefined for the monitor's own. */
    readonly nsid?: number | undefined;
  };
}[keyof Watchable];

/**
 * With `neighs`: the kernel, or a VXLAN device (`l2miss`, `l3miss`), asks for a neighbour that it does not know; `miss` of `ip monitor`.
 */
export interface MissEvent {
  readonly type: 'miss';
  /** Without `dst` it is the entry of a forwarding database that is asked for, by its `lladdr`. */
  readonly value: NeighObject;
  readonly nsid?: number | undefined;
}

/**
 * A message of a group that is watched, which this library cannot read: its `bytes` and why. The monitor goes on.
 */
export interface UnreadableEvent extends Unreadable {
  readonly type: 'unreadable';
}

/**
 * `lost`: the kernel had to drop messages. With `resync` the difference follows, as events of objects, and then `synced`; without, it is
 * the reader's business to look again. `synced` also ends what `initial` tells.
 */
export type MonitorEvent =
  | ObjectEvent
  | MissEvent
  | UnreadableEvent
  | { readonly type: 'lost' }
  | { readonly type: 'synced' };

export interface WatchOptions {
  /** Aborting it ends the loop at once, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Tell what is there first. */
  readonly initial?: boolean | undefined;
  /**
   * After a loss list everything again and tell the difference. Costs memory for what is known. Only objects of the monitor's own namespace
   * are listed.
   */
  readonly resync?: boolean | undefined;
  /** News of all namespaces that have an id in this one; see `nsids`. Needs CAP_NET_BROADCAST. */
  readonly allNamespaces?: boolean | undefined;
  /** Bytes of news that the kernel keeps for a slow reader; default 1 MiB, as far as the system allows. */
  readonly receiveBuffer?: number | undefined;
}

const RECEIVE_BUFFER = 1 << 20;

/** Watches. `open` makes the socket; `connection`, into the same namespace, is asked for lists. */
export function watch(
  connection: Connection,
  open: (options: SocketOptions) => Socket,
  what: Watch,
  options: WatchOptions = {},
): Monitor<MonitorEvent> {
  const { signal, initial = false, resync = false, allNamespaces } = options;
  const { receiveBuffer = RECEIVE_BUFFER } = options;
  const unknown = Object.keys(what).find((kind) => !Object.hasOwn(NEWS, kind));
  if (unknown !== undefined) {
    throw new CodecError(`"${unknown}" cannot be watched, but ${Object.keys(NEWS).join(', ')}`);
  }
  const kinds = (Object.keys(NEWS) as (keyof Watchable)[]).filter((kind) => what[kind] === true);
  const known = new Map<keyof Watchable, Knowledge<any>>(
    resync ? kinds.map((kind) => [kind, knowledge(NEWS[kind] as News)]) : [],
  );

  function* notice(notification: Notice): Iterable<MonitorEvent> {
    const { type, message, value, flags, nsid } = notification;
    for (const kind of kinds) {
      const news: News = NEWS[kind];
      if (!news.messages.includes(message) || news.concerns?.(value) === false) continue;
      for (const object of news.objects(value)) {
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

  /** What differs from what is known, what goes in the opposite order of what comes. */
  function* difference(): Iterable<MonitorEvent> {
    const changes = kinds.map((kind) => {
      const values = listed(connection, NEWS[kind] as News);
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
    groups: kinds.flatMap((kind) => NEWS[kind].groups),
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

/* Each object has four message types, include/uapi/linux/rtnetlink.h: RTM_NEW…, RTM_DEL…, RTM_GET…, RTM_SET…. */
const TYPES = 4;
const DELETION = 1;
/** A request of the kernel to whoever knows: `RTM_GETNEIGH`. */
const MISS = 2;

const within = (nsid: number | undefined) => (nsid === undefined ? {} : { nsid });

const event = (
  type: keyof Watchable,
  action: Action,
  value: unknown,
  nsid?: number,
): MonitorEvent => ({ type, action, value, ...within(nsid) }) as MonitorEvent;

function listed<V>(connection: Connection, news: News<V>): V[] {
  const answers = connection.list(news.dump());
  return answers.filter((each) => news.concerns?.(each) !== false).flatMap(news.objects);
}
