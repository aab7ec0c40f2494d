/** Objects of other families than rtnetlink, as `netlink-ts monitor` watches them. */
import type { Unreadable } from '../netlink/monitor.ts';
import type { Columns } from './columns.ts';

export type WatchedEvent =
  | { readonly type: string; readonly action: 'new' | 'set' | 'del'; readonly value: object }
  | ({ readonly type: 'unreadable' } & Unreadable)
  | { readonly type: 'lost' };

export interface Watched {
  readonly columns: Columns<any>;
  readonly events: AsyncIterable<WatchedEvent>;
  close(): void;
}

type Watch = (netns: string | undefined, signal: AbortSignal) => Promise<Watched>;

/** By their names; the declarations of a family are loaded when it is named. */
export const WATCHED: Readonly<Record<string, Watch>> = {
  conntrack: async (...args) => (await import('./conntrack-listing.ts')).watchConntrack(...args),
  ethtool: async (...args) => (await import('./ethtool-listing.ts')).watchEthtool(...args),
  devlink: async (...args) => (await import('./devlink-listing.ts')).watchDevlink(...args),
  tc: async (...args) => (await import('./tc-listing.ts')).watchTc(...args),
  xfrm: async (...args) => (await import('./xfrm-listing.ts')).watchXfrm(...args),
  uevents: async (...args) => (await import('./uevent-listing.ts')).watchUevents(...args),
  sockets: async (...args) => (await import('./sockets-listing.ts')).watchSockets(...args),
};
