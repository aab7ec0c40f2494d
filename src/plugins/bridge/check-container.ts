/** CHECK, the container's side: the interface, its addresses, its routes. */
import { checkAddresses, checkInterface, type Differences } from '../attach/check.ts';
import type { Side } from '../attach/network.ts';
import type { Expected } from './check.ts';

/** What the host's side has to fit. */
export interface ContainerLink {
  readonly index: number;
  /** Index of the other end; undefined when it is no pair. */
  readonly peer: number | undefined;
  readonly mac: string;
  readonly mtu: number;
}

/** Undefined when there is no such interface. */
export function checkContainer(
  container: Side,
  expected: Expected,
  differences: Differences,
): ContainerLink | undefined {
  const { ifname, own, config } = expected;
  const link = checkInterface(container, ifname, 'veth', own, differences);
  if (link === undefined) return undefined;
  const { index, flags, attrs } = link;
  if (!config.disableContainerInterface) {
    differences.expect(`state of ${ifname}`, 'up', flags.includes('up') ? 'up' : 'down');
  }
  checkAddresses(container, index, expected, differences);
  return {
    index,
    peer: attrs.linkinfo?.kind === 'veth' ? attrs.link : undefined,
    mac: attrs.address ?? '',
    mtu: attrs.mtu ?? 0,
  };
}
