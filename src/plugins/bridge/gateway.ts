/**
 * The host as the container's router: gateway addresses on the bridge or on an interface of its
 * VLAN, and forwarding.
 */
import { familyOf } from '../../ip.ts';
import { broadcastOf, conflicts } from '../attach/addressing.ts';
import { send, type RequiredMessage } from '../attach/send.ts';
import type { Side } from '../attach/side.ts';
import { readSysctl, writeSysctl } from '../attach/sysctl.ts';
import type { Transaction } from '../attach/transaction.ts';
import { EADDRNOTAVAIL, EEXIST } from '../../sys/errno.ts';
import { CniError, INTERNAL, withPrefix } from '../../cni/errors.ts';
import type { Addr } from '../../rtnl/addr/message.ts';
import { localOf, type AddrSpec } from '../../rtnl/addr/requests.ts';
import {
  addAddr,
  listAddrs,
  deleteAddr,
  removeAddr,
  restoreAddr,
  type Link,
} from '../wire/rtnl.ts';
import { others } from './others.ts';

/** The interface that has the gateway addresses. */
export interface Router {
  readonly name: string;
  readonly index: number;
  readonly mac: string;
  readonly flags: Link['flags'];
  /** What an error of its addresses begins with. */
  readonly failure: string;
  /** True when this call made it. */
  readonly created: boolean;
  /** True when its MAC address may change with other links. */
  readonly follows: boolean;
}

/** `failure` of a router, by where its addresses are. */
export const ON_BRIDGE = 'failed to set bridge addr';
export const IN_VLAN = 'failed to set vlan interface for bridge with addr';

/** What has to be done about the gateways. */
export interface GatewayPlan {
  readonly missing: readonly string[];
  /** Addresses that have to be removed. */
  readonly inTheWay: readonly Addr[];
  /** All existing addresses, in the kernel's order. */
  readonly present: readonly Addr[];
}

/**
 * Compares the gateways with the addresses on the router, before anything is changed. Throws for a
 * gateway that conflicts with an existing address or with another gateway: the kernel would accept
 * both.
 */
export function planGateways(
  host: Side,
  router: Router,
  gateways: readonly string[],
  forceAddress: boolean,
): GatewayPlan {
  for (const local of gateways) {
    for (const other of gateways) {
      if (other === local) break;
      if (!conflicts(other, local)) continue;
      const reason = `${other} is a gateway of the same network; forceAddress keeps the last`;
      throw contradiction(router, local, reason);
    }
  }
  if (router.created || gateways.length === 0) {
    return { missing: gateways, inTheWay: [], present: [] };
  }
  return compare(host, router, gateways, forceAddress);
}

/**
 * As in the reference: an existing address after the gateway was added by somebody else, and stays.
 */
function compare(
  host: Side,
  router: Router,
  gateways: readonly string[],
  forceAddress: boolean,
): GatewayPlan {
  const present = host.rt.list(listAddrs({ index: router.index }));
  const missing: string[] = [];
  const inTheWay: Addr[] = [];
  for (const local of gateways) {
    let isThere = false;
    for (const each of present) {
      const there = localOf(each);
      isThere = there === local;
      if (isThere) break;
      if (!conflicts(there, local)) continue;
      if (!forceAddress) {
        throw contradiction(router, local, `it has ${there}; forceAddress replaces it`);
      }
      if (!inTheWay.includes(each)) inTheWay.push(each);
    }
    if (!isThere) missing.push(local);
  }
  // Together with an address, the kernel removes later ones of the same subnet, which may include
  // the gateway.
  return { missing: inTheWay.length > 0 ? gateways : missing, inTheWay, present };
}

const contradiction = ({ name, failure }: Router, local: string, reason: string): CniError =>
  new CniError(
    INTERNAL,
    `${failure}: "${name}" already has an IP address different from ${local}`,
    reason,
  );

export const changes = ({ missing, inTheWay }: GatewayPlan): boolean =>
  missing.length + inTheWay.length > 0;

/** A message for each address, under the text of the address; those for removal have a prefix. */
export function gatewayMessages(
  { index, name, failure }: Pick<Router, 'index' | 'name' | 'failure'>,
  { inTheWay, missing }: GatewayPlan,
): Record<string, RequiredMessage> {
  const messages: Record<string, RequiredMessage> = {};
  for (const each of inTheWay) {
    const local = localOf(each);
    messages[`in the way ${local}`] = [
      removeAddr(each),
      `${failure}: could not remove IP address ${local} from "${name}"`,
      // It was removed together with another one.
      EADDRNOTAVAIL,
    ];
  }
  for (const local of missing) {
    messages[local] = [
      addAddr(gatewayAddress(index, local)),
      `${failure}: could not add IP address ${local} to "${name}"`,
      // Another ADD was faster: `requireGateways`.
      EEXIST,
    ];
  }
  return messages;
}

/** Without duplicate address detection: the gateway has to answer from the first packet on. */
const gatewayAddress = (index: number, local: string): AddrSpec =>
  familyOf(local) === 'inet6'
    ? { index, local, flags: ['nodad'], scope: 'global' }
    : { index, local, scope: 'global', broadcast: broadcastOf(local) };

/** The errno of each message that was refused. */
type Errnos = Readonly<Record<string, number | undefined>>;

/** Throws for an address that another ADD has set meanwhile next to a conflicting one. */
export function requireGateways(
  host: Side,
  router: Router,
  { missing }: GatewayPlan,
  errno: Errnos,
): void {
  let isThere = false;
  for (const local of missing) isThere ||= errno[local] === EEXIST;
  // The kernel treats IPv6 addresses that differ only in their prefix length as equal.
  if (!isThere) return;
  const [gone] = compare(host, router, missing, false).missing;
  if (gone !== undefined) throw contradiction(router, gone, 'it was changed meanwhile');
}

/**
 * Removes what was added, and adds what was removed; a router that we made is removed completely.
 */
export function undoGateways(
  host: Side,
  { index, created }: Router,
  { missing, inTheWay, present }: GatewayPlan,
  errno: Errnos,
): void {
  if (created) return;
  for (const local of missing) {
    if (errno[local] === undefined) host.rt.request(deleteAddr(gatewayAddress(index, local)));
  }
  if (inTheWay.length > 0) restoreAddrs(host, present);
}

/** Sets those of the interface's former addresses that are gone. */
export function restoreAddrs(host: Side, addresses: readonly Addr[]): void {
  for (const each of addresses) {
    const { address } = send(host, { address: restoreAddr(each) }).refused;
    if (address !== undefined && address.errno !== EEXIST) throw address;
  }
}

export const FORWARDING = {
  inet: 'net/ipv4/ip_forward',
  inet6: 'net/ipv6/conf/all/forwarding',
} as const;

/**
 * Lets the host forward packets between the bridge and other networks, for the families that have a
 * gateway. `own`: as for `others`.
 *
 * To be called before the addresses are set. An IPv6 address without duplicate address detection
 * whose announcement the kernel has not made yet would join the subnet-router anycast group twice
 * (by this switch, and by the announcement), and leave it once (`dev_forward_change` and
 * `__ipv6_ifa_notify` in net/ipv6/addrconf.c): a failed ADD would leave a local route behind.
 */
export function enableForwarding(
  t: Transaction,
  host: Side,
  own: number,
  gateways: readonly string[],
): void {
  for (const gateway of gateways) {
    const name = FORWARDING[familyOf(gateway)];
    const before = readSysctl(name);
    if (before === '1') continue;
    const onHost = others(host, own);
    onHost.look();
    t.step(
      name,
      () => withPrefix('failed to enable forwarding: ', () => writeSysctl(name, '1')),
      () => {
        if (!onHost.haveCome()) host.within(() => writeSysctl(name, before));
      },
    );
  }
}
