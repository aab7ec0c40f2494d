/**
 * `flushConntrack`: the kernel's records of the connections of removed containers are deleted, so
 * that the next holder of an address neither gets packets that were meant for the last one, nor
 * inherits its translation, which lasts as long as packets keep coming.
 *
 * An address is known from the previous result, or from its lease. In all other cases (a DEL
 * without a result, with another IPAM than host-local) nothing is deleted.
 */
import type { Attachment } from '../../cni/config.ts';
import { ipamNetwork } from '../../cni/ipam-config.ts';
import type { Invocation } from '../../cni/skel.ts';
import { NetlinkError } from '../../errors.ts';
import { formatAddress, parseAddress } from '../../ip.ts';
import { leaseStoreConfig } from '../../ipam/policy/config.ts';
import { listLeases, type LeaseInfo } from '../../ipam/inspect.ts';
import type { Connection } from '../../netlink/connection.ts';
import { EINVAL, ENOENT, EOPNOTSUPP, EPROTONOSUPPORT } from '../../sys/errno.ts';
import { namedType } from '../attach/cleanup.ts';
import {
  connectCt,
  deleteConnection,
  isFrom,
  listConnectionsOf,
  type Way,
} from '../wire/conntrack.ts';

/** Deletes what an attachment leaves; `addresses` are those of its result. */
export function flushDetached(
  invocation: Invocation,
  { containerId, ifname }: Attachment,
  addresses: readonly string[],
): void {
  const isOwn = (lease: LeaseInfo): boolean =>
    lease.containerId === containerId && lease.ifname === ifname;
  const known = addresses.map((address) => address.split('/')[0]!);
  flush(known.length > 0 ? known : leased(invocation, isOwn));
}

/** Deletes what attachments leave that are not in `kept`. */
export function flushStale(invocation: Invocation, kept: readonly Attachment[]): void {
  const keys = new Set(kept.flatMap((each) => [each.containerId, keyOf(each)]));
  // A lease without an interface belongs to all interfaces of its container.
  flush(leased(invocation, (lease) => !keys.has(keyOf(lease))));
}

const keyOf = ({ containerId, ifname }: Pick<LeaseInfo, 'containerId' | 'ifname'>): string =>
  ifname === undefined ? containerId : `${containerId}/${ifname}`;

function leased(invocation: Invocation, isMeant: (lease: LeaseInfo) => boolean): string[] {
  if (namedType(invocation) !== 'host-local') return [];
  const { dataDir, name } = leaseStoreConfig(ipamNetwork(invocation.config, {}));
  return listLeases(dataDir, name)
    .filter(isMeant)
    .map(({ address }) => address);
}

function flush(addresses: readonly string[]): void {
  if (addresses.length === 0) return;
  let connection: Connection | undefined;
  try {
    connection = connectCt();
    for (const address of addresses) flushAddress(connection, address);
  } catch (error) {
    // A kernel that tracks nothing.
    if (!(error instanceof NetlinkError) || !WITHOUT.includes(error.errno)) throw error;
  } finally {
    connection?.close();
  }
}

const WAYS = ['tupleOrig', 'tupleReply'] as const satisfies Way[];
const WITHOUT = [EINVAL, EOPNOTSUPP, EPROTONOSUPPORT];

function flushAddress(connection: Connection, text: string): void {
  const address = parseAddress(text);
  if (address === undefined) return;
  const src = formatAddress(address);
  const family = address.family === 6 ? 'inet6' : 'inet';
  // Without its filter the kernel lists the connections of both directions at once.
  const filtered = family === 'inet' ? WAYS : WAYS.slice(0, 1);
  for (const filter of filtered) {
    const found = connection
      .list(listConnectionsOf(family, src, filter))
      .filter((each) => WAYS.some((way) => isFrom(each, src, way)));
    for (const { error } of connection.batch(found.map(deleteConnection))) {
      if (error !== undefined && error.errno !== ENOENT) throw error;
    }
  }
}
