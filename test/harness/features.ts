/**
 * What the running kernel can do, found by trying it in a namespace of its own. No kernel that the
 * tests run on has every feature; a test names the ones it needs (`needs.ts`, or `needs` of a
 * case).
 */
import { createNamespace } from './namespace.ts';
import { program } from './program.ts';

/** User-mode Linux loads modules when it is told to. */
const modprobe = (name: string): string => `modprobe -q --dirname /run/kernel ${name}`;

/** A feature, and the command that succeeds only where it is there. */
const PROBES = {
  bridge: 'ip link add probe0 type bridge',
  veth: 'ip link add probe0 type veth peer probe1',
  dummy: 'ip link add probe0 type dummy',
  nlmon: 'ip link add probe0 type nlmon',
  vlan: 'ip link add probe0 type veth peer probe1 && ip link add link probe0 type vlan id 5',
  macvlan: 'ip link add probe0 type veth peer probe1 && ip link add link probe0 type macvlan',
  ipvlan: 'ip link add probe0 type veth peer probe1 && ip link add link probe0 type ipvlan',
  'vlan-filtering': 'ip link add probe0 type bridge vlan_filtering 1',
  vxlan: `${modprobe('vxlan')}; ip link add probe0 type vxlan id 1 dstport 4789`,
  // bridge(8) of iproute2 6.1 makes no such entry, but the error shows whether bridge or vxlan
  // refused it.
  'vxlan-mdb':
    "ip link add probe0 type vxlan external && bridge mdb add dev probe0 port probe0 grp 239.1.1.1 2>&1 | grep 'vxlan:'",
  mpls: `${modprobe('mpls_router')}; test -e /proc/sys/net/mpls`,
  psample: `${modprobe('psample')} && ${modprobe('-r psample')}`,
  ipv6: 'test -e /proc/sys/net/ipv6/conf/all/disable_ipv6',
  'br-netfilter': 'test -e /proc/sys/net/bridge/bridge-nf-call-iptables',
  'nftables-ip': 'nft add table ip probe',
  'nftables-ip6': 'nft add table ip6 probe',
  'nftables-inet': 'nft add table inet probe',
  'nftables-bridge': 'nft add table bridge probe',
  'iptables-legacy': 'iptables-legacy -w -t nat -N probe',
  'ip6tables-legacy': 'ip6tables-legacy -w -t nat -N probe',
  'iptables-nft': 'iptables-nft -w -t nat -N probe',
} as const;

export type Feature = keyof typeof PROBES;

export const FEATURES = Object.keys(PROBES) as Feature[];

const known = new Map<Feature, boolean>();

/** Whether the running kernel has it; tried once in each process. */
export function hasFeature(feature: Feature): boolean {
  let found = known.get(feature);
  if (found === undefined) {
    const scratch = createNamespace();
    try {
      found = scratch.run(() => program('sh', '-c', PROBES[feature]).code === 0);
    } finally {
      scratch.remove();
    }
    known.set(feature, found);
  }
  return found;
}

/** Those of `features` that the running kernel lacks. */
export const missingFeatures = (features: readonly Feature[]): Feature[] =>
  features.filter((feature) => !hasFeature(feature));

/** The line that says why a test is skipped; `scripts/test.ts` counts these. */
export const skipLine = (title: string, missing: readonly Feature[]): string =>
  `# skipped for want of ${missing.join(', ')}: ${title}`;
