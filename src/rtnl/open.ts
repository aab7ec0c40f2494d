/**
 * Opens rtnetlink, in the current or another network namespace, and adds its verbs to the
 * connection.
 */
import type { Answer, CallOptions, Connection, Request } from '../netlink/connection.ts';
import { mustBeOpen } from '../errors.ts';
import type { Monitor } from '../netlink/monitor.ts';
import { openHandle, type OpenOptions, type OpenSocket } from '../netlink/handle.ts';
import { socketIn } from '../netlink/namespace.ts';
import { checkArguments, checked, checkedFunction } from '../netlink/codec/arguments.ts';
import { synchronous } from '../netlink/synchronous.ts';
import { addrLabels, type AddrLabelVerbs, type BatchAddrLabelVerbs } from './addr-label/verbs.ts';
import { addrs, type AddrVerbs, type BatchAddrVerbs } from './addr/verbs.ts';
import { direct, plan, type Target } from './dev.ts';
import { fdb, type FdbVerbs, type BatchFdbVerbs } from './neigh/fdb.ts';
import { links, type BatchLinkVerbs, type LinkVerbs } from './link/verbs.ts';
import { mdbs, type MdbVerbs, type BatchMdbVerbs } from './mdb/verbs.ts';
import {
  monitorObjects,
  type MonitorEvent,
  type MonitorOptions,
  type MonitorSelection,
} from './monitor/object-monitor.ts';
import { neighs, type NeighVerbs, type BatchNeighVerbs } from './neigh/verbs.ts';
import { netconfs, type NetconfVerbs } from './netconf/verbs.ts';
import { nexthops, type NexthopVerbs, type BatchNexthopVerbs } from './nexthop/verbs.ts';
import { nsids, type NsidVerbs } from './nsid/verbs.ts';
import { rtnetlink } from './rtnetlink.ts';
import { routes, type RouteVerbs, type BatchRouteVerbs } from './route/verbs.ts';
import { rules, type RuleVerbs, type BatchRuleVerbs } from './rule/verbs.ts';
import { SIGNATURES } from './signatures.ts';
import { vlans, type VlanVerbs } from './vlan/verbs.ts';
import { vniFilters, type VniFilterVerbs } from './vni-filter/verbs.ts';
import { waitFor, type WaitOptions } from './wait.ts';

export type { OpenOptions } from '../netlink/handle.ts';

/** The verbs by object. */
export interface Verbs {
  readonly links: LinkVerbs;
  readonly addrs: AddrVerbs;
  readonly routes: RouteVerbs;
  readonly neighs: NeighVerbs;
  /** Forwarding databases of bridges and VXLAN devices. */
  readonly fdb: FdbVerbs;
  readonly rules: RuleVerbs;
  readonly nexthops: NexthopVerbs;
  /** Ids of other namespaces. */
  readonly nsids: NsidVerbs;
  /** VLANs of bridge ports. */
  readonly vlans: VlanVerbs;
  /** Multicast databases of bridges. */
  readonly mdb: MdbVerbs;
  /** Forwarding settings. */
  readonly netconfs: NetconfVerbs;
  /** Labels of IPv6 addresses. */
  readonly addrLabels: AddrLabelVerbs;
  /** VNIs that VXLAN links accept. */
  readonly vniFilters: VniFilterVerbs;
}

/** The same verbs for a batch, without `ensure`, which needs an answer before it can continue. */
export interface BatchVerbs {
  readonly links: BatchLinkVerbs;
  readonly addrs: BatchAddrVerbs;
  readonly routes: BatchRouteVerbs;
  readonly neighs: BatchNeighVerbs;
  readonly fdb: BatchFdbVerbs;
  readonly rules: BatchRuleVerbs;
  readonly nexthops: BatchNexthopVerbs;
  readonly nsids: NsidVerbs;
  readonly vlans: VlanVerbs;
  readonly mdb: BatchMdbVerbs;
  readonly netconfs: NetconfVerbs;
  readonly addrLabels: BatchAddrLabelVerbs;
  readonly vniFilters: VniFilterVerbs;
}

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
  monitor(what: MonitorSelection, options?: MonitorOptions): Monitor<MonitorEvent>;
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
export const open = (options: OpenOptions = {}): Rtnl =>
  openHandle('open', rtnetlink, options, verbs);

/**
 * Adds the verbs to a connection. `openSocket` opens the sockets of monitors; by default, in the
 * thread's namespace.
 *
 * @throws CodecError for what is not a connection of rtnetlink
 */
export const verbs = checkedFunction(
  'verbs',
  'connection: object, openSocket?: function',
  function verbs(
    connection: Connection,
    openSocket: OpenSocket = (options) => socketIn(undefined, rtnetlink.number, options),
  ): Rtnl {
    const monitor: Rtnl['monitor'] = (what, options) => {
      checkArguments('monitor', 'what: object, options?: object', [what, options]);
      mustBeOpen(connection);
      return monitorObjects(connection, openSocket, what, options);
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
  netconfs: checked('netconfs', netconfs(target), SIGNATURES.netconfs),
  addrLabels: checked('addrLabels', addrLabels(target), SIGNATURES.addrLabels),
  vniFilters: checked('vniFilters', vniFilters(target), SIGNATURES.vniFilters),
});
