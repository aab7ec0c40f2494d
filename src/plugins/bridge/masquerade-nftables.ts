/**
 * Masquerade by nf_tables over netlink: ADD, DEL and GC, each one transaction. The objects are those of `masquerade-table.ts`.
 *
 * A transaction that takes away the last element of a set takes the set away too, and the table with the last set. So it
 * is bound to what was read: when anybody changes the ruleset meanwhile the kernel refuses it, and it is planned again.
 */
import type { Connection, Request } from '../../netlink/connection.ts';
import { EEXIST, ENOENT, EPERM } from '../../netlink/errno.ts';
import { NetlinkError } from '../../netlink/errors.ts';
import type { Chain } from '../../nftables/chain.ts';
import * as change from '../../nftables/changes.ts';
import type { Elements, SetElement } from '../../nftables/element.ts';
import * as query from '../../nftables/queries.ts';
import type { NftSet } from '../../nftables/set.ts';
import type { Table } from '../../nftables/table.ts';
import { commit, transact, type Batch } from '../../nftables/transaction.ts';
import type { Masquerade, Masqueraded } from './masquerade.ts';
import { findProblems } from './masquerade-check.ts';
import {
  hostOf,
  isOfNetwork,
  ownerOf,
  placeOf,
  placeOfSet,
  type Place,
} from './masquerade-names.ts';
import * as ours from './masquerade-table.ts';
import { CHAIN, TABLE } from './masquerade-table.ts';

export const nftablesMasquerade = (connection: Connection): Masquerade => ({
  name: 'nftables',
  add(entry, others) {
    const addresses = add(connection, entry, others);
    return () => {
      if (addresses.length > 0) transact(connection, (b) => planDel(b, { ...entry, addresses }));
    };
  },
  del: (entry) => transact(connection, (b) => planDel(b, entry)),
  check: (entry) => transact(connection, (b) => findProblems(b, entry)),
  knows: (network) =>
    transact(connection, (b) => {
      const [table] = b.get(query.getTable(TABLE));
      const sets = table === undefined ? [] : b.list(query.listSets(TABLE));
      return sets.some(({ attrs }) => isOfNetwork(attrs.name ?? '', network));
    }),
  gc(network, valid) {
    const owners = new Set(valid.map(ownerOf));
    transact(connection, (b) => planGc(b, network, owners));
  },
});

/** Whether ADD can work: tried on a table of another name, in one transaction that leaves nothing. */
export function nftablesUsable(connection: Connection): boolean {
  const [{ error } = {}] = connection.batch([query.getTable(TABLE)]);
  if (error === undefined) return true;
  const probe = { family: 'inet', table: `${TABLE.table}_probe` } as const;
  const changes = [change.addTable(probe), change.deleteTable(probe)];
  const refused = error.errno === ENOENT ? commit(connection, changes) : error;
  if (refused?.errno === EPERM) throw refused;
  return refused === undefined;
}

/**
 * Most of the time all is there but the elements, and adding those is right whatever else happens in the meantime. When
 * that turns out to be wrong it is planned once more, bound.
 */
function add(
  connection: Connection,
  entry: Masqueraded,
  others: (() => readonly Masqueraded[]) | undefined,
): string[] {
  try {
    return transact(connection, (b) => planAdd(b, entry, others, false));
  } catch (error) {
    if (!(error instanceof NetlinkError) || ![EEXIST, ENOENT].includes(error.errno)) throw error;
    return transact(connection, (b) => planAdd(b, entry, others, true));
  }
}

interface Wanted {
  /** With prefix length. */
  readonly address: string;
  readonly place: Place;
  readonly owner: string;
}

const wantedOf = (entry: Masqueraded): Wanted[] =>
  entry.addresses.map((address) => ({
    address,
    place: placeOf(entry.network, address),
    owner: ownerOf(entry),
  }));

const placesOf = (wanted: readonly Wanted[]): Place[] => [
  ...new Map(wanted.map(({ place }) => [place.set, place])).values(),
];

/** Adds what is missing and returns the addresses that were not there before. */
function planAdd(
  b: Batch,
  entry: Masqueraded,
  others: (() => readonly Masqueraded[]) | undefined,
  bound: boolean,
): string[] {
  const wanted = wantedOf(entry);
  const places = placesOf(wanted);
  const { table, chain, sets, elements } = look(b, places, wanted);
  if (table === undefined) {
    b.push(ours.addTable());
    build(b, [...wanted, ...(others?.() ?? []).flatMap(wantedOf)]);
    return [...entry.addresses];
  }
  const missing = places.filter((_, i) => sets[i] === undefined);
  const lost = new Set(missing.map(({ set }) => set));
  const sound = chain !== undefined && chain.attrs.use === tableUse(table) - 1;
  if (!sound) restoreRules(b, chain);
  for (const place of missing) b.push(ours.addSet(place), ours.addRule(place));
  const added: string[] = [];
  let taken = false;
  for (const [i, { address, place, owner }] of wanted.entries()) {
    const holder = ours.ownerIn(elements[i]);
    if (holder === owner) continue;
    // The address was somebody else's before: IPAM gave it to us, so theirs is a leftover.
    if (holder !== undefined) b.push(ours.deleteElements(place.set, [hostOf(address)]));
    b.push(ours.addElements(place.set, [[hostOf(address), owner]]));
    taken ||= holder !== undefined;
    added.push(address);
  }
  if (missing.length > 0) {
    const own = new Set(wanted.map(({ address }) => hostOf(address)));
    const theirs = (others?.() ?? []).flatMap(wantedOf);
    addMembers(
      b,
      theirs.filter(({ place, address }) => lost.has(place.set) && !own.has(hostOf(address))),
    );
  }
  if (!bound && sound && missing.length === 0 && !taken) b.unbind();
  return added;
}

/** Chain, sets, rules and elements in a table that is new. */
function build(b: Batch, wanted: readonly Wanted[]): void {
  b.push(ours.addChain());
  for (const place of placesOf(wanted)) b.push(ours.addSet(place), ours.addRule(place));
  addMembers(b, wanted);
}

/** Elements of sets that are there. */
function addMembers(b: Batch, wanted: readonly Wanted[]): void {
  const bySet = new Map<string, Map<string, string>>();
  for (const { place, address, owner } of wanted) {
    const owners = bySet.get(place.set) ?? new Map<string, string>();
    // The first that asks for an address is the one that is being added now.
    if (!owners.has(hostOf(address))) owners.set(hostOf(address), owner);
    bySet.set(place.set, owners);
  }
  for (const [set, owners] of bySet) {
    for (const part of chunks([...owners])) b.push(ours.addElements(set, part));
  }
}

/** The chain, and a rule for each set that has none: somebody has flushed it. */
function restoreRules(b: Batch, chain: Chain | undefined): void {
  if (chain === undefined) b.push(ours.addChain());
  const rules = chain === undefined ? [] : b.list(query.listRules(CHAIN));
  const looked = new Set(rules.map(ours.setOfRule));
  for (const { attrs } of b.list(query.listSets(TABLE))) {
    const place = placeOfSet(attrs.name ?? '');
    if (place !== undefined && !looked.has(place.set)) b.push(ours.addRule(place));
  }
}

const tableUse = ({ attrs }: Table): number => attrs.use ?? 0;

/** What there is of it, in one exchange. */
function look(
  b: Batch,
  places: readonly Place[],
  wanted: readonly Wanted[],
): {
  table: Table | undefined;
  chain: Chain | undefined;
  sets: (NftSet | undefined)[];
  elements: (Elements | undefined)[];
} {
  const [table, chain, ...rest] = b.get(
    query.getTable(TABLE),
    query.getChain(CHAIN),
    ...places.map(({ set }) => query.getSet({ ...TABLE, set }) as Request),
    ...wanted.map(({ place, address }) => ours.getElement(place.set, address) as Request),
  );
  return { table, chain, sets: rest.slice(0, places.length), elements: rest.slice(places.length) };
}

/** Elements to be taken away, by set. */
type Doomed = Map<string, (string | Uint8Array)[]>;

function doom(doomed: Doomed, set: string, key: string | Uint8Array): void {
  doomed.set(set, [...(doomed.get(set) ?? []), key]);
}

/** Takes away what the attachment owns: by its addresses, or, when they are not known any more, wherever it stands. */
function planDel(b: Batch, entry: Masqueraded): void {
  const owner = ownerOf(entry);
  const wanted = wantedOf(entry);
  const places = placesOf(wanted);
  const { table, sets, elements } = look(b, places, wanted);
  if (table === undefined) return;
  const counts = new Map<string, number | undefined>();
  places.forEach(({ set }, i) => counts.set(set, sets[i]?.attrs.count));
  const doomed: Doomed = new Map();
  wanted.forEach(({ place, address }, i) => {
    if (ours.ownerIn(elements[i]) === owner) doom(doomed, place.set, hostOf(address));
  });
  if (doomed.size === 0) {
    each(b, entry.network, (set, found) => {
      counts.set(set, found.length);
      for (const element of found) {
        if (ours.commentOf(element) === owner) doom(doomed, set, element.key!.value!);
      }
    });
  }
  takeAway(b, table, doomed, counts);
}

/** Takes away what is owned by others than `owners`. */
function planGc(b: Batch, network: string, owners: ReadonlySet<string>): void {
  const [table] = b.get(query.getTable(TABLE));
  if (table === undefined) return;
  const doomed: Doomed = new Map();
  const counts = new Map<string, number>();
  each(b, network, (set, found) => {
    counts.set(set, found.length);
    for (const element of found) {
      if (!owners.has(ours.commentOf(element))) doom(doomed, set, element.key!.value!);
    }
  });
  takeAway(b, table, doomed, counts);
}

/** All elements of a network, set by set. */
function each(
  b: Batch,
  network: string,
  call: (set: string, elements: readonly SetElement[]) => void,
): void {
  for (const { attrs } of b.list(query.listSets(TABLE))) {
    const set = attrs.name ?? '';
    if (!isOfNetwork(set, network)) continue;
    const messages = b.list(query.listElements({ ...TABLE, set }));
    call(
      set,
      messages.flatMap(({ attrs: a }) => a.elements ?? []),
    );
  }
}

/** Elements in one message: an attribute holds 64 KiB at most, an element takes up to 200 bytes of it. */
const CHUNK = 256;

function* chunks<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let i = 0; i < list.length; i += CHUNK) yield list.slice(i, i + CHUNK);
}

function takeAway(
  b: Batch,
  table: Table,
  doomed: Doomed,
  counts: ReadonlyMap<string, number | undefined>,
): void {
  const empty: string[] = [];
  for (const [set, keys] of doomed) {
    if (remaining(b, set, counts.get(set)) <= keys.length) {
      empty.push(set);
      continue;
    }
    for (const part of chunks(keys)) b.push(ours.deleteElements(set, part));
  }
  if (empty.length === 0) return;
  // All that is left would be the chain.
  if (tableUse(table) - empty.length <= 1) return b.push(change.deleteTable(TABLE));
  for (const { attrs, ...head } of b.list(query.listRules(CHAIN))) {
    const set = ours.setOfRule({ attrs, ...head });
    if (set !== undefined && empty.includes(set)) {
      b.push(change.deleteRule({ ...CHAIN, handle: attrs.handle! }));
    }
  }
  for (const set of empty) b.push(change.deleteSet({ ...TABLE, set }));
}

/** How many elements a set has. Kernels before 6.16 do not tell; what one message holds of the list is enough. */
function remaining(b: Batch, set: string, count: number | undefined): number {
  if (count !== undefined) return count;
  return b.peek(query.listElements({ ...TABLE, set }))?.attrs.elements?.length ?? 0;
}
