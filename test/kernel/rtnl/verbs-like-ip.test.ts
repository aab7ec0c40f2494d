/**
 * What `ip` adds to a request by itself, and what it leaves out of an answer: the verbs do the
 * same.
 */
import { open, type Rtnl } from '../../../src/rtnl/open.ts';
import {
  freshNamespace,
  type Namespace,
  type Row,
  type Teardown,
} from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const veth = needs('veth');

/** With a pair, `v0` and `v1`, of which `v0` has an address in each family. */
function withPair(t: Teardown): { rt: Rtnl; ns: Namespace } {
  const ns = freshNamespace(t);
  const rt = open({ netns: ns.path });
  t.teardown(() => rt.close());
  rt.links.add({ ifname: 'v0', kind: 'veth', data: { peer: { ifname: 'v1' } } });
  rt.links.up('v1');
  rt.links.up('v0');
  rt.addrs.add({ dev: 'v0', local: '192.0.2.1/24' });
  rt.addrs.add({ dev: 'v0', local: '2001:db8::1/64', flags: ['nodad'] });
  return { rt, ns };
}

veth('links: of a kind that the kernel does not know there are none', (t) => {
  const { rt, ns } = withPair(t);
  const named = (kind: string) =>
    [
      rt.links.list({ kind }),
      rt.links.list({ kind, only: ['ifname'] }),
      rt.links.list({ kind, only: ['ifname', 'kind'] }),
      [...rt.links.dump({ kind })],
      [...rt.links.dump({ kind, only: ['ifname'] })],
    ].map((links) => links.map(({ ifname }) => ifname));
  t.deepEqual(ns.ip('link', 'show', 'type', 'nosuchkind').flatMap(Object.keys), []);
  t.deepEqual(named('nosuchkind'), [[], [], [], [], []]);
  const names: string[] = rt.links.list({ only: ['ifname'] }).map(({ ifname }) => ifname);
  t.is(names[0], rt.links.get('lo').ifname satisfies string);
  const pair = ['v1', 'v0'];
  t.deepEqual(named('veth'), [pair, pair, pair, pair, pair]);
  const [, some] = rt.links.list({ kind: 'veth', only: ['mtu'] });
  t.deepEqual(Object.keys(some!).sort(), ['change', 'family', 'flags', 'index', 'mtu', 'type']);
});

needs('veth', 'ipv6')('routes: an IPv6 address is looked up as an IPv4 address is', (t) => {
  const { rt, ns } = withPair(t);
  rt.routes.add({ dst: '2001:db8:21::/48', gateway: '2001:db8::9' });
  const address = '2001:db8:21::1';
  const [row] = ns.ip<Row[]>('route', 'get', address);
  t.is(row!['dst'], address);
  const gateway = row!['gateway'] as string;
  t.like(rt.routes.get(address), { dst: `${address}/128`, table: 'main', gateway });
  t.is(rt.routes.get(address, { fibMatch: true }).dst, '2001:db8:21::/48');
  const { index } = rt.links.get('v0');
  t.is(rt.routes.get(address, { oif: index, src: '2001:db8::1' }).oif, index);
});

veth('routes: the scope follows from type and gateway', (t) => {
  const { rt, ns } = withPair(t);
  const dst = '203.0.113.7';
  for (const type of ['unicast', 'local', 'broadcast', 'anycast', 'multicast'] as const) {
    const [table, other] = [77, 78];
    rt.routes.add({ dst: `${dst}/32`, type, dev: 'v0', table });
    ns.exec('ip', 'route', 'add', type, dst, 'dev', 'v0', 'table', String(other));
    const [ours, theirs] = [table, other].map((each) =>
      rt.routes.list({ family: 'inet', table: each }),
    );
    t.is(ours![0]!.scope, theirs![0]!.scope, type);
    for (const each of [table, other]) rt.routes.delete({ dst: `${dst}/32`, table: each, type });
  }
  rt.routes.add({ dst: '203.0.113.8/32', gateway: '192.0.2.9' });
  rt.routes.add({ dst: '203.0.113.9/32', type: 'unreachable' });
  const scopes = rt.routes.list({ family: 'inet', protocol: 'boot' }).map(({ scope }) => scope);
  t.deepEqual(scopes, ['global', 'global']);
});

veth('addrs: one of 127.0.0.0/8 gets scope host', (t) => {
  const { rt, ns } = withPair(t);
  // Addresses of one network must have one scope, and coming up has set 127.0.0.1/8.
  rt.links.up('lo');
  rt.addrs.add({ dev: 'lo', local: '127.0.0.8/8' });
  ns.exec('ip', 'addr', 'add', '127.0.0.9/8', 'dev', 'lo');
  rt.addrs.add({ dev: 'lo', local: '127.1.0.1/16', scope: 'link' });
  const scopes = rt.addrs.list({ family: 'inet' }).map(({ local, scope }) => [local, scope]);
  t.deepEqual(scopes.toSorted(), [
    ['127.0.0.1/8', 'host'],
    ['127.0.0.8/8', 'host'],
    ['127.0.0.9/8', 'host'],
    ['127.1.0.1/16', 'link'],
    ['192.0.2.1/24', 'global'],
  ]);
  rt.addrs.delete({ dev: 'lo', local: '127.0.0.8/8' });
});

veth('nexthops: those for forwarding databases are listed alone', (t) => {
  const { rt, ns } = withPair(t);
  rt.nexthops.add({ id: 1, gateway: '192.0.2.9', dev: 'v0' });
  rt.nexthops.add({ id: 2, gateway: '192.0.2.9', fdb: true });
  ns.exec('ip', 'nexthop', 'add', 'id', '3', 'group', '2', 'fdb');
  const ids = [rt.nexthops.list({ fdb: true }), [...rt.nexthops.dump({ fdb: true })]];
  for (const each of ids)
    t.deepEqual(
      each.map(({ id }) => id),
      [2, 3],
    );
  t.is(rt.nexthops.list().length, 3);
});
