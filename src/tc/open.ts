/** Opens traffic control: qdiscs, classes, filters, chains, actions, and notifications. */
import { checked } from '../netlink/codec/arguments.ts';
import { protocol } from '../netlink/codec/message.ts';
import type { Connection } from '../netlink/connection.ts';
import {
  MONITOR_BUFFER,
  openHandle,
  type MonitorOptions,
  type OpenOptions,
  type OpenSocket,
} from '../netlink/handle.ts';
import { monitor, type Monitor, type Notice, type Unreadable } from '../netlink/monitor.ts';
import { mustBeOpen } from '../errors.ts';
import { direct } from '../rtnl/dev.ts';
import { link } from '../rtnl/link/message.ts';
import { action as actionMessage, type Action } from './action/message.ts';
import { actionObjects, actions, type ActionObject, type ActionVerbs } from './action/verbs.ts';
import { chain, type Chain } from './chain/message.ts';
import { chainObject, chains, type ChainObject, type ChainVerbs } from './chain/verbs.ts';
import { tclass, type Tclass } from './class/message.ts';
import { classes, classObject, type ClassObject, type ClassVerbs } from './class/verbs.ts';
import * as c from './constants.ts';
import { filter, type Filter } from './filter/message.ts';
import { filterObject, filters, type FilterObject, type FilterVerbs } from './filter/verbs.ts';
import { qdisc, type Qdisc } from './qdisc/message.ts';
import { qdiscObject, qdiscs, type QdiscObject, type QdiscVerbs } from './qdisc/verbs.ts';
import { trafficControl } from './traffic-control.ts';

export type { MonitorOptions, OpenOptions } from '../netlink/handle.ts';

/**
 * `new` for what was added or changed, `del` for what was deleted. `lost`: the kernel dropped
 * messages. `unreadable`: a message that cannot be decoded; the monitor continues.
 */
export type TcEvent =
  | { readonly type: 'qdiscs'; readonly action: 'new' | 'del'; readonly value: QdiscObject }
  | { readonly type: 'classes'; readonly action: 'new' | 'del'; readonly value: ClassObject }
  | { readonly type: 'filters'; readonly action: 'new' | 'del'; readonly value: FilterObject }
  | { readonly type: 'chains'; readonly action: 'new' | 'del'; readonly value: ChainObject }
  | { readonly type: 'actions'; readonly action: 'new' | 'del'; readonly value: ActionObject }
  | ({ readonly type: 'unreadable' } & Unreadable)
  | { readonly type: 'lost' };

export interface Tc extends Connection {
  readonly qdiscs: QdiscVerbs;
  readonly classes: ClassVerbs;
  readonly filters: FilterVerbs;
  readonly chains: ChainVerbs;
  readonly actions: ActionVerbs;
  /** Reports what is added, changed and deleted. */
  monitor(options?: MonitorOptions): Monitor<TcEvent>;
}

/** Names of links are resolved over the same socket. */
const withLinks = protocol(trafficControl.name, trafficControl.number, [
  ...trafficControl.messages,
  link,
]);

/**
 * Opens traffic control. Only changes need CAP_NET_ADMIN.
 *
 * @throws NetlinkError ENOENT for a namespace that does not exist, EPERM to enter it
 * @throws CodecError for options of the wrong type
 *
 * @example
 * using tc = openTc();
 * const options = tbfOptions({ rate: 1_000_000, burst: 5000, latency: 50_000 });
 * tc.qdiscs.replace({ dev: 'eth0', kind: 'tbf', options });
 */
export const openTc = (options: OpenOptions = {}): Tc =>
  openHandle('openTc', withLinks, options, verbs);

const DELETED: readonly number[] = [
  c.RTM_DELQDISC,
  c.RTM_DELTCLASS,
  c.RTM_DELTFILTER,
  c.RTM_DELCHAIN,
  c.RTM_DELACTION,
];

function* eventsOf({ type, message, value }: Notice): Iterable<TcEvent> {
  const action = DELETED.includes(type) ? 'del' : 'new';
  if (message === qdisc) yield { type: 'qdiscs', action, value: qdiscObject(value as Qdisc) };
  if (message === tclass) yield { type: 'classes', action, value: classObject(value as Tclass) };
  if (message === filter) yield { type: 'filters', action, value: filterObject(value as Filter) };
  if (message === chain) yield { type: 'chains', action, value: chainObject(value as Chain) };
  if (message === actionMessage) {
    for (const each of actionObjects(value as Action)) {
      yield { type: 'actions', action, value: each };
    }
  }
}

function verbs(connection: Connection, openSocket: OpenSocket): Tc {
  const target = direct(connection);
  const writing = { add: 'spec: object', replace: 'spec: object', change: 'spec: object' };
  const naming = { get: 'name: object', find: 'name: object', delete: 'name: object' };
  return {
    ...connection,
    qdiscs: checked('qdiscs', qdiscs(target), { list: 'filter?: object', ...writing, ...naming }),
    classes: checked('classes', classes(target), { list: 'filter: object', ...writing, ...naming }),
    filters: checked('filters', filters(target), { list: 'filter: object', ...writing, ...naming }),
    chains: checked('chains', chains(target), {
      list: 'filter: object',
      add: 'spec: object',
      ...naming,
    }),
    actions: checked('actions', actions(target), {
      list: 'filter: object',
      add: 'spec: object',
      replace: 'spec: object',
      ...naming,
      flush: 'kind: string',
    }),
    ...checked(
      'tc',
      {
        monitor({ signal, receiveBuffer = MONITOR_BUFFER }: MonitorOptions = {}) {
          mustBeOpen(connection);
          return monitor<TcEvent>(trafficControl, openSocket({ receiveBuffer }), {
            groups: [c.RTNLGRP_TC],
            signal,
            notice: eventsOf,
            *unreadable(message) {
              yield { type: 'unreadable', ...message };
            },
            *lost() {
              yield { type: 'lost' };
            },
          });
        },
      },
      { monitor: 'options?: object' },
    ),
  };
}
