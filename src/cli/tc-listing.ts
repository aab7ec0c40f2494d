/**
 * `netlink-ts dump qdiscs`, `classes`, `filters`, `chains`, `actions` and `netlink-ts monitor tc`:
 * what tc(8) shows.
 */
import { unlessRefused } from '../rtnl/dev.ts';
import type { Rtnl } from '../rtnl/open.ts';
import { EINVAL, ENOENT } from '../sys/errno.ts';
import { actionKinds } from '../tc/action/kinds.ts';
import type { Counters } from '../tc/counters.ts';
import { openTc, type Tc } from '../tc/open.ts';
import type { Columns, Names } from './columns.ts';
import type { Watched } from './watched.ts';

/** What all objects have. */
interface Row {
  readonly ifindex?: number;
  readonly block?: number;
  readonly kind?: string;
  readonly handle?: string;
  readonly parent?: string;
  readonly index?: number;
  readonly protocol?: string | number;
  readonly pref?: number;
  readonly chain?: number;
  readonly stats?: Counters;
}

const dev = ({ ifindex, block }: Row, names: Names): string | undefined =>
  block === undefined ? names(ifindex) : `block ${block}`;
const place: Columns<Row> = {
  DEV: dev,
  KIND: ({ kind }) => kind,
  HANDLE: ({ handle, index }) => handle ?? index,
  PARENT: ({ parent }) => parent,
};

const chainColumns: Columns<Row> = {
  DEV: dev,
  PARENT: ({ parent }) => parent,
  CHAIN: ({ chain }) => chain,
  KIND: ({ kind }) => kind,
};

const filterColumns: Columns<Row> = {
  ...place,
  CHAIN: ({ chain }) => chain,
  PREF: ({ pref }) => pref,
  PROTOCOL: ({ protocol }) => protocol,
};

const columns: Columns<Row> = {
  ...place,
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

/** The places of filters at a link: its qdiscs, and both places of clsact. */
const placesOf = (tc: Tc, ifindex: number): readonly object[] =>
  tc.qdiscs
    .list({ ifindex })
    .filter(({ handle }) => handle !== 'none')
    .flatMap(({ kind, handle }) => (kind === 'clsact' ? ['ingress', 'egress'] : [handle]))
    .map((parent) => ({ ifindex, parent }));

const listingOfPlaces = (
  netns: string | undefined,
  own: Columns<Row>,
  listOf: (tc: Tc, place: object) => readonly object[],
) => ({
  ...listing(netns, (tc, ifindex) => placesOf(tc, ifindex).flatMap((place) => listOf(tc, place))),
  columns: own,
});

export const tcListings = (netns: string | undefined) => ({
  qdiscs: listing(netns, (tc, ifindex) => tc.qdiscs.list({ ifindex })),
  classes: listing(netns, (tc, ifindex) => tc.classes.list({ ifindex })),
  filters: listingOfPlaces(netns, filterColumns, (tc, at) => tc.filters.list(at)),
  chains: listingOfPlaces(netns, chainColumns, (tc, at) => tc.chains.list(at)),
  actions: {
    by: [],
    columns,
    *list() {
      using tc = openTc({ netns });
      // A kind whose module is not loaded has no actions.
      for (const kind of actionKinds.words()) {
        yield* unlessRefused(() => tc.actions.list({ kind }), EINVAL, ENOENT) ?? [];
      }
    },
  },
});

export function watchTc(netns: string | undefined, signal: AbortSignal): Watched {
  const tc = openTc({ netns });
  // A line has those of its object.
  const all = { ...filterColumns, ...columns };
  return { columns: all, events: tc.monitor({ signal }), close: () => tc.close() };
}
