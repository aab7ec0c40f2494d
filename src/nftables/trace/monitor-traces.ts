/**
 * The path of packets through the rules, as `nft monitor trace` shows it. A rule with `meta nftrace
 * set 1` selects the packets; nft(8), MONITOR.
 */
import { monitor, type Monitor, type Unreadable } from '../../netlink/monitor.ts';
import { MONITOR_BUFFER, type MonitorOptions, type OpenSocket } from '../../netlink/handle.ts';
import { NFNLGRP_NFTRACE } from '../messages/constants.ts';
import type { TableFamily } from '../messages/nfgenmsg.ts';
import { nftables } from '../nf-tables.ts';
import { type Trace } from './message.ts';

/**
 * A step of a packet: a rule that it matched, the end of a chain (which has no `handle`), or the
 * policy.
 */
export interface TraceObject extends Omit<Trace['attrs'], 'table' | 'chain' | 'ruleHandle'> {
  readonly family: TableFamily;
  readonly table?: string;
  readonly chain?: string;
  /** The handle of the rule, as `nft.rules.list` has it. */
  readonly handle?: bigint;
}

/**
 * `lost`: the kernel dropped messages. `unreadable`: a message that cannot be decoded; the monitor
 * continues.
 */
export type TraceEvent =
  | { readonly type: 'trace'; readonly value: TraceObject }
  | ({ readonly type: 'unreadable' } & Unreadable)
  | { readonly type: 'lost' };

export interface TraceVerbs {
  /**
   * Packets that a rule with `meta nftrace set 1` has marked, from now on, on a socket of its own.
   * `id` is the same in all events of a packet.
   *
   * @example for await (const event of nft.traces.monitor({ signal })) console.log(event);
   */
  monitor(options?: MonitorOptions): Monitor<TraceEvent>;
}

const traceObject = ({ family, attrs }: Trace): TraceObject => {
  const { ruleHandle, ...rest } = attrs;
  return { family, ...rest, ...(ruleHandle === undefined ? {} : { handle: ruleHandle }) };
};

/** Monitors traced packets. `open` opens a socket of `NETLINK_NETFILTER`. */
export const monitorTraces = (
  open: OpenSocket,
  { signal, receiveBuffer = MONITOR_BUFFER }: MonitorOptions = {},
): Monitor<TraceEvent> =>
  monitor<TraceEvent>(nftables, open({ receiveBuffer }), {
    groups: [NFNLGRP_NFTRACE],
    signal,
    *notice({ value }) {
      yield { type: 'trace', value: traceObject(value as Trace) };
    },
    *unreadable(message) {
      yield { type: 'unreadable', ...message };
    },
    *lost() {
      yield { type: 'lost' };
    },
  });
