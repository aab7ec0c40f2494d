/**
 * What a masqueraded packet looks like from where it arrives: container, bridge, host and an
 * outside host, the topology made by the reference plugin, the masquerade by each back end and by
 * the reference as the oracle.
 */
import { openNftables } from '../../../src/nftables/open.ts';
import { iptablesMasquerade } from '../../../src/plugins/masquerade/iptables.ts';
import { nftablesMasquerade } from '../../../src/plugins/masquerade/nftables.ts';
import type { ExecutionContext } from 'ava';
import { type Feature, hasFeature } from '../../harness/features.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { execPlugin, referencePlugin } from '../../harness/plugin.ts';

const OUTSIDE = {
  host4: '198.51.100.1',
  outside4: '198.51.100.2',
  host6: '2001:db8:ff::1',
  outside6: '2001:db8:ff::2',
};
const CONTAINERS = {
  c1: ['10.1.2.2/24', 'fd00:1::2/64'],
  c2: ['10.1.2.3/24', 'fd00:1::3/64'],
};
type Container = keyof typeof CONTAINERS;
const GATEWAYS = ['10.1.2.1', 'fd00:1::1'];

interface Net {
  readonly host: Namespace;
  readonly outside: Namespace;
  readonly c1: Namespace;
  readonly c2: Namespace;
}

function build(t: ExecutionContext, byReference: boolean): Net {
  const [host, outside, c1, c2] = [
    freshNamespace(t),
    freshNamespace(t),
    freshNamespace(t),
    freshNamespace(t),
  ];
  host.exec(
    'sh',
    '-ec',
    `
    ip link set lo up
    ip link add out0 type veth peer name out0 netns ${outside.name}
    ip addr add ${OUTSIDE.host4}/24 dev out0; ip addr add ${OUTSIDE.host6}/64 dev out0 nodad; ip link set out0 up
    echo 1 > /proc/sys/net/ipv4/ip_forward; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding
    for f in iptables ip6tables; do echo 1 > /proc/sys/net/bridge/bridge-nf-call-$f 2>/dev/null || true; done`,
  );
  outside.exec(
    'sh',
    '-ec',
    `
    ip addr add ${OUTSIDE.outside4}/24 dev out0; ip addr add ${OUTSIDE.outside6}/64 dev out0 nodad; ip link set out0 up
    ip route add 10.0.0.0/8 via ${OUTSIDE.host4}; ip -6 route add fd00::/16 via ${OUTSIDE.host6}`,
  );
  for (const [containerId, container] of [
    ['c1', c1],
    ['c2', c2],
  ] as const) {
    const addresses = CONTAINERS[containerId].map((address, i) => ({
      address,
      gateway: GATEWAYS[i]!,
    }));
    const routes = [
      { dst: '0.0.0.0/0', gw: GATEWAYS[0] },
      { dst: '::/0', gw: GATEWAYS[1] },
    ];
    const run = host.run(() =>
      execPlugin(
        referencePlugin('bridge'),
        { command: 'ADD', containerId, ifname: 'eth0', netns: container.path },
        {
          cniVersion: '0.4.0',
          name: 'net1',
          type: 'bridge',
          bridge: 'cni0',
          isGateway: true,
          ipMasq: byReference,
          ipam: { type: 'static', addresses, routes },
        },
      ),
    );
    t.is(run.code, 0, run.stdout);
  }
  return { host, outside, c1, c2 };
}

const tools = (): readonly [string, string] =>
  hasFeature('iptables-nft')
    ? ['iptables-nft', 'ip6tables-nft']
    : ['iptables-legacy', 'ip6tables-legacy'];

/** Counts what comes in from each of these addresses. */
function watch(ns: Namespace, sources: readonly string[]): () => string[] {
  const [four, six] = tools();
  const of = (source: string): string => (source.includes(':') ? six : four);
  for (const source of sources) {
    // Only what the container sends: the kernel itself looks for neighbours.
    const kind = source.includes(':') ? 'icmpv6' : 'icmp';
    const match = ['-p', kind, `--${kind}-type`, 'echo-request'];
    ns.exec(of(source), '-w', '-A', 'INPUT', '-s', source, ...match);
  }
  return () =>
    sources.filter((source) => {
      const line = ns
        .exec(of(source), '-w', '-L', 'INPUT', '-v', '-n', '-x')
        .split('\n')
        .find((each) => each.split(/\s+/).includes(source));
      return Number(line?.trim().split(/\s+/)[0]) > 0;
    });
}

/** From which addresses the packets of c1 arrive. */
function sourcesSeen(net: Net): Record<string, string[]> {
  const { c1, c2, outside } = net;
  const ping = (...args: string[]): void =>
    void c1.run(() => c1.exec('sh', '-c', `ping -c 2 -i 0.3 -W 1 ${args.join(' ')} || true`));
  const own = CONTAINERS.c1.map((address) => address.split('/')[0]!);
  const atOutside = watch(outside, [...own, OUTSIDE.host4, OUTSIDE.host6]);
  ping(OUTSIDE.outside4);
  ping('-6', OUTSIDE.outside6);
  const atNeighbour = watch(c2, [...own, ...GATEWAYS]);
  ping('10.1.2.3');
  ping('-6', 'fd00:1::3');
  const neighbour = atNeighbour();
  c2.exec(
    'sh',
    '-c',
    tools()
      .map((tool) => `${tool} -w -F INPUT`)
      .join('; '),
  );
  const multicast = watch(c2, [...own, ...GATEWAYS]);
  ping('-I', '10.1.2.2', '224.0.0.1');
  ping('-6', '-I', 'fd00:1::2', 'ff02::1%eth0');
  return { outside: atOutside(), neighbour, multicast: multicast() };
}

const own = CONTAINERS.c1.map((address) => address.split('/')[0]!);
const EXPECTED = { outside: [OUTSIDE.host4, OUTSIDE.host6], neighbour: own, multicast: own };

function masqueraded(
  net: Net,
  add: (entry: {
    network: string;
    containerId: string;
    ifname: string;
    addresses: string[];
  }) => void,
): void {
  for (const containerId of ['c1', 'c2'] as Container[]) {
    net.host.run(() =>
      add({ network: 'net1', containerId, ifname: 'eth0', addresses: CONTAINERS[containerId] }),
    );
  }
}

const counting: Feature = hasFeature('iptables-nft') ? 'iptables-nft' : 'iptables-legacy';
const topology = needs('bridge', 'veth', 'ipv6', 'br-netfilter', counting);

topology('packets: without masquerade they keep their source', (t) => {
  t.deepEqual(sourcesSeen(build(t, false)), { outside: own, neighbour: own, multicast: own });
});

topology(
  'packets: the reference changes the source outside, not in the subnet and not of multicast',
  (t) => {
    t.deepEqual(sourcesSeen(build(t, true)), EXPECTED);
  },
);

topology('packets: our iptables back end does as the reference', (t) => {
  const net = build(t, false);
  masqueraded(net, (entry) => iptablesMasquerade().add(entry));
  t.deepEqual(sourcesSeen(net), EXPECTED);
});

needs(
  'bridge',
  'veth',
  'ipv6',
  'br-netfilter',
  'nftables-inet',
)('packets: our nftables back end does as the reference', (t) => {
  const net = build(t, false);
  using nft = openNftables({ netns: net.host.path });
  masqueraded(net, (entry) => nftablesMasquerade(nft).add(entry));
  t.deepEqual(sourcesSeen(net), EXPECTED);
});

needs(
  'bridge',
  'veth',
  'ipv6',
  'br-netfilter',
  'nftables-inet',
)('packets: after DEL the source is kept again', (t) => {
  const net = build(t, false);
  using nft = openNftables({ netns: net.host.path });
  masqueraded(net, (entry) => nftablesMasquerade(nft).add(entry));
  masqueraded(net, (entry) => nftablesMasquerade(nft).del(entry));
  t.deepEqual(sourcesSeen(net), { outside: own, neighbour: own, multicast: own });
});
