/** Opens socket diagnostics: the verbs of sockets, and notifications of closed ones. */
import { checked } from '../netlink/codec/arguments.ts';
import type { Connection } from '../netlink/connection.ts';
import {
  MONITOR_BUFFER,
  type MonitorOptions,
  openHandle,
  type OpenOptions,
  type OpenSocket,
} from '../netlink/handle.ts';
import { monitor, type Monitor, type Unreadable } from '../netlink/monitor.ts';
import { mustBeOpen } from '../errors.ts';
import * as c from './constants.ts';
import type { InetDiag } from './inet/message.ts';
import { sockDiag } from './sock-diag.ts';
import { inetKind, socketObject, type InetKind, type SocketObjects } from './socket/requests.ts';
import { socketVerbs, type SocketVerbs } from './socket/verbs.ts';

export type { MonitorOptions, OpenOptions } from '../netlink/handle.ts';

/**
 * A socket of TCP or UDP that is gone, with its last counters. `lost`: the kernel dropped messages.
 * `unreadable`: a message that cannot be decoded; the monitor continues.
 */
export type SocketEvent =
  | { readonly type: 'sockets'; readonly action: 'del'; readonly value: SocketObjects[InetKind] }
  | ({ readonly type: 'unreadable' } & Unreadable)
  | { readonly type: 'lost' };

export interface Diag extends Connection {
  readonly sockets: SocketVerbs;
  /**
   * Sockets of TCP and UDP as they are closed.
   *
   * @throws NetlinkError EPERM without CAP_NET_ADMIN
   */
  monitor(options?: MonitorOptions): Monitor<SocketEvent>;
}

/**
 * Opens socket diagnostics. Listing needs no privilege; some details and `destroy` need
 * CAP_NET_ADMIN.
 *
 * @throws NetlinkError ENOENT for a namespace that does not exist, EPERM to enter it
 * @throws CodecError for options of the wrong type
 *
 * @example
 * using diag = openDiag();
 * for (const { src, sport } of diag.sockets.list({ kind: 'tcp', states: ['listening'] })) …
 */
export const openDiag = (options: OpenOptions = {}): Diag =>
  openHandle('openDiag', sockDiag, options, verbs);

const FILTER = 'filter?: object';

function verbs(connection: Connection, openSocket: OpenSocket): Diag {
  return {
    ...connection,
    sockets: checked('sockets', socketVerbs(connection), {
      list: FILTER,
      dump: FILTER,
      get: 'spec: object',
      find: 'spec: object',
      destroy: 'socket: object',
      flush: 'filter: object',
    }),
    ...checked(
      'diag',
      {
        monitor({ signal, receiveBuffer = MONITOR_BUFFER }: MonitorOptions = {}) {
          mustBeOpen(connection);
          return monitor<SocketEvent>(sockDiag, openSocket({ receiveBuffer }), {
            groups: [
              c.SKNLGRP_INET_TCP_DESTROY,
              c.SKNLGRP_INET_UDP_DESTROY,
              c.SKNLGRP_INET6_TCP_DESTROY,
              c.SKNLGRP_INET6_UDP_DESTROY,
            ],
            signal,
            *notice({ value }) {
              const diag = value as InetDiag;
              yield { type: 'sockets', action: 'del', value: socketObject(inetKind(diag), diag) };
            },
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
