/** What is refused, by the kernel or before anything is sent, and in whose words. */
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { CodecError, NetlinkError } from '../../../src/errors.ts';
import { addTable } from '../../../src/nftables/index.ts';
import { openNftables } from '../../../src/nftables/open.ts';
import { open, type BatchVerbs, type Rtnl } from '../../../src/rtnl/open.ts';
import { freshNamespace, type Teardown } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

function fresh(t: Teardown): Rtnl {
  const rt = open({ netns: freshNamespace(t).path });
  t.teardown(() => rt.close());
  return rt;
}

needs('veth')('errors: advice on EOPNOTSUPP only where the kernel has no words', (t) => {
  const rt = fresh(t);
  rt.links.add({ ifname: 'v0', kind: 'veth', data: { peer: { ifname: 'v1' } } });
  const refused = { instanceOf: NetlinkError, code: 'EOPNOTSUPP' };
  const spoken = t.throws(() => rt.mdb.add({ dev: 'v0', port: 'v1', group: '239.1.1.1' }), refused);
  t.regex(spoken.message, /EOPNOTSUPP: "[^"]+"$/);
  const data = { peer: { ifname: 'v2' } };
  const silent = t.throws(() => rt.links.set('v0', { kind: 'veth', data }), refused);
  t.regex(silent.message, /\(the kernel lacks this feature or its module, or .*\)$/);
});

const IS_ASYNC = { code: 'ERR_NETLINK_CODEC', message: /must be synchronous/ };

needs('veth')('batch: nothing is sent for a function that goes on later', async (t) => {
  const rt = fresh(t);
  const write = async (b: BatchVerbs): Promise<void> => {
    b.links.add({ ifname: 'v0', kind: 'veth' });
    await Promise.resolve();
    b.links.up('v0');
  };
  t.throws(() => rt.batch(write), IS_ASYNC);
  // Whatever the rest of it runs into is no unhandled rejection, which AVA would report.
  await setImmediate();
  t.is(rt.links.find('v0'), undefined);
});

needs('nftables-inet')('transact: nothing is changed for a plan that goes on later', (t) => {
  using nft = openNftables({ netns: freshNamespace(t).path });
  const table = addTable({ family: 'inet', name: 't' });
  t.throws(() => nft.transact(async (b) => b.push(table)), IS_ASYNC);
  t.deepEqual(nft.tables.list(), []);
});

test('routes: a table that is not there is named', (t) => {
  const rt = fresh(t);
  const refused = { instanceOf: NetlinkError, code: 'ENOENT' };
  for (const table of [12345, 77]) {
    const error = t.throws(() => rt.routes.list({ family: 'inet', table }), refused);
    t.is(error.subject, `table ${table}`);
  }
});

test('verbs: values that are not text are named, by programs without types', (t) => {
  const { links, addrs, routes, neighs } = fresh(t) as any;
  const calls: [() => unknown, RegExp][] = [
    [() => links.get(undefined), /^undefined is not the name or index of a link$/],
    [() => links.set({}, { mtu: 1400 }), /^\[object Object\] is not the name or index of a link$/],
    [() => links.ensure({ kind: 'veth' }), /^undefined is not the name or index of a link$/],
    [() => routes.get({}), /^\[object Object\] is not an address$/],
    [() => routes.add({ gateway: '192.0.2.9' }), /^undefined is not an address$/],
    [() => addrs.add({ dev: 'lo' }), /^undefined is not an address with a prefix length$/],
    [() => neighs.add({ dev: 'lo' }), /^undefined is not an address$/],
  ];
  for (const [call, message] of calls) t.throws(call, { instanceOf: CodecError, message });
});

test('monitor: what cannot be monitored is an error', (t) => {
  const rt = fresh(t) as any;
  t.throws(() => rt.monitor({ link: true }), {
    instanceOf: CodecError,
    message: /^"link" cannot be monitored, only nsids, links, /,
  });
});
