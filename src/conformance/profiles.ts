/**
 * How each plugin is configured for the cases. A plugin that is not in this list is asked only
 * about the protocol.
 */
import type { Rtnl } from '../rtnl/open.ts';

/**
 * `interface` plugins make one in the container, `ipam` plugins answer with addresses, `loopback`
 * sets `lo` up, `other` is everything else.
 */
export type Kind = 'interface' | 'ipam' | 'loopback' | 'other';

export type Json = Readonly<Record<string, unknown>>;

export interface Profile {
  readonly name: string;
  readonly kind: Kind;
  /** The kind of link that the kernel must have. */
  readonly link?: string;
  /** Keys of the configuration besides name, version, type and `ipam`. */
  readonly keys: Json;
  /** What the host must have before the first ADD. */
  prepare?(host: Rtnl): void;
  /** A configuration that ADD has to refuse. */
  readonly wrong: Json;
  /** Two containers on the same network reach each other. */
  readonly connects?: boolean;
}

/** The link that the network is on, for plugins that want one. */
export const UPLINK = 'up0';
/** The bridge of the plugin `bridge`. */
export const BRIDGE = 'br0';

/** One end of a pair, since every host of containers has those. */
function uplink(host: Rtnl): void {
  host.links.add({ ifname: UPLINK, kind: 'veth' });
  for (const { index } of host.links.list()) host.links.up(index);
}

const PROFILES: readonly Profile[] = [
  {
    name: 'bridge',
    kind: 'interface',
    link: 'bridge',
    keys: { bridge: BRIDGE, isGateway: true },
    wrong: { vlan: 5000 },
    connects: true,
  },
  {
    name: 'ipvlan',
    kind: 'interface',
    link: 'ipvlan',
    keys: { master: UPLINK },
    prepare: uplink,
    wrong: { mode: 'l9' },
    connects: true,
  },
  {
    name: 'macvlan',
    kind: 'interface',
    link: 'macvlan',
    keys: { master: UPLINK },
    prepare: uplink,
    wrong: { mode: 'sideways' },
    connects: true,
  },
  { name: 'ptp', kind: 'interface', link: 'veth', keys: {}, wrong: { mtu: 'wide' } },
  { name: 'dummy', kind: 'interface', link: 'dummy', keys: {}, wrong: { ipam: 5 } },
  { name: 'loopback', kind: 'loopback', keys: {}, wrong: { prevResult: { ips: 5 } } },
  { name: 'host-local', kind: 'ipam', keys: {}, wrong: { ipam: { type: 'host-local' } } },
  {
    name: 'static',
    kind: 'ipam',
    keys: {},
    wrong: { ipam: { type: 'static', addresses: [{ address: 'here' }] } },
  },
];

/** Plugins that are configured for all cases about their kind. */
export const KNOWN: readonly string[] = PROFILES.map(({ name }) => name);

export const profileOf = (name: string): Profile =>
  PROFILES.find((each) => each.name === name) ?? { name, kind: 'other', keys: {}, wrong: {} };
