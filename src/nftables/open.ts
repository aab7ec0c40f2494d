/**
 * Opens nf_tables, in the current or another network namespace, and adds its verbs to the
 * connection.
 */
import { checked, checkedFunction } from '../netlink/codec/arguments.ts';
import type { Connection, Request } from '../netlink/connection.ts';
import { mustBeOpen } from '../errors.ts';
import {
  openHandle,
  type MonitorOptions,
  type OpenOptions,
  type OpenSocket,
} from '../netlink/handle.ts';
import type { Monitor } from '../netlink/monitor.ts';
import { socketIn } from '../netlink/namespace.ts';
import { getGeneration } from './generation.ts';
import { nftables } from './nf-tables.ts';
import { withResets, type ResetVerbs } from './reset.ts';
import { monitorRuleset, type RulesetEvent } from './ruleset-monitor.ts';
import { monitorTraces, type TraceVerbs } from './trace/monitor-traces.ts';
import { direct, transactor, type Batch, type TransactionOptions } from './transaction.ts';
import { verbsOn, type Verbs } from './verbs.ts';

export type { MonitorOptions, OpenOptions } from '../netlink/handle.ts';

/** A connection with the verbs of nf_tables. Each change by a verb is a transaction of its own. */
export interface Nftables extends Connection, Omit<Verbs, keyof ResetVerbs>, ResetVerbs {
  /** Packets that rules trace. */
  readonly traces: TraceVerbs;
  /**
   * Reads, plans and applies changes as one transaction. `plan` may run several times: it reads
   * through the batch and has no other effects.
   *
   * @throws NetlinkError for the kernel's first refusal; ERESTART once the `retries` are used up
   *
   * @example
   * nft.transact((b) => {
   *   for (const { handle, ...rule } of b.rules.list(chain)) {
   *     if (rule.comment === 'old') b.rules.delete({ ...rule, handle: handle! });
   *   }
   * });
   */
  transact<T>(plan: (batch: Batch) => T, options?: TransactionOptions): T;
  /**
   * Applies changes that need no reading, as one transaction.
   *
   * @throws NetlinkError for the kernel's first refusal
   *
   * @example nft.apply(addTable(table), addSet({ ...set, type: 'ipv4_addr' }))
   */
  apply(...changes: readonly Request[]): void;
  /** The generation of the ruleset: a counter that each transaction increments. */
  generation(): number;
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
 * for (const rule of nft.rules.list()) console.log(ruleText(rule));
 */
export const openNftables = (options: OpenOptions = {}): Nftables =>
  openHandle('openNftables', nftables, options, verbs);

/**
 * Adds the verbs to a connection. `openSocket` opens the sockets of monitors; by default, in the
 * thread's namespace.
 *
 * @throws CodecError for what is not a connection of nf_tables
 */
export const verbs = checkedFunction(
  'verbs',
  'connection: object, openSocket?: function',
  (
    connection: Connection,
    openSocket: OpenSocket = (options) => socketIn(undefined, nftables.number, options),
  ): Nftables => {
    const byObject = verbsOn(direct(connection));
    return {
      ...connection,
      ...byObject,
      ...withResets(connection, byObject),
      traces: checked('traces', traces(connection, openSocket), { monitor: 'options?: object' }),
      ...checked('nftables', own(connection, openSocket), {
        transact: 'plan: function, options?: object',
        apply: '...changes: object',
        generation: '',
        monitor: 'options?: object',
      }),
    };
  },
);

const traces = (connection: Connection, openSocket: OpenSocket): TraceVerbs => ({
  monitor(options) {
    mustBeOpen(connection);
    return monitorTraces(openSocket, options);
  },
});

const transact = transactor(verbsOn);

const own = (
  connection: Connection,
  openSocket: OpenSocket,
): Omit<Nftables, keyof Connection | keyof Verbs | 'traces'> => ({
  transact: (plan, options) => transact(connection, plan, options),
  apply: direct(connection).change,
  generation: () => connection.get(getGeneration()).attrs.id ?? 0,
  monitor(options) {
    mustBeOpen(connection);
    return monitorRuleset(openSocket, options);
  },
});
