/**
 * Masquerade by nf_tables, DEL and GC: with the last element of a set, the set and its rule are
 * removed too, and with the last set the table. So these transactions are bound to what was read.
 */
import type { Connection } from '../../netlink/connection.ts';
import { ENOENT } from '../../sys/errno.ts';
import { NetlinkError } from '../../errors.ts';
import {
  deleteElements,
  deleteRule,
  deleteSet,
  deleteTable,
  getTable,
  listElements,
  listRules,
  listSets,
  type SetElement,
  type Table,
} from '../wire/nft.ts';
import { tallyReader, type Tally } from '../wire/tally.ts';
import { all } from '../wire/nft-ask.ts';
import { transact, type Plan } from '../wire/nft-transaction.ts';
import type { Masqueraded, RemoveRules } from './backend.ts';
import { whereNftables } from './nft-connection.ts';
import { CHUNK, look, membersOf, ownerIn, placesOf, setOf } from './members.ts';
import { CHAIN, isOfNetwork, ownerOf, TABLE } from './rule-names.ts';

/** Removes what the attachment owns: at its addresses, or, when they are unknown, everywhere. */
export const removeMembers = (connection: Connection, entry: Masqueraded): void =>
  transact(connection, (p) => {
    if (!planRemoval(p, entry)) planSearch(p, entry);
  });

/** The rules of DEL that are in our table. */
export const removeOurs: RemoveRules = (connection, entry, attempt) => {
  if (connection === undefined) return;
  attempt(() => whereNftables(() => removeMembers(connection, entry)));
};

/**
 * Removes only the elements at its addresses: the undo step of an ADD, which does not touch what
 * existed before.
 */
export const undoMembers = (connection: Connection, entry: Masqueraded): void =>
  transact(connection, (p) => void planRemoval(p, entry));

/**
 * Removes what is owned by attachments to the network that are not in `kept`, which is called after
 * the elements have been read.
 */
export const collect = (
  connection: Connection,
  network: string,
  kept: () => ReadonlySet<string>,
): void =>
  removeWhere(connection, network, (elements) => {
    const owners = kept();
    return elements.filter((element) => !owners.has(ownerIn(element)));
  });

/** Removes the elements of a network's sets that are chosen after they have been read. */
export const removeWhere = (
  connection: Connection,
  network: string,
  choose: (elements: readonly SetElement[], set: string) => readonly SetElement[],
): void =>
  transact(connection, (p) => {
    removeFrom(p, network, (set) => {
      const [messages] = p.ask([all(listElements({ ...TABLE, set }))]);
      const elements = messages.flatMap(({ attrs }) => attrs.elements ?? []);
      return { count: elements.length, keys: choose(elements, set).map(({ key }) => key!.value!) };
    });
  });

/** Elements of one set that are to be removed. */
interface Removal {
  readonly set: string;
  readonly keys: readonly Uint8Array[];
  /** The number of elements in the set; undefined on a kernel that does not report it. */
  readonly count: number | undefined;
}

/** At the addresses. False when there is nothing of the attachment. */
function planRemoval(p: Plan, entry: Masqueraded): boolean {
  if (entry.addresses.length === 0) return false;
  const owner = ownerOf(entry);
  const members = membersOf(entry);
  const places = placesOf(members);
  const { table, sets, elements } = look(p, places, members);
  if (table === undefined) return true;
  const removals: Removal[] = [];
  for (let i = 0; i < places.length; i++) {
    const { set } = places[i]!;
    const keys: Uint8Array[] = [];
    for (let j = 0; j < members.length; j++) {
      if (members[j]!.place.set !== set || elements[j] === undefined) continue;
      if (ownerIn(elements[j]) === owner) keys.push(members[j]!.key);
    }
    if (keys.length > 0) removals.push({ set, keys, count: sets[i]?.count });
  }
  if (removals.length > 0) takeAway(p, table, removals);
  return removals.length > 0;
}

function planSearch(p: Plan, entry: Masqueraded): void {
  const owner = ownerOf(entry);
  removeFrom(p, entry.network, (set) => tallyOf(p, set, owner));
}

/** Removes from all sets of a network what `find` finds in each. */
function removeFrom(p: Plan, network: string, find: (set: string) => Tally): void {
  const [[table], sets] = p.ask([getTable(TABLE), all(listSets(TABLE))]);
  if (table === undefined) return;
  const removals: Removal[] = [];
  for (const { attrs } of sets) {
    const { name: set = '' } = attrs;
    if (!isOfNetwork(set, network)) continue;
    const { count, keys } = find(set);
    if (keys.length > 0) removals.push({ set, keys, count });
  }
  if (removals.length > 0) takeAway(p, table.attrs, removals);
}

/** The number of elements in a set, and which of them belong to an owner. */
function tallyOf(p: Plan, set: string, owner: string): Tally {
  const keys: Uint8Array[] = [];
  let count = 0;
  try {
    const reader = tallyReader(owner);
    for (const part of p.connection.list(listElements({ ...TABLE, set }), { reader })) {
      count += part.count;
      keys.push(...part.keys);
    }
  } catch (error) {
    // Removed meanwhile: then the ruleset has changed, and the changes are planned again.
    if (!(error instanceof NetlinkError) || error.errno !== ENOENT) throw error;
  }
  return { count, keys };
}

function takeAway(p: Plan, { use = 0 }: Table['attrs'], removals: readonly Removal[]): void {
  const { changes } = p;
  const empty: string[] = [];
  for (const { set, keys, count } of removals) {
    if ((count ?? tallyOf(p, set, '').count) <= keys.length) {
      empty.push(set);
      continue;
    }
    for (let i = 0; i < keys.length; i += CHUNK) {
      const elements = keys.slice(i, i + CHUNK).map((value) => ({ key: { value } }));
      changes.push(deleteElements({ ...TABLE, set, elements }));
    }
  }
  if (empty.length === 0) return;
  // Only the chain would be left.
  if (use - empty.length <= 1) {
    changes.push(deleteTable(TABLE));
    return;
  }
  const [rules] = p.ask([all(listRules(CHAIN))]);
  for (const rule of rules) {
    const set = setOf(rule);
    const { handle = 0n } = rule.attrs;
    if (set !== undefined && empty.includes(set)) changes.push(deleteRule({ ...CHAIN, handle }));
  }
  for (const set of empty) changes.push(deleteSet({ ...TABLE, set }));
}
