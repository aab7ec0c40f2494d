/**
 * What ADD would ask of the kernel, tried in a namespace that nobody else sees. Whether addresses
 * and routes are accepted depends on so much kernel state (scopes, routers that earlier routes lead
 * to, metrics, the kind of the link) that only the kernel can say.
 */
import { NetlinkError } from '../../errors.ts';
import {
  CniError,
  INVALID_NETWORK_CONFIG,
  PLUGIN_NOT_AVAILABLE,
  toCniError,
} from '../../cni/errors.ts';
import type { IpConfig } from '../../cni/result.ts';
import { attachProtocol, getLink, setLink } from '../wire/rtnl.ts';
import { addressing, type Addressing, type AddressingOptions } from './addressing.ts';
import {
  addressMessages,
  enableInet6,
  inet6Need,
  requireInet6Mtu,
  routeMessages,
  type Device,
} from './container.ts';
import type { Prospect } from './ipam-upkeep.ts';
import { change } from './send.ts';
import { scratchSide, type Side } from './side.ts';
import { transaction, type Transaction } from './transaction.ts';

export interface Trial {
  readonly prospect: Prospect;
  readonly options: AddressingOptions;
  /** Of the container's interface, if it is known. */
  readonly mtu: number | undefined;
  /** Makes a link of this name as ADD does, ready to be brought up. */
  make(t: Transaction, side: Side, ifname: string): void;
  /** Sets the gateway addresses on another link. */
  route?(t: Transaction, side: Side, gateways: Addressing['gateways']): void;
}

/** A name for errors: STATUS is not told how the interface will be called. */
const IFNAME = 'eth0';
/**
 * The number of address choices that are tried; after that it counts as unknown whether one works.
 */
const MOST = 16;

/** Throws the error of ADD where the kernel refuses each choice of addresses that ADD has. */
export function requireAccepted(trial: Trial): void {
  let failure: unknown;
  let tried = 0;
  const { prospect, options, mtu } = trial;
  for (const ips of choices(prospect.candidates)) {
    if (tried++ === MOST) return;
    try {
      const wanted = addressing({ ips, routes: prospect.routes }, options);
      requireInet6Mtu(mtu, wanted);
      return inScratch((t, side) => tryOut(t, side, trial, wanted));
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure === undefined) return;
  const { code, msg, details } = toCniError(failure);
  if (code === INVALID_NETWORK_CONFIG) throw failure;
  throw new CniError(PLUGIN_NOT_AVAILABLE, msg, details, failure);
}

function inScratch(attempt: (t: Transaction, side: Side) => void): void {
  const side = openScratch();
  try {
    if (side !== undefined) transaction({ warn: () => {} }, (t) => attempt(t, side));
  } finally {
    side?.close();
  }
}

/** Undefined where this process may not make a namespace, which ADD need not do. */
function openScratch(): Side | undefined {
  try {
    return scratchSide(attachProtocol);
  } catch (error) {
    if (error instanceof NetlinkError && error.operation === 'unshare') return undefined;
    throw error;
  }
}

/** One address of each set of candidates, in every combination; nothing where a set is unknown. */
function* choices(
  [first, ...others]: Prospect['candidates'],
  chosen: readonly IpConfig[] = [],
): Generator<readonly IpConfig[]> {
  if (first === undefined) return yield chosen;
  for (const each of first) yield* choices(others, [...chosen, each]);
}

function tryOut(t: Transaction, side: Side, { make, route }: Trial, wanted: Addressing): void {
  make(t, side, IFNAME);
  const { replies } = change(t, 'link', side, {
    link: [getLink(IFNAME), 'failed to look up the link'],
  });
  const device: Device = { ifname: IFNAME, index: replies.link!.index };
  if (inet6Need(wanted) === 'address') side.within(() => enableInet6(t, side, IFNAME));
  change(t, 'addresses and routes', side, {
    ...addressMessages(device, wanted, false),
    up: [setLink(device.index, { flags: ['up'] }), `failed to set "${IFNAME}" UP`],
    ...routeMessages(device, wanted),
  });
  if (wanted.gateways.length > 0) route?.(t, side, wanted.gateways);
}
