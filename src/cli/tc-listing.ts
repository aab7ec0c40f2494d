/** `netlink-ts dump qdiscs`, `classes` and `netlink-ts monitor tc`: what tc(8) shows. */
import type { Rtnl } from '../rtnl/open.ts';
import type { Counters } from '../tc/counters.ts';
import { openTc, type Tc } from '../tc/open.ts';
import type { Columns, Names } from './columns.ts';
import type { Watched } from './watched.ts';

/** What all objects have. */
interface Row {
  readonly ifindex: number;
  readonly kind?: string;
  readonly handle?: string;
  readonly parent?: string;
  readonly stats?: Counters;
}

const columns: Columns<Row> = {
  DEV: ({ ifindex }, names: Names) => names(ifindex),
  KIND: ({ kind }) => kind,
  HANDLE: ({ handle }) => handle,
  PARENT: ({ parent }) => parent,
  BYTES: ({ stats }) => stats?.bytes,
  PACKETS: ({ stats }) => stats?.packets,
  DROPPED: ({ stats }) => stats?.drops,
  OVERLIMITS: ({ stats }) => stats?.overlimits,
  BACKLOG: ({ stats }) => stats?.backlog,
};

interface Filter {
  readonly dev?: string;
}

/** The objects of one link, or of all. */
const listing = (
  netns: string | undefined,
  listOf: (tc: Tc, ifindex: number) => readonly object[],
) => ({
  by: ['dev'],
  columns,
  *list(rt: Rtnl, { dev }: Filter) {
    using tc = openTc({ netns });
    const links = dev === undefined ? rt.links.list() : [rt.links.get(dev)];
    for (const { index } of links) yield* listOf(tc, index);
  },
});

export const tcListings = (netns: string | undefined) => ({
  qdiscs: listing(netns, (tc, ifindex) => tc.qdiscs.list({ ifindex })),
  classes: listing(netns, (tc, ifindex) => tc.classes.list({ ifindex })),
});

export function watchTc(netns: string | undefined, signal: AbortSignal): Watched {
  const tc = openTc({ netns });
  return { columns, events: tc.monitor({ signal }), close: () => tc.close() };
}
