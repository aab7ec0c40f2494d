/**
 * Exceptions from masquerade that the administrator has made with iptables: rules that end its
 * POSTROUTING chain for our packets without a new source address, `-s 10.88.0.0/16 -d 10.200.0.0/24
 * -j ACCEPT`.
 *
 * Such a rule ends only its own chain, so it affects only later rules in the same chain. Therefore
 * the addresses that it may concern are masqueraded by the iptables programs, as in the reference.
 * That includes other containers of the network, which may have been attached before the exception
 * was made. A rule that gives a packet an address comes before our own chain in any case, because
 * of the priority.
 */
import type { Connection } from '../../netlink/connection.ts';
import { formatIpv4, formatIpv6 } from '../../ip.ts';
import { viewOf } from '../../netlink/codec/bytes.ts';
import { attachmentOf } from '../attach/attachment.ts';
import { getChain, getTable, listElements, listRules, type SetElement } from '../wire/nft.ts';
import { all, ask } from '../wire/nft-ask.ts';
import { readLegacyNat } from './legacy-rules.ts';
import type { Masquerade, Masqueraded, Others } from './backend.ts';
import { addRules } from './iptables.ts';
import { membersOf, ownerIn, placesOf } from './members.ts';
import {
  bytesOfHost,
  families,
  nftFamilyOf,
  MULTICAST,
  ownerOf,
  POSTROUTING,
  TABLE,
  type Family,
  type Place,
} from './rule-names.ts';
import { removeWhere } from './remove.ts';
import { mayEndChain, type OthersRule, type Source } from './others-rules.ts';
import { verdictOf } from './verdicts.ts';
import { hasLegacyNat } from './rule-tables.ts';

/** What an ADD finds in nf_tables, in its first exchange. */
export interface Surroundings {
  /** Whether our table exists. */
  readonly isThere: boolean;
  /**
   * The rules in POSTROUTING of iptables over nf_tables; for IPv6 only whether there are any,
   * because an exchange can have only one list.
   */
  readonly ip: readonly OthersRule<string>[];
  readonly hasIp6: boolean;
}

export function readSurroundings(connection: Connection): Surroundings {
  const [table, chain, rules] = ask(connection, [
    getTable(TABLE),
    getChain(POSTROUTING.ip6),
    all(listRules(POSTROUTING.ip)),
  ]);
  const { use = 0 } = chain[0]?.attrs ?? {};
  return {
    isThere: table.length > 0,
    ip: rules.map((rule) => verdictOf(rule, 'ip')),
    hasIp6: use > 0,
  };
}

/** The families in which an exception may concern one of the addresses. */
export function exceptedFamilies(
  connection: Connection,
  found: Surroundings,
  entry: Masqueraded,
): Family[] {
  const excepted: Family[] = [];
  for (const family of families) {
    const sources = sourcesOf(family, entry.addresses);
    if (sources.length === 0) continue;
    const isKept = keptByNft(connection, found, family, sources) || keptByLegacy(family, sources);
    if (isKept) excepted.push(family);
  }
  return excepted;
}

function sourcesOf(family: Family, addresses: readonly string[]): Source[] {
  const sources: Source[] = [];
  for (const address of addresses) {
    if (nftFamilyOf(address) === family) sources.push(sourceOf(address, MULTICAST[family]));
  }
  return sources;
}

const sourceOf = (address: string, multicast: string): Source => ({
  host: bytesOfHost(address),
  bits: bitsOf(address),
  multicast: { host: bytesOfHost(multicast), bits: bitsOf(multicast) },
});

const bitsOf = (cidr: string): number => Number(cidr.slice(cidr.indexOf('/') + 1));

function keptByNft(
  connection: Connection,
  { ip, hasIp6 }: Surroundings,
  family: Family,
  sources: readonly Source[],
): boolean {
  if (family === 'ip' ? ip.length === 0 : !hasIp6) return false;
  const first = POSTROUTING[family];
  return mayEndChain(first.chain as string, sources, (chain) => {
    if (family === 'ip' && chain === first.chain) return ip;
    const [rules] = ask(connection, [all(listRules({ ...first, chain }))]);
    return rules.map((rule) => verdictOf(rule, family));
  });
}

function keptByLegacy(family: Family, sources: readonly Source[]): boolean {
  if (!hasLegacyNat(family)) return false;
  const rules = readLegacyNat(family);
  return rules !== undefined && mayEndChain(rules.postrouting, sources, rules.rulesOf);
}

/**
 * Masquerades the addresses of those families by iptables, and the rest by nf_tables. Returns a
 * function that undoes it.
 */
export function addExcepted(
  connection: Connection,
  members: Masquerade,
  excepted: readonly Family[],
  entry: Masqueraded,
  others: Others = () => [],
): () => void {
  const [kept, rest]: [string[], string[]] = [[], []];
  for (const address of entry.addresses) {
    (excepted.includes(nftFamilyOf(address)) ? kept : rest).push(address);
  }
  const own = { ...entry, addresses: kept };
  const places = placesOf(membersOf(own));
  const moving = membersIn(connection, places, ownerOf(entry));
  const undo = addRules(own, others, moving);
  try {
    const owners = new Set(moving.map(ownerOf));
    if (owners.size > 0) {
      const sets = places.map(({ set }) => set);
      removeWhere(connection, entry.network, (elements, set) => {
        if (!sets.includes(set)) return [];
        return elements.filter((element) => owners.has(ownerIn(element)));
      });
    }
    if (rest.length === 0) return undo;
    const undoRest = members.add({ ...entry, addresses: rest }, others);
    return () => {
      try {
        undoRest();
      } finally {
        undo();
      }
    };
  } catch (error) {
    undo();
    throw error;
  }
}

/**
 * The attachments that nf_tables masquerades in these places. An owner whose name was too long for
 * a comment cannot be read from it, and stays.
 */
function membersIn(connection: Connection, places: readonly Place[], but: string): Masqueraded[] {
  const members: Masqueraded[] = [];
  for (const { set, subnet } of places) {
    const [messages] = ask(connection, [all(listElements({ ...TABLE, set }))]);
    for (const element of messages.flatMap(({ attrs }) => attrs.elements ?? [])) {
      const attachment = attachmentOf(ownerIn(element));
      if (attachment === undefined || ownerIn(element) === but) continue;
      const address = `${hostIn(element)}/${bitsOf(subnet)}`;
      members.push({ ...attachment, addresses: [address] });
    }
  }
  return members;
}

function hostIn({ key }: SetElement): string {
  const bytes = key!.value!;
  return (bytes.length === 4 ? formatIpv4 : formatIpv6)(viewOf(bytes), 0);
}
