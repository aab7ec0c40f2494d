/**
 * Changes of a ruleset as they happen, like `nft monitor`. Each transaction reports its objects one
 * after the other and ends with the new generation.
 *
 * include/uapi/linux/netfilter/nfnetlink.h, `NFNLGRP_NFTABLES`; nft(8), MONITOR.
 */
import { monitor, type Monitor, type Unreadable } from '../netlink/monitor.ts';
import { MONITOR_BUFFER, type MonitorOptions, type OpenSocket } from '../netlink/handle.ts';
import type { AnyMessage } from '../netlink/codec/message.ts';
import { chain } from './chain/message.ts';
import { chainObject, type ChainObject } from './chain/verbs.ts';
import { element } from './element/message.ts';
import { elementObjects, type ElementObject } from './element/verbs.ts';
import { flowtable } from './flowtable/message.ts';
import { flowtableObject, type FlowtableObject } from './flowtable/verbs.ts';
import { generation, type Generation } from './messages/batch.ts';
import { NFNLGRP_NFTABLES } from './messages/constants.ts';
import { nftables } from './nf-tables.ts';
import { nftObject } from './object/message.ts';
import { statefulObject, type StatefulObject } from './object/verbs.ts';
import { nftRule } from './rule/message.ts';
import { ruleObject, type RuleObject } from './rule/verbs.ts';
import { nftSet } from './set/message.ts';
import { setObject, type SetObject } from './set/verbs.ts';
import { table } from './table/message.ts';
import { tableObject, type TableObject } from './table/verbs.ts';
import type { Named } from './target.ts';

/** Elements that were added or deleted: keys and values as bytes, the ends of ranges one by one. */
export interface ElementsEvent extends Named {
  readonly elem: readonly ElementObject[];
}

interface Objects {
  table: TableObject;
  chain: ChainObject;
  rule: RuleObject;
  set: SetObject;
  /** `name` is that of the set. */
  element: ElementsEvent;
  object: StatefulObject;
  flowtable: FlowtableObject;
}

const OBJECTS = new Map<AnyMessage, (value: any) => unknown>([
  [table, tableObject],
  [chain, chainObject],
  [nftRule, ruleObject],
  [nftSet, setObject],
  [
    element,
    ({ family, attrs }) => ({
      family,
      table: attrs.table,
      name: attrs.set,
      elem: elementObjects(attrs.elements ?? []),
    }),
  ],
  [nftObject, statefulObject],
  [flowtable, flowtableObject],
]);

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
  | { readonly type: 'generation'; readonly value: Generation['attrs'] }
  | ({ readonly type: 'unreadable' } & Unreadable)
  | { readonly type: 'lost' };

/** Monitors the ruleset. `open` opens a socket of `NETLINK_NETFILTER`. */
export const monitorRuleset = (
  open: OpenSocket,
  { signal, receiveBuffer = MONITOR_BUFFER }: MonitorOptions = {},
): Monitor<RulesetEvent> =>
  monitor<RulesetEvent>(nftables, open({ receiveBuffer }), {
    groups: [NFNLGRP_NFTABLES],
    signal,
    *notice({ type, message, value }) {
      if (message === (generation as AnyMessage)) {
        yield { type: 'generation', value: (value as Generation).attrs };
        return;
      }
      const action = isDeletion(type) ? 'del' : 'new';
      const object = OBJECTS.get(message)?.(value);
      yield { type: message.name, action, value: object } as RulesetEvent;
    },
    *unreadable(message) {
      yield { type: 'unreadable', ...message };
    },
    *lost() {
      yield { type: 'lost' };
    },
  });

const isDeletion = (type: number): boolean => nftables.typeName(type).startsWith('NFT_MSG_DEL');
