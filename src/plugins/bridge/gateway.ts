/** The host as the container's router: gateway addresses on the bridge or on an interface of its VLAN, and forwarding. */
import { broadcastOf, conflicts, familyOf } from '../addressing.ts';
import { aliasOf, attachmentOf, type Attachment } from '../attachment.ts';
import { refuse, type Outcome, type Requests, type Side } from '../network.ts';
import { readSysctl, writeSysctl } from '../sysctl.ts';
import type { Transaction } from '../transaction.ts';
import type { Request } from '../../netlink/connection.ts';
import { EADDRNOTAVAIL, EEXIST } from '../../netlink/errno.ts';
import { CniError, INTERNAL, withPrefix } from '../cni/errors.ts';
import {
  addAddr,
  addrDump,
  deleteAddr,
  getAddr,
  type OwnAddr,
  type WireAddr,
} from '../wire/addr.ts';
import { linkDump, setLink } from '../wire/link.ts';
import type { BridgeConfig } from './config.ts';

/** The interface that has the gateway addresses. */
export interface Router {
  readonly name: string;
  readonly index: number;
  readonly mac: string;
  /** We made it in this call. */
  readonly created: boolean;
}

/**
 * Each gateway under its own name. What is there in its place is asked for as well. Throws for two of one network that cannot stand
 * on one router: the kernel would take both.
 */
export function gatewayRequests(
  { name, index, created }: Router,
  gateways: readonly string[],
): Requests<string> {
  const requests: Record<string, Request> = {};
  for (const local of gateways) {
    for (const other of gateways) {
      if (other === local) break;
      if (!conflicts(other, local)) continue;
      const reason = `${other} is a gateway of the same network; forceAddress keeps the last`;
      throw contradiction(name, local, reason);
    }
    requests[local] = addAddr(gatewayAddress(index, local));
    if (!created && familyOf(local) === 'inet6') {
      requests[present(local)] = getAddr(index, local.split('/')[0]!);
    }
  }
  return requests;
}

const present = (local: string): string => `present ${local}`;

const contradiction = (name: string, local: string, reason: string): CniError =>
  new CniError(
    INTERNAL,
    `failed to set bridge addr: "${name}" already has an IP address different from ${local}`,
    reason,
  );

/** Takes the addresses off that were put on; those of a router that we made go with it. */
export function undoGateways(
  host: Side,
  { index, created }: Router,
  gateways: readonly string[],
  { failed }: Outcome<string>,
): void {
  if (created) return;
  for (const local of gateways) {
    if (failed[local] === undefined) host.rt.request(deleteAddr(gatewayAddress(index, local)));
  }
}

/** Without duplicate address detection: the gateway has to answer from the first packet on. */
const gatewayAddress = (index: number, local: string): OwnAddr =>
  familyOf(local) === 'inet6'
    ? { index, local, flags: ['nodad'] }
    : { index, local, broadcast: broadcastOf(local) };

/**
 * Throws for an address that could not be set, or that stands beside another one which it contradicts. A router that was there
 * gets its own MAC address once more: a bridge follows its ports unless it was given.
 */
export function settleGateways(
  t: Transaction,
  host: Side,
  config: BridgeConfig,
  router: Router,
  gateways: readonly string[],
  { errno, failed, replies }: Outcome<string>,
): void {
  const { name, index, created, mac } = router;
  for (const local of gateways) {
    if (errno[local] !== EEXIST) {
      refuse(failed[local], `could not add IP address ${local} to "${name}"`);
    }
    if (errno[present(local)] !== EADDRNOTAVAIL) {
      refuse(failed[present(local)], `could not look for ${local} on "${name}"`);
    }
  }
  const added: string[] = [];
  const unlike: string[] = [];
  for (const local of gateways) {
    if (errno[local] === undefined) added.push(local);
    // The kernel takes IPv6 addresses for equal that differ in their prefix length.
    const there = replies[present(local)] as WireAddr | undefined;
    if (there !== undefined && !local.endsWith(`/${there.prefixlen}`)) unlike.push(local);
  }
  if (created || added.length + unlike.length === 0) return;
  const all = host.rt.list(addrDump(index));
  for (const local of [...added, ...unlike]) {
    const others = all.filter((each) => each.local !== local && conflicts(each.local, local));
    for (const other of others) {
      if (!config.forceAddress) {
        throw contradiction(name, local, `it has ${other.local}; forceAddress replaces it`);
      }
      const spec = { index, local: other.local };
      t.step(
        'replaced address',
        () => host.rt.request(deleteAddr(spec)),
        () => host.rt.request(addAddr(spec)),
      );
    }
    if (unlike.includes(local)) {
      const spec = gatewayAddress(index, local);
      t.step(
        'replacing address',
        () => host.rt.request(addAddr(spec)),
        () => host.rt.request(deleteAddr(spec)),
      );
    }
  }
  t.step('bridge MAC address', () => host.rt.request(setLink(index, { address: mac })));
}

export const FORWARDING = {
  inet: 'net/ipv4/ip_forward',
  inet6: 'net/ipv6/conf/all/forwarding',
} as const;

/** Lets the host pass packets between the bridge and the world, for the families that have a gateway. */
export function enableForwarding(
  t: Transaction,
  host: Side,
  attachment: Attachment,
  gateways: readonly string[],
): void {
  for (const gateway of gateways) {
    const name = FORWARDING[familyOf(gateway)];
    const before = readSysctl(name);
    if (before === '1') continue;
    t.step(
      name,
      () => withPrefix('failed to enable forwarding: ', () => writeSysctl(name, '1')),
      () => {
        if (!hasOthers(host, attachment)) host.within(() => writeSysctl(name, before));
      },
    );
  }
}

/**
 * Whether another ADD has meanwhile come to rely on what this one made: the bridge has other attachments of this network, or
 * the host, where no bridge is given, others of any network.
 */
export function hasOthers(host: Side, attachment: Attachment, bridge?: number): boolean {
  const own = aliasOf(attachment);
  const links = host.rt.list(
    linkDump(bridge === undefined ? { kind: 'veth' } : { master: bridge }),
  );
  return links.some(({ attrs: { ifalias } }) => {
    if (ifalias === undefined || ifalias === own) return false;
    const other = attachmentOf(ifalias);
    return other !== undefined && (bridge === undefined || other.network === attachment.network);
  });
}
