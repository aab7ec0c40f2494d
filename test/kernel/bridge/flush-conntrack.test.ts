/** `flushConntrack` of the bridge plugin: what is left of the connections of removed containers. */
import type { ExecutionContext } from 'ava';
import { openConntrack } from '../../../src/conntrack/index.ts';
import { egress, FAMILIES, WORLD, type Egress, type Family } from '../../harness/egress.ts';
import { needs } from '../../harness/needs.ts';
import { succeeded } from '../../harness/node.ts';
import { ourPlugin } from '../../harness/plugin.ts';

const on = needs('bridge', 'veth', 'ipv6', 'nftables-inet', 'conntrack');

/** The port of both ends, so that a later flow from the same address is the same connection. */
const PORT = 7000;

/** A host that tracks connections whether or not it masquerades. */
function tracking(t: ExecutionContext): Egress {
  const net = egress(t, ourPlugin('bridge'), 'nft');
  net.sh(`
    nft 'add table inet t; add chain inet t f { type filter hook forward priority 0; }'
    nft add rule inet t f ct state established,new accept
    echo 600 > /proc/sys/net/netfilter/nf_conntrack_udp_timeout`);
  return net;
}

/** The configuration whose container has the addresses of c1. */
const reused = (keys: object): object => ({
  ipam: {
    type: 'static',
    addresses: FAMILIES.map((family) => ({
      address: `${WORLD[family].c1}/${WORLD[family].net.split('/')[1]}`,
      gateway: WORLD[family].gateway,
    })),
    routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
  },
  ...keys,
});

const sources = (net: Egress, id: 'c1' | 'c2'): (string | undefined)[] =>
  FAMILIES.map((family) => net.source(id, family, 'outside', PORT));

const addresses = (key: 'c1' | 'host'): string[] => FAMILIES.map((family) => WORLD[family][key]);

/** From where packets of the second holder arrive, when the first was not masqueraded. */
function afterReuse(t: ExecutionContext, flushConntrack: boolean): (string | undefined)[] {
  const net = tracking(t);
  const first = reused({ ipMasq: false, flushConntrack });
  const prevResult = succeeded(net.call('ADD', 'c1', first));
  t.deepEqual(sources(net, 'c1'), addresses('c1'));
  t.is(net.call('DEL', 'c1', { ...first, prevResult }).code, 0);
  succeeded(net.call('ADD', 'c2', reused({ ipMasq: true, flushConntrack })));
  return sources(net, 'c2');
}

on('flushConntrack: a UDP flow of the next holder is masqueraded at once', (t) => {
  t.deepEqual(afterReuse(t, true), addresses('host'));
});

on('flushConntrack: without it the next holder has the connections of the last one', (t) => {
  t.deepEqual(afterReuse(t, false), addresses('c1'));
});

/** The sources of connections that the host tracks, of those with our port. */
function tracked(net: Egress): string[] {
  using conntrack = openConntrack({ netns: net.host.path });
  return conntrack.connections
    .list({ orig: { protonum: 'udp', sport: PORT } })
    .map(({ orig }) => orig.src!)
    .sort();
}

const sorted = (id: 'c1' | 'c2'): string[] => FAMILIES.map((family) => WORLD[family][id]).sort();

on('flushConntrack: DEL without a result takes the addresses of the leases', (t) => {
  const net = tracking(t);
  const keys = { flushConntrack: true };
  for (const id of ['c1', 'c2'] as const) {
    succeeded(net.call('ADD', id, keys));
    t.deepEqual(sources(net, id), addresses('host'));
  }
  t.is(net.call('DEL', 'c1', keys).code, 0);
  t.deepEqual(tracked(net), sorted('c2'));
  t.is(net.call('DEL', 'c1', keys).code, 0);
  t.deepEqual(tracked(net), sorted('c2'));
});

on('flushConntrack: GC deletes the connections of stale attachments only', (t) => {
  const net = tracking(t);
  const gc = (keys: object): void => {
    const valid = { 'cni.dev/valid-attachments': [{ containerID: 'c2', ifname: 'eth0' }] };
    const { code, stdout } = net.call('GC', 'c2', { cniVersion: '1.1.0', ...valid, ...keys });
    t.is(code, 0, stdout);
  };
  for (const id of ['c1', 'c2'] as const) {
    succeeded(net.call('ADD', id));
    t.deepEqual(sources(net, id), addresses('host'));
  }
  gc({ flushConntrack: true });
  t.deepEqual(tracked(net), sorted('c2'));
});

on('flushConntrack: connections that were made to the container go too', (t) => {
  const net = tracking(t);
  succeeded(net.call('ADD', 'c1'));
  using conntrack = openConntrack({ netns: net.host.path });
  const add = (src: string, dst: string, family: Family): void =>
    conntrack.connections.add({
      orig: { src: WORLD[family].outside, dst, protonum: 'udp', sport: PORT, dport: 53 },
      reply: { src, dst: WORLD[family].outside, protonum: 'udp', sport: 53, dport: PORT },
      timeout: 600,
    });
  for (const family of FAMILIES) {
    const { c1, c2, host, snat } = WORLD[family];
    // As a published port is translated, and to somebody else.
    add(c1, host, family);
    add(c2, snat, family);
  }
  t.is(net.call('DEL', 'c1', { flushConntrack: true }).code, 0);
  const left = conntrack.connections.list({ orig: { sport: PORT } });
  t.deepEqual(left.map(({ reply }) => reply.src).sort(), sorted('c2'));
});
