/**
 * The networks that the clients attach to, and the world beyond: a namespace that knows no way back
 * to the containers.
 */
import { writeFileSync } from 'node:fs';
import { outputOf } from '../harness/program.ts';

export const GATEWAY = { IPv4: '10.88.0.1', IPv6: 'fd88::1' } as const;
/**
 * Reached through masquerade only. The addresses are those for documentation, RFC 5737 and RFC
 * 3849.
 */
export const OUTSIDE = { IPv4: '192.0.2.2', IPv6: '2001:db8::2' } as const;
export const FAMILIES = ['IPv4', 'IPv6'] as const;

const IPAM = (leases: string) => ({
  type: 'host-local',
  dataDir: leases,
  ranges: [[{ subnet: '10.88.0.0/24' }], [{ subnet: 'fd88::/64' }]],
  routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
});

export interface List {
  readonly cniVersion: string;
  readonly name: string;
  readonly plugins: readonly object[];
}

export const bridgeList = (leases: string): List => ({
  cniVersion: '1.0.0',
  name: 'clients',
  plugins: [
    {
      type: 'bridge',
      bridge: 'clients0',
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: IPAM(leases),
    },
    { type: 'portmap', capabilities: { portMappings: true } },
  ],
});

/**
 * What only a runtime of version 1.1.0 does: STATUS and GC. Debian's portmap does not know that
 * version.
 */
export const latestList = (leases: string): List => {
  const { name, plugins } = bridgeList(leases);
  return { cniVersion: '1.1.0', name, plugins: plugins.slice(0, 1) };
};

export const ipvlanList = (leases: string, mode: string): List => ({
  cniVersion: '1.0.0',
  name: 'clients',
  plugins: [{ type: 'ipvlan', master: 'uplink', mode, mtu: 1400, ipam: IPAM(leases) }],
});

export const writeList = (folder: string, list: List): void =>
  writeFileSync(`${folder}/10-clients.conflist`, JSON.stringify(list));

/**
 * Makes a link named `uplink` to a namespace named `outside`. The far end is the gateway of the
 * containers' own network (`onLink`, as for the master of ipvlan), or is reached through this host.
 */
export function makeOutside(onLink: boolean): void {
  const ip = (...words: string[]): string => outputOf('ip', ...words);
  ip('netns', 'add', 'outside');
  ip('link', 'add', 'uplink', 'type', 'veth', 'peer', 'name', 'far', 'netns', 'outside');
  const far = onLink ? GATEWAY : OUTSIDE;
  ip('-n', 'outside', 'addr', 'add', `${far.IPv4}/24`, 'dev', 'far');
  ip('-n', 'outside', 'addr', 'add', `${far.IPv6}/64`, 'dev', 'far', 'nodad');
  if (!onLink) {
    ip('addr', 'add', '192.0.2.1/24', 'dev', 'uplink');
    ip('addr', 'add', '2001:db8::1/64', 'dev', 'uplink', 'nodad');
  }
  ip('link', 'set', 'uplink', 'up');
  ip('-n', 'outside', 'link', 'set', 'far', 'up');
}
