/**
 * What a workload sees of its interface, made by the reference's bridge and by ours: every setting below /proc/sys, and the tables of
 * /proc/net. What differs is named here, and in docs/compatibility.md with the reason.
 */
import test, { type ExecutionContext } from 'ava';
import { freshNamespace } from '../harness/namespace.ts';
import { freshNode, succeeded } from '../harness/node.ts';
import { ourPlugin, referencePlugin } from '../harness/plugin.ts';

const VIEW = `grep -Hs . /proc/sys/net/*/*/eth0/* /proc/sys/net/ipv6/conf/lo/*
for file in dev_mcast igmp if_inet6 igmp6 route ipv6_route; do grep -H eth0 /proc/net/$file; done; true`;

/** Link-local addresses and their groups follow from MAC addresses. */
const BY_CHANCE = /fe80|ff0200000000000000000001ff|3333ff|stable_secret|_use /i;

function view(t: ExecutionContext, plugin: string, subnets: readonly string[]): string[] {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const config = node.config(subnets, { isDefaultGateway: true });
  succeeded(node.call('ADD', config, { netns: container.path }, plugin));
  const lines = container.exec('bash', '-c', VIEW).trim().split('\n');
  return lines
    .map((line) => line.trimEnd())
    .filter((line) => !BY_CHANCE.test(line))
    .sort();
}

/** Of settings and tables, by the families that the container has addresses of. */
const KNOWN = {
  IPv4: /eth0\/(accept_dad|accept_ra|disable_ipv6):|\/proc\/net\/ipv6_route:/,
  // The flag says that nobody was asked whether the address is taken.
  'both families': /eth0\/(accept_ra|ndisc_notify):|^\/proc\/net\/(if_inet6:fd88|ipv6_route:)/,
};

for (const [title, subnets] of Object.entries({
  IPv4: ['10.88.0.0/24'],
  'both families': ['10.88.0.0/24', 'fd88::/64'],
})) {
  test.serial(`bridge: a container sees what the reference shows it: ${title}`, (t) => {
    const [theirs, ours] = [referencePlugin('bridge'), ourPlugin('bridge')].map((plugin) =>
      view(t, plugin, subnets),
    );
    const known = KNOWN[title as keyof typeof KNOWN];
    const differing = [
      ...theirs!.filter((line) => !ours!.includes(line)).map((line) => `- ${line}`),
      ...ours!.filter((line) => !theirs!.includes(line)).map((line) => `+ ${line}`),
    ];
    t.deepEqual(
      differing.filter((line) => !known.test(line.slice(2))),
      [],
    );
    t.true(ours!.length > 100);
  });
}
