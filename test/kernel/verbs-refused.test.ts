/** What is refused, by the kernel or before anything is sent, and in whose words. */
import { NetlinkError } from '../../src/netlink/errors.ts';
import { addTable } from '../../src/nftables/changes.ts';
import { openNftables } from '../../src/nftables/open.ts';
import { open, type BatchVerbs, type Rtnl } from '../../src/rtnl/open.ts';
import { freshNamespace, type Teardown } from '../harness/namespace.ts';
import { needs } from '../harness/needs.ts';

function fresh(t: Teardown): Rtnl {
  const rt = open({ netns: freshNamespace(t).path });
  t.teardown(() => rt.close());
  return rt;
}

needs('veth')('errors: advice on EOPNOTSUPP only where the kernel has no words', (t) => {
  const rt = fresh(t);
  rt.links.add({ ifname: 'v0', kind: 'veth', data: { peer: { attrs: { ifname: 'v1' } } } });
  const refused = { instanceOf: NetlinkError, code: 'EOPNOTSUPP' };
  const spoken = t.throws(() => rt.mdb.add({ dev: 'v0', port: 'v1', group: '239.1.1.1' }), refused);
  t.regex(spoken.message, /EOPNOTSUPP: "[^"]+"$/);
  const data = { peer: { attrs: { ifname: 'v2' } } };
  const silent = t.throws(() => rt.links.set('v0', { kind: 'veth', data }), refused);
  t.regex(silent.message, /\(the kernel lacks this feature or its module, or .*\)$/);
});

const IS_ASYNC = { instanceOf: TypeError, message: /must be synchronous/ };

needs('veth')('batch: nothing is sent for a function that goes on later', (t) => {
  const rt = fresh(t);
  const write = async (b: BatchVerbs): Promise<void> => {
    b.links.add({ ifname: 'v0', kind: 'veth' });
    await Promise.resolve();
    b.links.up('v0');
  };
  t.throws(() => rt.batch(write), IS_ASYNC);
  t.is(rt.links.find('v0'), undefined);
});

needs('nftables-inet')('transact: nothing is changed for a plan that goes on later', (t) => {
  using nft = openNftables({ netns: freshNamespace(t).path });
  const table = addTable({ family: 'inet', table: 't' });
  t.throws(() => nft.transact(async (b) => b.push(table)), IS_ASYNC);
  t.deepEqual(nft.tables(), []);
});
