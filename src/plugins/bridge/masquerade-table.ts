/**
 * What stands in our nf_tables table: one table for all networks, in it for each subnet of a network one set and one rule.
 *
 *     table inet cni_netlink_ts {
 *       set ip_net1_10.1.2.0/24 {
 *         type ipv4_addr
 *         elements = { 10.1.2.3 comment "net1/c1/eth0" }
 *       }
 *       chain postrouting {
 *         type nat hook postrouting priority srcnat; policy accept;
 *         ip saddr @ip_net1_10.1.2.0/24 ip daddr != 10.1.2.0/24 ip daddr != 224.0.0.0/4 masquerade
 *       }
 *     }
 *
 * A table of our own, because the reference rewrites the chain of its table on every ADD. A set for each subnet, because an address is
 * let through to its own subnet only, also where a network has several; sets for each network, so that two networks with
 * the same subnet do not take elements from each other. The sets are hash tables: to add an element costs the same beside ten
 * and beside ten thousand. A map of verdicts (the kernel walks all of it on each change) and a set of ranges (it copies
 * all of it) do not have that; and NAT rules see only the first packet of a connection, so a rule for each subnet is cheap.
 */
import type { Request } from '../../netlink/connection.ts';
import * as change from '../../nftables/changes.ts';
import type { Elements, SetElement } from '../../nftables/element.ts';
import { isKnown } from '../../nftables/expression.ts';
import { ip, ip6, rule } from '../../nftables/match.ts';
import * as query from '../../nftables/queries.ts';
import type { Rule } from '../../nftables/rule.ts';
import { masquerade } from '../../nftables/statement.ts';
import { hostOf, MULTICAST, type Place } from './masquerade-names.ts';

export const TABLE = { family: 'inet', table: 'cni_netlink_ts' } as const;
export const CHAIN = { ...TABLE, chain: 'postrouting' } as const;

export const addTable = (): Request =>
  change.addTable({ ...TABLE, comment: 'masquerade of container networks, kept by netlink-ts' });

export const addChain = (): Request =>
  change.addChain({
    ...CHAIN,
    type: 'nat',
    hook: 'postrouting',
    priority: 'srcnat',
    policy: 'accept',
  });

export const addSet = ({ set, family }: Place): Request =>
  change.addSet({ ...TABLE, set, type: family === 'ip' ? 'ipv4_addr' : 'ipv6_addr' });

export function addRule(place: Place): Request {
  return change.addRule({ ...CHAIN, expressions: ruleOf(place) });
}

/** `ip saddr @set ip daddr != subnet ip daddr != 224.0.0.0/4 masquerade` */
export function ruleOf({ family, set, subnet }: Place): ReturnType<typeof rule> {
  const { saddr, daddr } = family === 'ip' ? ip : ip6;
  const elsewhere = [daddr.not(subnet), daddr.not(MULTICAST[family])];
  return rule('inet', saddr.in(set), ...elsewhere, masquerade());
}

/** The set that a rule of our chain looks up. */
export function setOfRule({ attrs }: Rule): string | undefined {
  for (const each of attrs.expressions ?? []) {
    if (isKnown(each) && each.name === 'lookup') return each.data?.set;
  }
  return undefined;
}

/** Addresses with their owners. */
export const addElements = (
  set: string,
  owners: readonly (readonly [address: string, owner: string])[],
): Request =>
  change.addElements({
    ...TABLE,
    set,
    exclusive: true,
    elements: owners.map(([key, comment]) => ({ key, comment })),
  });

export const deleteElements = (set: string, keys: readonly (string | Uint8Array)[]): Request =>
  change.deleteElements({ ...TABLE, set, elements: keys.map((key) => ({ key })) });

export const getElement = (set: string, address: string): ReturnType<typeof query.getElement> =>
  query.getElement({ ...TABLE, set, key: hostOf(address) });

/** The owner of the first element of an answer; undefined without an element. */
export const ownerIn = (found: Elements | undefined): string | undefined =>
  found === undefined ? undefined : commentOf(found.attrs.elements?.[0]);

/** An element that somebody made by hand has no comment: nobody's. */
export const commentOf = (element: SetElement | undefined): string =>
  element?.userdata?.comment ?? '';
