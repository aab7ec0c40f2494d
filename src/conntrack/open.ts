/** Opens connection tracking: connections, expectations, statistics and notifications. */
import { checked } from '../netlink/codec/arguments.ts';
import type { Connection } from '../netlink/connection.ts';
import {
  MONITOR_BUFFER,
  type MonitorOptions,
  openHandle,
  type OpenOptions,
  type OpenSocket,
} from '../netlink/handle.ts';
import { monitor, type Monitor, type Notice, type Unreadable } from '../netlink/monitor.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../netlink/constants.ts';
import { mustBeOpen } from '../errors.ts';
import { connection as connectionMessage } from './connection/message.ts';
import { connectionObject, type ConnectionObject } from './connection/requests.ts';
import { connectionVerbs, type ConnectionVerbs } from './connection/verbs.ts';
import * as c from './constants.ts';
import { ctnetlink } from './ctnetlink.ts';
import {
  expectationObject,
  expectationVerbs,
  type ExpectationObject,
  type ExpectationVerbs,
} from './expectation/verbs.ts';
import { stats, statsCpu, type ConntrackStats, type ConntrackStatsCpu } from './stats/message.ts';

export type { MonitorOptions, OpenOptions } from '../netlink/handle.ts';

/**
 * `new` for the first packet that passed, `set` for a change, `del` for the end. `lost`: the kernel
 * dropped messages. `unreadable`: a message that cannot be decoded; the monitor continues.
 */
export type ConntrackEvent =
  | {
      readonly type: 'connections';
      readonly action: 'new' | 'set' | 'del';
      readonly value: ConnectionObject;
    }
  | {
      readonly type: 'expectations';
      readonly action: 'new' | 'del';
      readonly value: ExpectationObject;
    }
  | ({ readonly type: 'unreadable' } & Unreadable)
  | { readonly type: 'lost' };

/** Counters of one processor. */
export interface CpuStats extends Omit<ConntrackStatsCpu['attrs'], never> {
  readonly cpu: number;
}

/** The number of connections, the limit, and the counters of each processor. */
export interface StatsObject extends Omit<ConntrackStats['attrs'], never> {
  readonly cpus: readonly CpuStats[];
}

export interface Conntrack extends Connection {
  readonly connections: ConnectionVerbs;
  readonly expectations: ExpectationVerbs;
  stats(): StatsObject;
  /**
   * Connections and expectations as they appear, change and end. The kernel reports them only while
   * somebody listens, or if net.netfilter.nf_conntrack_events is 1.
   *
   * @throws NetlinkError EPERM without CAP_NET_ADMIN
   */
  monitor(options?: MonitorOptions): Monitor<ConntrackEvent>;
}

/**
 * Opens connection tracking. It needs CAP_NET_ADMIN in the namespace.
 *
 * @throws NetlinkError ENOENT for a namespace that does not exist, EPERM to enter it
 * @throws CodecError for options of the wrong type
 *
 * @example
 * using conntrack = openConntrack();
 * conntrack.connections.flush({ orig: { src: '192.0.2.7' } });
 */
export const openConntrack = (options: OpenOptions = {}): Conntrack =>
  openHandle('openConntrack', ctnetlink, options, verbs);

/** A notification of a new connection carries the flags of a request that creates one. */
function* eventsOf({ type, flags, message, value }: Notice): Iterable<ConntrackEvent> {
  const isNew = (flags & (NLM_F_CREATE | NLM_F_EXCL)) !== 0;
  if (message === connectionMessage) {
    const action = type === c.IPCTNL_MSG_CT_DELETE ? 'del' : isNew ? 'new' : 'set';
    yield { type: 'connections', action, value: connectionObject(value) };
  } else {
    const action = type === c.IPCTNL_MSG_EXP_DELETE ? 'del' : 'new';
    yield { type: 'expectations', action, value: expectationObject(value) };
  }
}

function verbs(connection: Connection, openSocket: OpenSocket): Conntrack {
  const FILTER = 'filter?: object';
  const NAME = 'name: object';
  return {
    ...connection,
    connections: checked('connections', connectionVerbs(connection), {
      list: FILTER,
      dump: FILTER,
      get: NAME,
      find: NAME,
      add: 'spec: object',
      set: 'spec: object',
      delete: NAME,
      flush: FILTER,
    }),
    expectations: checked('expectations', expectationVerbs(connection), {
      list: 'family?: string',
      add: 'spec: object',
      delete: 'tuple: object',
      flush: '',
    }),
    ...checked(
      'conntrack',
      {
        stats(): StatsObject {
          const whole = connection.get({
            message: stats,
            type: c.IPCTNL_MSG_CT_GET_STATS,
            value: {},
          });
          const cpus = connection.list({
            message: statsCpu,
            type: c.IPCTNL_MSG_CT_GET_STATS_CPU,
            value: {},
          });
          return {
            ...whole.attrs,
            cpus: cpus.map(({ resId: cpu, attrs }) => ({ cpu, ...attrs })),
          };
        },
        monitor({ signal, receiveBuffer = MONITOR_BUFFER }: MonitorOptions = {}) {
          mustBeOpen(connection);
          return monitor<ConntrackEvent>(ctnetlink, openSocket({ receiveBuffer }), {
            groups: [
              c.NFNLGRP_CONNTRACK_NEW,
              c.NFNLGRP_CONNTRACK_UPDATE,
              c.NFNLGRP_CONNTRACK_DESTROY,
              c.NFNLGRP_CONNTRACK_EXP_NEW,
              c.NFNLGRP_CONNTRACK_EXP_DESTROY,
            ],
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
      { stats: '', monitor: 'options?: object' },
    ),
  };
}
