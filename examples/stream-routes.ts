/** Streams a table of routes of any size through little memory, and counts them by next router. */
import { open } from '../src/index.ts';

using rt = open();
rt.links.ensure({ ifname: 'wan0', kind: 'dummy', flags: ['up'] });
rt.addrs.ensure({ dev: 'wan0', local: '10.0.0.1/16' });
rt.batch((b) => {
  const { index: oif } = rt.links.get('wan0');
  for (let i = 0; i < 2000; i++) {
    b.routes.add({ dst: `172.16.${i >> 8}.${i & 255}/32`, gateway: `10.0.1.${i % 4}`, oif });
  }
});

const byRouter = new Map<string, number>();
for (const { gateway } of rt.routes.dump({ family: 'inet', table: 'main' })) {
  if (gateway !== undefined) byRouter.set(gateway, (byRouter.get(gateway) ?? 0) + 1);
}
for (const [router, count] of byRouter) console.log(router, count);
