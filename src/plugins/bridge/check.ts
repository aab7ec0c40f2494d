/**
 * CHECK: is the attachment still as ADD made it? Everything is looked at before anything is said, so that one call tells all differences.
 *
 * What plugins later in the chain may rightly change is left alone: other addresses, routes and settings beside ours, the MTU of the
 * container's end, routes moved into other tables, a packet capture on the bridge.
 */
import { statSync } from 'node:fs';
import { closeAll, hostSide, side, type Side } from '../network.ts';
import { ipamOf } from '../ipam.ts';
import { requirePrevResult } from '../cni/config.ts';
import { CniError, INTERNAL, toCniError } from '../cni/errors.ts';
import { requireNetns } from '../cni/netns.ts';
import type { Interface, IpConfig, Result } from '../cni/result.ts';
import type { Invocation } from '../cni/skel.ts';
import { bridgeConfig, type BridgeConfig } from './config.ts';
import { checkContainer, type ContainerLink } from './check-container.ts';
import { checkHost } from './check-host.ts';
import { openFirewall } from './firewall.ts';

/** Collects what is not as expected. */
export class Differences {
  readonly found: string[] = [];

  /** Notes a difference between two values, told with both. */
  expect(what: string, expected: unknown, actual: unknown): void {
    if (expected !== actual) this.found.push(`${what} is ${actual}, expected ${expected}`);
  }

  note(difference: string): void {
    this.found.push(difference);
  }
}

/** What prevResult says of this attachment. */
export interface Expected {
  readonly config: BridgeConfig;
  readonly ifname: string;
  readonly own: Interface | undefined;
  /** Interfaces on the host, among them the host's end. */
  readonly onHost: readonly Interface[];
  /** Of this interface only. */
  readonly ips: readonly IpConfig[];
  readonly routes: NonNullable<Result['routes']>;
}

export function check(invocation: Invocation): void {
  const config = bridgeConfig(invocation);
  const previous = requirePrevResult(invocation.config);
  requireNetns(invocation.netns);
  const differences = new Differences();
  const { type } = config.ipam;
  if (type !== '') {
    try {
      ipamOf(type, invocation).check(previous);
    } catch (error) {
      differences.note(toCniError(error).message);
    }
  }
  const expected = expectation(config, invocation, previous, differences);
  const container = side(invocation.netns);
  let host: Side | undefined;
  try {
    host = hostSide();
    const link: ContainerLink | undefined = checkContainer(container, expected, differences);
    checkHost(host, expected, link, differences);
  } finally {
    closeAll(container, ...(host === undefined ? [] : [host]));
  }
  checkMasquerade(invocation, expected, differences);
  const { found } = differences;
  if (found.length === 0) return;
  const count = found.length === 1 ? '1 difference' : `${found.length} differences`;
  throw new CniError(
    INTERNAL,
    `${invocation.ifname} of ${invocation.containerId} is not as ADD made it: ${count}`,
    found.join('; '),
  );
}

function checkMasquerade(
  { containerId, ifname }: Invocation,
  { config, ips }: Expected,
  differences: Differences,
): void {
  const firewall = openFirewall(config);
  if (firewall === undefined) return;
  try {
    const addresses = ips.map(({ address }) => address);
    const entry = { network: config.name, containerId, ifname, addresses };
    for (const problem of firewall.masquerade.check(entry)) differences.note(problem);
  } finally {
    firewall.close();
  }
}

function expectation(
  config: BridgeConfig,
  { ifname, netns }: Invocation,
  previous: Result,
  differences: Differences,
): Expected {
  const interfaces = previous.interfaces ?? [];
  const inside = interfaces.filter(({ name, sandbox }) => name === ifname && sandbox);
  const own = inside.find(({ sandbox }) => isSame(sandbox!, netns));
  if (own === undefined) {
    const others = inside.map(({ sandbox }) => sandbox).join(', ') || 'none';
    differences.note(`prevResult has no interface ${ifname} in ${netns}, but in: ${others}`);
  }
  const index = own === undefined ? undefined : interfaces.indexOf(own);
  return {
    config,
    ifname,
    own,
    onHost: interfaces.filter(({ sandbox }) => !sandbox),
    ips: (previous.ips ?? []).filter((ip) => (ip.interface ?? index) === index),
    routes: previous.routes ?? [],
  };
}

/** A namespace may have several paths. */
function isSame(one: string, other: string): boolean {
  if (one === other) return true;
  try {
    const [a, b] = [one, other].map((path) => statSync(path, { bigint: true }));
    return a!.dev === b!.dev && a!.ino === b!.ino;
  } catch {
    return false;
  }
}
