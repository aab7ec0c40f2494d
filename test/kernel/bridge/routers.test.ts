/**
 * Router advertisements from a container: neither the host nor another container takes addresses or
 * routes from them.
 */
import test from 'ava';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { freshNode, type Node, succeeded } from '../../harness/node.ts';
import { referencePlugin } from '../../harness/plugin.ts';

/**
 * A router advertisement for the prefix fd66::/64, RFC 4861, section 4.2; the kernel fills in the
 * checksum.
 */
const ADVERTISE = `
use Socket qw(:all);
socket(my $s, AF_INET6, SOCK_RAW, 58) or die;
setsockopt($s, 41, 18, pack("i", 255)) or die;
setsockopt($s, 41, 17, pack("i", $ARGV[0])) or die;
my $message = pack("CCnCCnNN", 134, 0, 0, 64, 0, 1800, 0, 0)
  . pack("CCCCNNN", 3, 4, 64, 0xc0, 86400, 14400, 0) . inet_pton(AF_INET6, "fd66::");
send($s, $message, 0, pack_sockaddr_in6(0, inet_pton(AF_INET6, "ff02::1"), $ARGV[0])) or die;
`;

const config = (node: Node, keys: Row = {}): Row => ({
  ...node.config(['10.88.0.0/24', 'fd88::/64']),
  ...keys,
});

/** Says as a router what it has to say, and what somebody then has of it. */
function advertise(from: Namespace, where: Namespace): string {
  const [{ ifindex }] = from.ip<[{ ifindex: number }]>('link', 'show', 'dev', 'eth0');
  from.exec('perl', '-e', ADVERTISE, String(ifindex));
  return where.exec('ip', '-6', 'addr') + where.exec('ip', '-6', 'route');
}

const listen = (where: Namespace, name: string): void => {
  where.exec('sh', '-c', `echo 1 > /proc/sys/net/ipv6/conf/${name}/accept_ra`);
};

test.serial('bridge: what a container says as a router is not heard by the host', (t) => {
  const node = freshNode(t);
  const { container } = node.attach(config(node), { containerId: 'c1' });
  const heard = advertise(container, node.host);
  t.false(/fd66::|proto ra/.test(heard), heard);
  // The same is heard by a bridge that listens, so the test would have seen it.
  listen(node.host, 'br0');
  t.regex(advertise(container, node.host), /fd66::/);
});

test.serial('bridge: what a container says as a router is not heard by its neighbours', (t) => {
  const node = freshNode(t);
  const { container } = node.attach(config(node), { containerId: 'c1' });
  const { container: both } = node.attach(config(node), { containerId: 'c2' });
  const { ipam } = node.config(['10.89.0.0/24']);
  const { container: four } = node.attach(config(node, { name: 'net2', ipam }), {
    containerId: 'c3',
  });
  for (const neighbour of [both, four]) {
    const heard = advertise(container, neighbour);
    t.false(/fd66::|proto ra/.test(heard), heard);
  }
  listen(both, 'eth0');
  t.regex(advertise(container, both), /fd66::/);
});

test.serial('bridge: what the reference attaches does hear it', (t) => {
  const node = freshNode(t);
  const [one, two] = ['c1', 'c2'].map((containerId) => {
    const container = freshNamespace(t);
    const config = node.config(['fd88::/64']);
    const call = { netns: container.path, containerId };
    succeeded(node.call('ADD', config, call, referencePlugin('bridge')));
    return container;
  });
  t.regex(advertise(one!, two!), /fd66::/);
});
