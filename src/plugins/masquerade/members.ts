/**
 * The parts of the masquerade table that concern one attachment: an element for each address, in
 * the set of its subnet.
 */
import type { Request } from '../../netlink/connection.ts';
import {
  getChain,
  getElement,
  getSet,
  getTable,
  type Chain,
  type Elements,
  type NftSet,
  type Rule,
  type SetElement,
  type Table,
} from '../wire/nft.ts';
import type { Plan } from '../wire/nft-transaction.ts';
import type { Masqueraded } from './backend.ts';
import { bytesOfHost, CHAIN, ownerOf, placeOf, TABLE, type Place } from './rule-names.ts';

/**
 * Elements in one message: an attribute holds at most 64 KiB, and an element takes up to 200 bytes.
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
  readonly table: Table['attrs'] | undefined;
  readonly chain: Chain['attrs'] | undefined;
  /** In the order of the places. */
  readonly sets: readonly (NftSet['attrs'] | undefined)[];
  /** In the order of the members. */
  readonly elements: readonly (SetElement | undefined)[];
}

/** Reads all of them in one exchange. */
export function look(p: Plan, places: readonly Place[], members: readonly Member[]): Look {
  const requests: Request[] = [getTable(TABLE), getChain(CHAIN)];
  for (const { set } of places) requests.push(getSet({ ...TABLE, set }));
  for (const { place, key } of members) {
    requests.push(getElement({ ...TABLE, set: place.set, key }));
  }
  const found = p.ask(requests) as { readonly attrs: any }[][];
  const sets: (NftSet['attrs'] | undefined)[] = [];
  const elements: (SetElement | undefined)[] = [];
  let at = 2;
  for (const _ of places) sets.push(found[at++]![0]?.attrs);
  for (const _ of members) {
    elements.push((found[at++]![0] as Elements | undefined)?.attrs.elements?.[0]);
  }
  return {
    table: found[0]![0]?.attrs,
    chain: found[1]![0]?.attrs,
    sets,
    elements,
  };
}

/** An element that was made by hand has no comment, and so no owner. */
export const ownerIn = (element: SetElement | undefined): string =>
  element?.userdata?.comment ?? '';

/** The set in which a rule looks up addresses. */
export function setOf({ attrs }: Rule): string | undefined {
  for (const { name, data } of attrs.expressions ?? []) {
    if (name === 'lookup') return (data as { readonly set?: string } | undefined)?.set;
  }
  return undefined;
}
