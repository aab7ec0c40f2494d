/**
 * Opens nf_tables, in the current or another network namespace, and adds its verbs to the
 * connection.
 */
import { checked, checkedFunction } from '../netlink/codec/arguments.ts';
import type { Connection, Request } from '../netlink/connection.ts';
import { mustBeOpen } from '../errors.ts';
import { openHandle, type OpenOptions, type OpenSocket } from '../netlink/handle.ts';
import { socketIn } from '../netlink/namespace.ts';
import type { Monitor } from '../netlink/monitor.ts';
import type { Chain } from './messages/chain.ts';
import type { InChain, InSet } from './changes.ts';
import type { SetElement } from './messages/element.ts';
import { monitorRuleset, type MonitorOptions, type RulesetEvent } from './ruleset-monitor.ts';
import type { NftObject } from './messages/object.ts';
import { nftables } from './messages/nf-tables.ts';
import * as queries from './queries.ts';
import type { Rule } from './messages/rule.ts';
import type { NftSet } from './messages/set.ts';
import type { Table } from './messages/table.ts';
import { commit, listed, transact, type Batch, type TransactionOptions } from './transaction.ts';

export type { OpenOptions } from '../netlink/handle.ts';

export interface Nftables extends Connection {
  /** Reads, plans and applies changes as one transaction, see `transact`. */
  transact<T>(plan: (batch: Batch) => T, options?: TransactionOptions): T;
  /**
   * Applies changes that need no reading, as one transaction. Throws the kernel's first refusal.
   */
  apply(...changes: readonly Request[]): void;
  /** The generation of the ruleset: a counter that each transaction increments. */
  generation(): number;
  tables(within?: queries.Within): Table[];
  chains(within?: queries.Within): Chain[];
  rules(within?: Partial<InChain>): Rule[];
  sets(within?: queries.Within): NftSet[];
  elements(set: InSet): SetElement[];
  objects(within?: queries.Within): NftObject[];
  /**
   * Changes of the ruleset from now on, on a socket of its own.
   *
   * @example for await (const event of nft.monitor({ signal })) console.log(event.type);
   */
  monitor(options?: MonitorOptions): Monitor<RulesetEvent>;
}

/**
 * Opens nf_tables. Needs CAP_NET_ADMIN in the namespace, even for reading.
 *
 * @throws NetlinkError EPERM, ENOENT for a namespace that does not exist, EPROTONOSUPPORT without
 *   nfnetlink
 * @throws CodecError for options of the wrong type
 *
 * @example
 * using nft = openNftables();
 * for (const rule of nft.rules()) console.log(ruleText(rule));
 */
export const openNftables = (options: OpenOptions = {}): Nftables =>
  openHandle('openNftables', nftables, options, verbs);

/**
 * Adds the verbs to a connection. `openSocket` opens the sockets of monitors; by default, in the
 * thread's namespace. Listing the contents of a table or chain that does not exist
 * gives an empty list.
 */
export const verbs = checkedFunction(
  'verbs',
  'connection: object, openSocket?: function',
  (
    connection: Connection,
    openSocket: OpenSocket = (options) => socketIn(undefined, nftables.number, options),
  ): Nftables => ({
    ...connection,
    ...checked('nftables', own(connection, openSocket), {
      monitor: 'options?: object',
      transact: 'plan: function, options?: object',
      apply: '...changes: object',
      generation: '',
      tables: 'within?: object',
      chains: 'within?: object',
      rules: 'within?: object',
      sets: 'within?: object',
      elements: 'set: object',
      objects: 'within?: object',
    }),
  }),
);

const own = (connection: Connection, openSocket: OpenSocket): Omit<Nftables, keyof Connection> => ({
  monitor(options) {
    mustBeOpen(connection);
    return monitorRuleset(openSocket, options);
  },
  transact: (plan, options) => transact(connection, plan, options),
  apply(...changes) {
    const error = commit(connection, changes);
    if (error !== undefined) throw error;
  },
  generation: () => connection.get(queries.getGeneration()).attrs.id ?? 0,
  tables: (within) => connection.list(queries.listTables(within)),
  chains: (within = {}) =>
    connection
      .list(queries.listChains(within))
      .filter(({ attrs }) => within.table === undefined || attrs.table === within.table),
  rules: (within) => listed(connection, queries.listRules(within)),
  sets: (within) => listed(connection, queries.listSets(within)),
  elements: (set) =>
    listed(connection, queries.listElements(set)).flatMap(({ attrs }) => attrs.elements ?? []),
  objects: (within) => connection.list(queries.listObjects(within)),
});
