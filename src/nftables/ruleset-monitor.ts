/**
 * Changes of a ruleset as they happen, like `nft monitor`. Each transaction reports its objects one
 * after the other and ends with the new generation.
 *
 * include/uapi/linux/netfilter/nfnetlink.h, `NFNLGRP_NFTABLES`; nft(8), MONITOR.
 */
import { monitor, type Monitor, type Unreadable } from '../netlink/monitor.ts';
import type { OpenSocket } from '../netlink/handle.ts';
import type { Generation } from './messages/batch.ts';
import type { Chain } from './messages/chain.ts';
import { NFNLGRP_NFTABLES } from './messages/constants.ts';
import type { Elements } from './messages/element.ts';
import type { Flowtable } from './messages/flowtable.ts';
import type { NftObject } from './messages/object.ts';
import { nftables } from './messages/nf-tables.ts';
import type { Rule } from './messages/rule.ts';
import type { NftSet } from './messages/set.ts';
import type { Table } from './messages/table.ts';

interface Objects {
  table: Table;
  chain: Chain;
  rule: Rule;
  set: NftSet;
  element: Elements;
  object: NftObject;
  flowtable: Flowtable;
}

/**
 * `lost`: the kernel dropped messages, and the reader must list again what it needs to know.
 * `unreadable`: a message that cannot be decoded; the monitor continues.
 */
export type RulesetEvent =
  | {
      [K in keyof Objects]: {
        readonly type: K;
        readonly action: 'new' | 'del';
        readonly value: Objects[K];
      };
    }[keyof Objects]
  | { readonly type: 'generation'; readonly value: Generation }
  | ({ readonly type: 'unreadable' } & Unreadable)
  | { readonly type: 'lost' };

export interface MonitorOptions {
  /** Aborting it ends the loop at once, without an error. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Bytes of notifications that the kernel buffers for a slow reader; default 1 MiB, as far as the
   * system allows.
   */
  readonly receiveBuffer?: number | undefined;
}

/** Monitors the ruleset. `open` opens a socket of `NETLINK_NETFILTER`. */
export const monitorRuleset = (
  open: OpenSocket,
  { signal, receiveBuffer = 1 << 20 }: MonitorOptions = {},
): Monitor<RulesetEvent> =>
  monitor<RulesetEvent>(nftables, open({ receiveBuffer }), {
    groups: [NFNLGRP_NFTABLES],
    signal,
    *notice({ type, message, value }) {
      if (message.name === 'generation') yield { type: 'generation', value: value as Generation };
      else
        yield {
          type: message.name,
          action: isDeletion(type) ? 'del' : 'new',
          value,
        } as RulesetEvent;
    },
    *unreadable(message) {
      yield { type: 'unreadable', ...message };
    },
    *lost() {
      yield { type: 'lost' };
    },
  });

const isDeletion = (type: number): boolean => nftables.typeName(type).startsWith('NFT_MSG_DEL');
