/** Brings an interface into a wanted state; running it again changes nothing. */
import { open } from '../src/index.ts';

function setUp(): boolean[] {
  using rt = open();
  return [
    rt.links.ensure({ ifname: 'lan0', kind: 'dummy', mtu: 1400, flags: ['up'] }),
    rt.addrs.ensure({ dev: 'lan0', local: '192.0.2.1/24' }),
    rt.routes.ensure({ dst: '198.51.100.0/24', gateway: '192.0.2.9' }),
    rt.rules.ensure({ src: '192.0.2.0/24', table: 100, priority: 1000 }),
  ].map(({ created }) => created);
}

console.log('made:', ...setUp());
console.log('made:', ...setUp());
