/** `netlink-ts dump`: objects as a table or as JSON. */
import { parseArgs } from 'node:util';
import { toJson } from '../netlink/codec/json.ts';
import { fromPrintable, jsonText } from '../printable.ts';
import { linkKinds } from '../rtnl/link/kinds.ts';
import { open, type Rtnl } from '../rtnl/open.ts';
import type { MonitoredObjects } from '../rtnl/monitor/events.ts';
import { ADDR_LABEL_COLUMNS, cellsOf, COLUMNS, linkNames, type Columns } from './columns.ts';
import { UsageError, type Command, type Output } from './command.ts';
import { didYouMean } from './hint.ts';
import { styled, table } from './table.ts';

const HELP = `netlink-ts dump OBJECTS… [--json] [--netns NAME]

OBJECTS are any of links, addrs, routes, neighs, rules, vlans, fdb, nexthops, mdb, nsids,
addrLabels, vniFilters, netconfs, families (of generic netlink), sockets, conntrack, wireguard, ethtool,
devlink, qdiscs, classes, filters, chains and actions (of tc), states and policies (of xfrm).

  --json           JSON, one object per line, with all attributes; for several OBJECTS, one list for each
  --netns NAME     in this network namespace: a name of ip-netns(8) or a path
  --dev NAME       only for this link (addrs, routes, neighs, vlans, fdb, nexthops, mdb, vniFilters, and
                   those of tc)
  --master NAME    only with this master (links, neighs, fdb, nexthops)
  --kind KIND      only links of this kind: bridge, veth, …
  --family FAMILY  inet or inet6 (addrs, routes, neighs, rules, nexthops, netconfs)
  --table TABLE    only routes of this table: a number, main, local or default
  --stats          with counters (links, vlans, vniFilters)
`;

const OPTIONS = {
  json: { type: 'boolean', default: false },
  netns: { type: 'string' },
  dev: { type: 'string' },
  master: { type: 'string' },
  kind: { type: 'string' },
  family: { type: 'string' },
  table: { type: 'string' },
  stats: { type: 'boolean' },
} as const;

type Filter = Readonly<Partial<Record<keyof typeof OPTIONS, string | boolean>>>;
/** The options that a type of object can be filtered by, and how it is listed. */
interface Listing {
  readonly by: readonly string[];
  list(rt: Rtnl, filter: any): Iterable<unknown>;
  /** Those of `COLUMNS` by default. */
  readonly columns?: Columns<any>;
}

/** Objects of other families than rtnetlink, whose declarations are loaded when they are named. */
const LOADED: Readonly<Record<string, (netns: string | undefined) => Promise<Listing>>> = {
  families: async (netns) => (await import('./families-listing.ts')).familiesListing(netns),
  conntrack: async (netns) => (await import('./conntrack-listing.ts')).conntrackListing(netns),
  ethtool: async (netns) => (await import('./ethtool-listing.ts')).ethtoolListing(netns),
  devlink: async (netns) => (await import('./devlink-listing.ts')).devlinkListing(netns),
  wireguard: async (netns) => (await import('./wireguard-listing.ts')).wireguardListing(netns),
  qdiscs: async (netns) => (await import('./tc-listing.ts')).tcListings(netns).qdiscs,
  classes: async (netns) => (await import('./tc-listing.ts')).tcListings(netns).classes,
  states: async (netns) => (await import('./xfrm-listing.ts')).xfrmListings(netns).states,
  policies: async (netns) => (await import('./xfrm-listing.ts')).xfrmListings(netns).policies,
  filters: async (netns) => (await import('./tc-listing.ts')).tcListings(netns).filters,
  chains: async (netns) => (await import('./tc-listing.ts')).tcListings(netns).chains,
  actions: async (netns) => (await import('./tc-listing.ts')).tcListings(netns).actions,
  sockets: async (netns) => (await import('./sockets-listing.ts')).socketsListing(netns),
};

const LISTINGS: Readonly<Record<string, Listing>> = {
  links: { by: ['master', 'kind', 'stats'], list: (rt, filter) => rt.links.dump(filter) },
  addrs: { by: ['dev', 'family'], list: (rt, filter) => rt.addrs.dump(filter) },
  routes: { by: ['dev', 'family', 'table'], list: (rt, filter) => rt.routes.dump(filter) },
  neighs: { by: ['dev', 'family', 'master'], list: (rt, filter) => rt.neighs.dump(filter) },
  rules: { by: ['family'], list: (rt, filter) => rt.rules.dump(filter) },
  vlans: { by: ['dev', 'stats'], list: (rt, filter) => rt.vlans.list(filter) },
  fdb: { by: ['dev', 'master'], list: (rt, filter) => rt.fdb.dump(filter) },
  nexthops: { by: ['dev', 'family', 'master'], list: (rt, filter) => rt.nexthops.dump(filter) },
  mdb: { by: ['dev'], list: (rt, filter) => rt.mdb.list(filter) },
  nsids: { by: [], list: (rt) => rt.nsids.list() },
  vniFilters: { by: ['dev', 'stats'], list: (rt, filter) => rt.vniFilters.list(filter) },
  netconfs: { by: ['family'], list: (rt, filter) => rt.netconfs.dump(filter) },
  addrLabels: { by: [], list: (rt) => rt.addrLabels.dump(), columns: ADDR_LABEL_COLUMNS },
};

export const dump: Command = {
  summary: 'list links, addresses, routes, … as a table or as JSON',
  help: HELP,
  async run(args, output) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
    });
    const kinds = [...new Set(positionals)];
    const known = [...Object.keys(LISTINGS), ...Object.keys(LOADED)];
    if (kinds.length === 0) throw new UsageError(`name what to dump: ${known.join(', ')}`);
    const unknown = kinds.find((kind) => !known.includes(kind));
    if (unknown !== undefined) {
      throw new UsageError(
        `${jsonText(unknown)} cannot be dumped, only ${known.join(', ')}${didYouMean(unknown, known)}`,
      );
    }
    const { json, netns, ...rest } = values;
    const filter: Filter = {
      ...rest,
      ...(rest.table && { table: tableOf(rest.table) }),
      // As they are printed.
      ...(rest.dev && { dev: fromPrintable(rest.dev) }),
      ...(rest.master && { master: fromPrintable(rest.master) }),
    };
    const listings: Listing[] = [];
    for (const kind of kinds) listings.push(LISTINGS[kind] ?? (await LOADED[kind]!(netns)));
    for (const [i, { by }] of listings.entries()) {
      const alien = Object.keys(filter).find((option) => !by.includes(option));
      if (alien !== undefined) throw new UsageError(`${kinds[i]} cannot be filtered by --${alien}`);
    }
    using rt = open({ netns });
    const objects = listings.map(({ list }, i) => [kinds[i]!, list(rt, filter)] as const);
    if (json && kinds.length === 1) writeJson(objects[0]![1], output);
    else if (json) writeJsonOfAll(objects, output);
    else {
      objects.forEach(([kind, each], i) => {
        const columns = listings[i]!.columns ?? COLUMNS[kind as keyof MonitoredObjects];
        writeTable(kind, columns, each, rt, output, i, kinds.length);
      });
    }
    if (filter.kind !== undefined) hintKind(String(filter.kind), rt, output);
    return 0;
  },
};

/** An unknown kind without links is probably a typo. */
function hintKind(kind: string, rt: Rtnl, output: Output): void {
  const known = linkKinds.words();
  if (known.includes(kind)) return;
  const [first] = rt.links.list({ kind });
  if (first === undefined)
    output.note(`no link is of kind ${jsonText(kind)}${didYouMean(kind, known)}\n`);
}

const tableOf = (text: string): string => (/^\d+$/.test(text) ? (Number(text) as never) : text);

/** A JSON array, written as the objects arrive: a routing table may have a million entries. */
function writeJson(objects: Iterable<unknown>, output: Output, end = '\n'): void {
  let before = '[\n';
  let text = '';
  for (const object of objects) {
    text += before + jsonText(toJson(object));
    before = ',\n';
    if (text.length > 65536) {
      output.write(text);
      text = '';
    }
  }
  output.write(before === '[\n' ? `[]${end}` : `${text}\n]${end}`);
}

/** An object with one list for each type of object. */
function writeJsonOfAll(
  all: readonly (readonly [kind: string, objects: Iterable<unknown>])[],
  output: Output,
): void {
  all.forEach(([kind, objects], i) => {
    output.write(`${i === 0 ? '{\n' : ',\n'}"${kind}": `);
    writeJson(objects, output, '');
  });
  output.write('\n}\n');
}

function writeTable(
  kind: string,
  columns: Columns<any>,
  objects: Iterable<unknown>,
  rt: Rtnl,
  output: Output,
  i: number,
  count: number,
): void {
  const names = linkNames(rt);
  const rows = [...objects].map((object) => cellsOf(columns, object, names));
  const text = table(Object.keys(columns), rows, output.colours, output.width);
  const title =
    count === 1 ? '' : `${i === 0 ? '' : '\n'}${styled(`# ${kind}`, 'dim', output.colours)}\n`;
  output.write(title + text);
}
