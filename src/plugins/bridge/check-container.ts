/** CHECK, the container's side: the interface, its addresses, its routes. */
import { checkAddresses, checkInterface, type Differences } from '../attach/check.ts';
import type { Side } from '../attach/side.ts';
import type { Expected } from './expectation.ts';

/** The values that the host's side has to match. */
export interface ContainerLink {
  readonly index: number;
  /** Index of the other end; undefined when it is not a veth pair. */
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
