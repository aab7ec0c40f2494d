/**
 * Masquerade by nf_tables, ADD: most of the time everything exists except the elements. The objects
 * are described in `rule-names.ts`.
 *
 * Changes that depend on what was read are bound to it: when the ruleset has been changed in the
 * meantime the kernel refuses them, and they are planned again.
 */
import type { Connection, Request } from '../../netlink/connection.ts';
import { EEXIST, ENOENT } from '../../sys/errno.ts';
import { NetlinkError } from '../../errors.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.ts';
import type { SetElementInput } from '../../nftables/element/message.ts';
import { IP_HEADER } from '../../nftables/rules/ip-header.ts';
import {
  addAddressSet,
  addElements,
  addNatChain,
  addRule,
  addTable,
  deleteChain,
  deleteElements,
  listRules,
  listSets,
  type Chain,
} from '../wire/nft.ts';
import { all } from '../wire/nft-ask.ts';
import { transact, type Plan } from '../wire/nft-transaction.ts';
import type { Masqueraded, Others } from './backend.ts';
import {
  CHUNK,
  isAmong,
  look,
  membersOf,
  ownerIn,
  placesOf,
  setOf,
  type Member,
} from './members.ts';
import { CHAIN, hostOf, placeOfSet, TABLE, TABLE_COMMENT, type Place } from './rule-names.ts';
import { undoMembers } from './remove.ts';
import { ruleOf } from './rule.ts';

/**
 * Long after `srcnat` (100), where the chains of other programs are: the kernel calls the NAT
 * chains of a hook in the order of their priorities until one of them has set an address. So any
 * other rule for a source address has precedence over ours.
 */
const PRIORITY = 1000;

/** Adds what is missing; returns a function that undoes it. */
export function addMembers(connection: Connection, entry: Masqueraded, others: Others): () => void {
  let addresses: readonly string[] = [];
  const undo = (): void => {
    if (addresses.length > 0) undoMembers(connection, { ...entry, addresses });
  };
  const attempt = (bound: boolean): void =>
    transact(connection, (p) => {
      addresses = planAdd(p, entry, others, bound);
    });
  try {
    try {
      attempt(false);
    } catch (error) {
      if (!(error instanceof NetlinkError)) throw error;
      if (error.errno !== EEXIST && error.errno !== ENOENT) throw error;
      // Adding elements is always right, but an object they need was removed meanwhile. Try again,
      // bound to what is read.
      attempt(true);
    }
  } catch (error) {
    // If only reading the answer failed, all of it may have been done.
    try {
      undo();
    } catch {
      // The first error is the one to report.
    }
    throw error;
  }
  return undo;
}

function planAdd(p: Plan, entry: Masqueraded, others: Others, bound: boolean): string[] {
  const members = membersOf(entry);
  const places = placesOf(members);
  const { table, chain, sets, elements } = look(p, places, members);
  const { changes } = p;
  if (table === undefined) {
    changes.push(addTable({ ...TABLE, comment: TABLE_COMMENT }), addNatChain(CHAIN, PRIORITY));
    for (const other of others()) members.push(...membersOf(other));
    for (const place of placesOf(members)) pushPlace(changes, place);
    pushMembers(changes, members);
    return [...entry.addresses];
  }
  const { use = 0 } = table;
  const sound = chain?.hook?.priority === PRIORITY && chain.use === use - 1;
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
      // The element had another owner: IPAM assigned the address to us, so the other one is left
      // over.
      taken = true;
      const { key, place } = member;
      changes.push(
        deleteElements({ ...TABLE, set: place.set, elements: [{ key: { value: key } }] }),
      );
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

function pushPlace(changes: Request[], place: Place): void {
  const { family, set } = place;
  const type = family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
  changes.push(addAddressSet({ ...TABLE, set }, type, IP_HEADER[family].length), ruleFor(place));
}

const ruleFor = (place: Place): Request => addRule(CHAIN, ruleOf(place));

/** EEXIST when an element exists already. */
const NEW = NLM_F_CREATE | NLM_F_EXCL;

/**
 * Adds elements to existing sets. If several members have the same address, the first one gets it:
 * the one that is being added now.
 */
function pushMembers(changes: Request[], members: readonly Member[]): void {
  const seen = new Set<string>();
  for (const { set } of placesOf(members)) {
    let elements: SetElementInput[] = [];
    for (const { place, address, key, owner } of members) {
      if (place.set !== set || seen.has(`${set} ${hostOf(address)}`)) continue;
      seen.add(`${set} ${hostOf(address)}`);
      if (elements.length === CHUNK) elements = [];
      if (elements.length === 0) changes.push(addElements({ ...TABLE, set, elements }, NEW));
      elements.push({ key: { value: key }, userdata: { comment: owner } });
    }
  }
}

/**
 * Restores the chain, and a rule for each set without one: the table was flushed or the chain
 * moved.
 */
function restoreRules(p: Plan, chain: Chain['attrs'] | undefined): void {
  const looked = new Set<string>();
  if (chain?.hook?.priority !== PRIORITY) {
    if (chain !== undefined) p.changes.push(deleteChain(CHAIN));
    p.changes.push(addNatChain(CHAIN, PRIORITY));
  } else {
    const [rules] = p.ask([all(listRules(CHAIN))]);
    for (const rule of rules) looked.add(setOf(rule) ?? '');
  }
  const [sets] = p.ask([all(listSets(TABLE))]);
  for (const { attrs } of sets) {
    const { name = '' } = attrs;
    const place = placeOfSet(name);
    if (place !== undefined && !looked.has(name)) p.changes.push(ruleFor(place));
  }
}
