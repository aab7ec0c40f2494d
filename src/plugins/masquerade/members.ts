/**
 * The parts of the masquerade table that concern one attachment: an element for each address, in
 * the set of its subnet.
 */
import type { Request } from '../../netlink/connection.ts';
import { getChain, getTable, type Used, type WireChain } from '../wire/nft-ruleset.ts';
import { getElement, getSet, type WireElement, type WireSet } from '../wire/nft-set.ts';
import type { Plan } from '../wire/nft-transaction.ts';
import type { Masqueraded } from './masquerade.ts';
import { bytesOfHost, CHAIN, ownerOf, placeOf, TABLE, type Place } from './names.ts';

/**
 * Elements in one message: an attribute has 64 KiB at most, of which an element takes up to 200
 * bytes.
 */
export const CHUNK = 256;

/** An address and the set that it belongs to. */
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

/** The places of the members, each once. */
export function placesOf(members: readonly Member[]): Place[] {
  const places: Place[] = [];
  for (const { place } of members) {
    if (!isAmong(places, place.set)) places.push(place);
  }
  return places;
}

export function isAmong(places: readonly Place[], set: string): boolean {
  for (const place of places) if (place.set === set) return true;
  return false;
}

/** The existing objects. */
export interface Look {
  readonly table: Used | undefined;
  readonly chain: WireChain | undefined;
  /** In the order of the places. */
  readonly sets: readonly (WireSet | undefined)[];
  /** In the order of the members. */
  readonly elements: readonly (WireElement | undefined)[];
}

/** Reads all of them in one exchange. */
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
    chain: found[1]![0] as WireChain | undefined,
    sets,
    elements,
  };
}

/** An element that was made by hand has no comment, and so no owner. */
export const ownerIn = (element: WireElement | undefined): string => element?.comment ?? '';
