/**
 * Next hop objects: two routers share the traffic, and one change moves all routes that use them.
 */
import { open } from '../src/index.ts';

using rt = open();
rt.links.ensure({ ifname: 'wan0', kind: 'dummy', flags: ['up'] });
rt.addrs.ensure({ dev: 'wan0', local: '192.0.2.1/24' });
rt.nexthops.ensure({ id: 1, gateway: '192.0.2.11', dev: 'wan0' });
rt.nexthops.ensure({ id: 2, gateway: '192.0.2.12', dev: 'wan0' });
rt.nexthops.ensure({ id: 10, group: [{ id: 1, weight: 3 }, { id: 2 }] });
rt.routes.ensure({ dst: '198.51.100.0/24', nhId: 10 });

rt.nexthops.replace({ id: 2, gateway: '192.0.2.13', dev: 'wan0' });
for (const { id, gateway, group } of rt.nexthops.list()) console.log(id, gateway ?? group);
