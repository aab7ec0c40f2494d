/**
 * Joins two network namespaces by a veth pair and shows the routes inside, all from one process.
 */
import { createNamespace, deleteNamespace, open } from '../src/index.ts';

const name = `example-${process.pid}`;
createNamespace(name).close();
try {
  using here = open();
  using there = open({ netns: name });
  here.links.add({
    ifname: 'to-there',
    kind: 'veth',
    data: { peer: { ifname: 'to-here' } },
  });
  here.links.set('to-here', { netns: name });
  here.links.up('to-there');
  there.links.up('to-here');
  there.addrs.add({ dev: 'to-here', local: '192.0.2.2/24' });
  there.routes.add({ dst: 'default', gateway: '192.0.2.1' });
  for (const { dst, gateway } of there.routes.list({ table: 'main', family: 'inet' })) {
    console.log(dst, gateway ?? 'on link');
  }
} finally {
  deleteNamespace(name);
}
