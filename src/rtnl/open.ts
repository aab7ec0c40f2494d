/**
 * Opens rtnetlink, in the current or another network namespace, and adds its verbs to the
 * connection.
 */
import {
  checkOpen,
  connect,
  type Answer,
  type CallOptions,
  type Connection,
  type ConnectionOptions,
  type Request,
} from '../netlink/connection.ts';
import { mustBeOpen } from '../errors.ts';
import type { Monitor } from '../netlink/monitor.ts';
import { currentNamespace, openNamespace, socketIn, type Namespace } from '../netlink/namespace.ts';
import type { Socket, SocketOptions } from '../netlink/socket.ts';
import { checkArguments, checked, checkedFunction } from '../netlink/codec/arguments.ts';
import { synchronous } from '../netlink/synchronous.ts';
import { addrs, type Addrs } from './addr/verbs.ts';
import { direct, plan, type Target } from './dev.ts';
import { fdb, type Fdb } from './neigh/fdb.ts';
import { links, type Links } from './link/verbs.ts';
import { mdbs, type Mdbs } from './mdb/verbs.ts';
import {
  watch,
  type MonitorEvent,
  type Watch,
  type WatchOptions,
} from './monitor/object-monitor.ts';
import { neighs, type Neighs } from './neigh/verbs.ts';
import { nexthops, type Nexthops } from './nexthop/verbs.ts';
import { nsids, type Nsids } from './nsid/verbs.ts';
import { rtnetlink } from './rtnetlink.ts';
import { routes, type Routes } from './route/verbs.ts';
import { rules, type Rules } from './rule/verbs.ts';
import { SIGNATURES } from './signatures.ts';
import { vlans, type Vlans } from './vlan/verbs.ts';
import { waitFor, type WaitOptions } from './wait.ts';

export interface OpenOptions extends ConnectionOptions {
  /**
   * A namespace, its `ip netns` name or its path; without it, the namespace of the calling thread.
   */
  readonly netns?: Namespace | string | undefined;
}

/** The verbs by object. */
export interface Verbs {
  readonly links: Links;
  readonly addrs: Addrs;
  readonly routes: Routes;
  readonly neighs: Neighs;
  /** Forwarding databases of bridges and VXLAN devices. */
  readonly fdb: Fdb;
  readonly rules: Rules;
  readonly nexthops: Nexthops;
  /** Ids of other namespaces. */
  readonly nsids: Nsids;
  /** VLANs of bridge ports. */
  readonly vlans: Vlans;
  /** Multicast databases of bridges. */
  readonly mdb: Mdbs;
}

/** The same verbs for a batch, without `ensure`, which needs an answer before it can continue. */
export interface BatchVerbs {
  readonly links: BatchLinks;
  readonly addrs: BatchAddrs;
  readonly routes: BatchRoutes;
  readonly neighs: BatchNeighs;
  readonly fdb: BatchFdb;
  readonly rules: BatchRules;
  readonly nexthops: BatchNexthops;
  readonly nsids: Nsids;
  readonly vlans: Vlans;
  readonly mdb: BatchMdb;
}
export interface BatchLinks extends Omit<Links, 'ensure'> {}
export interface BatchAddrs extends Omit<Addrs, 'ensure'> {}
export interface BatchRoutes extends Omit<Routes, 'ensure'> {}
export interface BatchNeighs extends Omit<Neighs, 'ensure'> {}
export interface BatchFdb extends Omit<Fdb, 'ensure'> {}
export interface BatchRules extends Omit<Rules, 'ensure'> {}
export interface BatchNexthops extends Omit<Nexthops, 'ensure'> {}
export interface BatchMdb extends Omit<Mdbs, 'ensure'> {}

export interface Rtnl extends Connection, Verbs {
  batch(requests: readonly Request[], options?: CallOptions): Answer[];
  /**
   * Sends the requests of the verbs in `write` at once, in their order. The kernel continues after
   * a failed change: check the `error` of each answer. Names are resolved while the batch is
   * written; a link of the same batch is known by its name if it is added with an `index`.
   *
   * @example
   * rt.batch((b) => {
   *   b.links.add({ ifname: 'br0', index: 100, kind: 'bridge', flags: ['up'] });
   *   b.addrs.add({ dev: 'br0', local: '192.0.2.1/24' });
   * });
   */
  batch(write: (verbs: BatchVerbs) => void, options?: CallOptions): Answer[];
  /**
   * Notifications about the given types of objects.
   *
   * @example
   * for await (const event of rt.monitor({ links: true }, { signal })) {
   *   if (event.type === 'links') console.log(event.action, event.value.ifname);
   * }
   */
  monitor(what: Watch, options?: WatchOptions): Monitor<MonitorEvent>;
  /**
   * Waits until `condition` returns something, and resolves with it. It is called at once and after
   * each event of the types `on`. Rejects with ETIMEDOUT.
   *
   * @example
   * const find = () => rt.links.find('eth0');
   * const link = await rt.waitFor(find, { on: { links: true }, timeout: 5000 });
   */
  waitFor<T>(condition: () => T | undefined | null | false, options: WaitOptions): Promise<T>;
}

/**
 * Opens rtnetlink. Only changes need CAP_NET_ADMIN. End it with `close` or `using`.
 *
 * @throws NetlinkError ENOENT for a namespace that does not exist, EPERM to enter it
 * @throws CodecError for options of the wrong type
 *
 * @example
 * using rt = open();
 * for (const link of rt.links.list()) console.log(link.index, link.ifname);
 */
export function open(options: OpenOptions = {}): Rtnl {
  checkOpen('open', options);
  const { netns } = options;
  // Monitors are opened later, when the thread may be in another namespace and the name may stand
  // for another.
  const namespace =
    netns === undefined
      ? currentNamespace()
      : openNamespace(typeof netns === 'string' ? netns : `/proc/self/fd/${netns.fd}`);
  const within = (socket?: SocketOptions): Socket => socketIn(namespace, rtnetlink.number, socket);
  const close = (connection: Connection): void => {
    connection.close();
    namespace.close();
  };
  try {
    const connection = connect(rtnetlink, within(), options);
    const end = (): void => close(connection);
    return { ...verbs(connection, within), close: end, [Symbol.dispose]: end };
  } catch (error) {
    namespace.close();
    throw error;
  }
}

/**
 * Adds the verbs to a connection. `within` opens the sockets of monitors; by default, in the
 * thread's namespace.
 */
export const verbs = checkedFunction(
  'verbs',
  'connection: object, within?: function',
  function verbs(
    connection: Connection,
    within: (options: SocketOptions) => Socket = (options) =>
      socketIn(undefined, rtnetlink.number, options),
  ): Rtnl {
    const monitor: Rtnl['monitor'] = (what, options) => {
      checkArguments('monitor', 'what: object, options?: object', [what, options]);
      mustBeOpen(connection);
      return watch(connection, within, what, options);
    };
    return {
      ...connection,
      ...verbsOn(direct(connection)),
      batch(what, options) {
        checkArguments('batch', 'what: function | array, options?: object', [what, options]);
        if (typeof what !== 'function') return connection.batch(what, options);
        const planned = plan(connection);
        try {
          synchronous<unknown>(what(verbsOn(planned)), 'the function of a batch');
          return connection.batch(planned.requests, options);
        } finally {
          planned.release();
        }
      },
      monitor,
      async waitFor(condition, options) {
        checkArguments('waitFor', 'condition: function, options: object', [condition, options]);
        checkArguments('waitFor', 'on: object, timeout: number', [options.on, options.timeout]);
        return waitFor(monitor, condition, options);
      },
    };
  },
);

const verbsOn = (target: Target): Verbs => ({
  links: checked('links', links(target), SIGNATURES.links),
  addrs: checked('addrs', addrs(target), SIGNATURES.addrs),
  routes: checked('routes', routes(target), SIGNATURES.routes),
  neighs: checked('neighs', neighs(target), SIGNATURES.neighs),
  fdb: checked('fdb', fdb(target), SIGNATURES.fdb),
  rules: checked('rules', rules(target), SIGNATURES.rules),
  nexthops: checked('nexthops', nexthops(target), SIGNATURES.nexthops),
  nsids: checked('nsids', nsids(target), SIGNATURES.nsids),
  vlans: checked('vlans', vlans(target), SIGNATURES.vlans),
  mdb: checked('mdb', mdbs(target), SIGNATURES.mdb),
});
