/** What is refused, by the kernel or before anything is sent, and in whose words. */
import { NetlinkError } from '../../src/netlink/errors.ts';
import { open, type Rtnl } from '../../src/rtnl/open.ts';
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
