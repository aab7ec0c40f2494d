/**
 * Masquerade by nf_tables, ADD: most of the time all is there but the elements. The objects are those of `masquerade-table.ts`.
 *
 * What depends on what was read is bound to it: when anybody changes the ruleset meanwhile the kernel refuses it, and it is planned
 * again.
 */
import type { Connection, Request } from '../../netlink/connection.ts';
import { EEXIST, ENOENT } from '../../netlink/errno.ts';
import { NetlinkError } from '../../netlink/errors.ts';
import { addRule, listRules } from '../wire/nft-rule.ts';
import { addChain, addTable, getChain, getTable, type Used } from '../wire/nft-ruleset.ts';
import {
  addElements,
  addSet,
  deleteElements,
  getElement,
  getSet,
  listSets,
  type WireElement,
  type WireSet,
} from '../wire/nft-set.ts';
import { transact, type Plan } from '../wire/nft-transaction.ts';
import type { Masqueraded } from './masquerade.ts';
import {
  bytesOfHost,
  CHAIN,
  hostOf,
  MULTICAST,
  ownerOf,
  placeOf,
  placeOfSet,
  TABLE,
  TABLE_COMMENT,
  type Place,
} from './masquerade-names.ts';

/** Who else is to be masqueraded when nothing of their subnets is there. */
export type Others = () => readonly Masqueraded[];

/** Adds what is missing and returns the addresses that were not there before. */
export function addMembers(connection: Connection, entry: Masqueraded, others: Others): string[] {
  try {
    return transact(connection, (p) => planAdd(p, entry, others, false));
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    if (error.errno !== EEXIST && error.errno !== ENOENT) throw error;
    // Adding elements is right whatever else happens, but something was gone by then. Once more, bound.
    return transact(connection, (p) => planAdd(p, entry, others, true));
  }
}

/** An address and where it belongs. */
export interface Member {
  readonly place: Place;
  /** With prefix length. */
  readonly address: string;
  readonly key: Uint8Array;
  readonly owner: string;
}

export function membersOf(entry: Masqueraded): Member[] {
  const owner = ownerOf(entry);
  const members: Member[] = [];
  for (const address of entry.addresses) {
    const place = placeOf(entry.network, address);
    members.push({ place, address, key: bytesOfHost(address), owner });
  }
  return members;
}

/** Each once. */
export function placesOf(members: readonly Member[]): Place[] {
  const places: Place[] = [];
  for (const { place } of members) {
    if (!isAmong(places, place.set)) places.push(place);
  }
  return places;
}

function isAmong(places: readonly Place[], set: string): boolean {
  for (const place of places) if (place.set === set) return true;
  return false;
}

/** What there is of it. */
export interface Look {
  readonly table: Used | undefined;
  readonly chain: Used | undefined;
  /** By place. */
  readonly sets: readonly (WireSet | undefined)[];
  /** By member. */
  readonly elements: readonly (WireElement | undefined)[];
}

/** In one exchange. */
export function look(p: Plan, places: readonly Place[], members: readonly Member[]): Look {
  const requests: Request[] = [getTable(TABLE), getChain(CHAIN)];
  for (const { set } of places) requests.push(getSet({ ...TABLE, set }));
  for (const { place, key } of members) {
    requests.push(getElement({ ...TABLE, set: place.set, key }));
  }
  const found = p.ask(requests) as unknown[][];
  const sets: (WireSet | undefined)[] = [];
  const elements: (WireElement | undefined)[] = [];
  let at = 2;
  for (const _ of places) sets.push(found[at++]![0] as WireSet | undefined);
  for (const _ of members) elements.push((found[at++]![0] as WireElement[] | undefined)?.[0]);
  return {
    table: found[0]![0] as Used | undefined,
    chain: found[1]![0] as Used | undefined,
    sets,
    elements,
  };
}

function planAdd(p: Plan, entry: Masqueraded, others: Others, bound: boolean): string[] {
  const members = membersOf(entry);
  const places = placesOf(members);
  const { table, chain, sets, elements } = look(p, places, members);
  const { changes } = p;
  if (table === undefined) {
    changes.push(addTable({ ...TABLE, comment: TABLE_COMMENT }), addChain(CHAIN));
    for (const other of others()) members.push(...membersOf(other));
    for (const place of placesOf(members)) pushPlace(changes, place);
    pushMembers(changes, members);
    return [...entry.addresses];
  }
  const sound = chain !== undefined && chain.use === table.use - 1;
  if (!sound) restoreRules(p, chain);
  const missing: Place[] = [];
  for (let i = 0; i < places.length; i++) {
    if (sets[i] !== undefined) continue;
    missing.push(places[i]!);
    pushPlace(changes, places[i]!);
  }
  const wanted: Member[] = [];
  const added: string[] = [];
  let taken = false;
  for (let i = 0; i < members.length; i++) {
    const member = members[i]!;
    const holder = elements[i] === undefined ? undefined : ownerIn(elements[i]);
    if (holder === member.owner) continue;
    if (holder !== undefined) {
      // The address was somebody else's before: IPAM gave it to us, so theirs is a leftover.
      taken = true;
      const { key, place } = member;
      changes.push(deleteElements({ ...TABLE, set: place.set, elements: [{ key }] }));
    }
    wanted.push(member);
    added.push(member.address);
  }
  if (missing.length > 0) {
    for (const other of others()) {
      for (const member of membersOf(other)) {
        if (isAmong(missing, member.place.set)) wanted.push(member);
      }
    }
  }
  pushMembers(changes, wanted);
  if (!bound && sound && missing.length === 0 && !taken) p.unbind();
  return added;
}

/** An element that somebody made by hand has no comment: nobody's. */
export const ownerIn = (element: WireElement | undefined): string => element?.comment ?? '';

function pushPlace(changes: Request[], place: Place): void {
  changes.push(addSet({ ...TABLE, set: place.set, keys: place.family }), ruleFor(place));
}

const ruleFor = (place: Place): Request =>
  addRule({ ...CHAIN, packets: { ...place, multicast: MULTICAST[place.family] } });

/** Elements in one message: an attribute holds 64 KiB at most, an element takes up to 200 bytes of it. */
export const CHUNK = 256;

/** Elements of sets that are there. Of those that ask for an address the first has it: the one that is being added now. */
function pushMembers(changes: Request[], members: readonly Member[]): void {
  const seen = new Set<string>();
  for (const { set } of placesOf(members)) {
    let elements: WireElement[] = [];
    for (const { place, address, key, owner } of members) {
      if (place.set !== set || seen.has(`${set} ${hostOf(address)}`)) continue;
      seen.add(`${set} ${hostOf(address)}`);
      if (elements.length === CHUNK) elements = [];
      if (elements.length === 0) changes.push(addElements({ ...TABLE, set, elements }));
      elements.push({ key, comment: owner });
    }
  }
}

/** The chain, and a rule for each set that has none: somebody has flushed it. */
function restoreRules(p: Plan, chain: Used | undefined): void {
  const looked = new Set<string>();
  if (chain === undefined) {
    p.changes.push(addChain(CHAIN));
  } else {
    const [rules] = p.ask([listRules(CHAIN)]);
    for (const { set } of rules) if (set !== undefined) looked.add(set);
  }
  const [sets] = p.ask([listSets(TABLE)]);
  for (const { name } of sets) {
    const place = placeOfSet(name);
    if (place !== undefined && !looked.has(name)) p.changes.push(ruleFor(place));
  }
}
