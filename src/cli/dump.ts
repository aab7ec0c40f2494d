/** `netlink-ts dump`: objects as a table or as JSON. */
import { parseArgs } from 'node:util';
import { toJson } from '../netlink/json.ts';
import { open, type Rtnl } from '../rtnl/open.ts';
import type { Watchable } from '../rtnl/news.ts';
import { cells, COLUMNS, linkNames } from './columns.ts';
import { UsageError, type Command, type Output } from './command.ts';
import { table } from './table.ts';

const HELP = `netlink-ts dump OBJECTS [--json] [--netns NAME]

OBJECTS is links, addrs, routes, neighs, rules, vlans, fdb, nexthops, mdb or nsids.

  --json           JSON, one object in a line, with all attributes
  --netns NAME     in this network namespace: a name of ip-netns(8) or a path
  --dev NAME       only of this link (addrs, routes, neighs, vlans, fdb, nexthops, mdb)
  --master NAME    only with this master (links, neighs, fdb, nexthops)
  --kind KIND      only links of this kind: bridge, veth, …
  --family FAMILY  inet or inet6 (addrs, routes, neighs, rules, nexthops)
  --table TABLE    only routes of this table: a number, main, local or default
  --stats          with counters (links, vlans)
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
/** Which of the options an object can be chosen by, and how it is listed. */
interface Listing {
  readonly by: readonly string[];
  list(rt: Rtnl, filter: any): Iterable<unknown>;
}

const LISTINGS: Partial<Record<keyof Watchable, Listing>> = {
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
};

export const dump: Command = {
  summary: 'list links, addresses, routes, … as a table or as JSON',
  help: HELP,
  run(args, output) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: OPTIONS,
      allowPositionals: true,
    });
    const [kind, ...more] = positionals as (keyof Watchable)[];
    const listing = LISTINGS[kind as keyof typeof LISTINGS];
    if (listing === undefined || more.length > 0) {
      throw new UsageError(`one of ${Object.keys(LISTINGS).join(', ')} is to be dumped`);
    }
    const { json, netns, ...rest } = values;
    const filter: Filter = { ...rest, ...(rest.table && { table: tableOf(rest.table) }) };
    const alien = Object.keys(filter).find((option) => !listing.by.includes(option));
    if (alien !== undefined) throw new UsageError(`${kind} cannot be chosen by --${alien}`);
    using rt = open({ netns });
    const objects = listing.list(rt, filter);
    if (json) writeJson(objects, output);
    else writeTable(kind!, objects, rt, output);
    return 0;
  },
};

const tableOf = (text: string): string => (/^\d+$/.test(text) ? (Number(text) as never) : text);

/** A JSON array that is written as it comes: a table of routes may have a million of them. */
function writeJson(objects: Iterable<unknown>, output: Output): void {
  let before = '[\n';
  let text = '';
  for (const object of objects) {
    text += before + JSON.stringify(toJson(object));
    before = ',\n';
    if (text.length > 65536) {
      output.write(text);
      text = '';
    }
  }
  output.write(before === '[\n' ? '[]\n' : `${text}\n]\n`);
}

function writeTable(
  kind: keyof Watchable,
  objects: Iterable<unknown>,
  rt: Rtnl,
  output: Output,
): void {
  const names = linkNames(rt);
  const rows = [...objects].map((object) => cells(kind, object as never, names));
  output.write(table(Object.keys(COLUMNS[kind]), rows, output.colours));
}
