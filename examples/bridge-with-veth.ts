/**
 * Makes a bridge with a veth port and addresses, all in one send, and shows what became of each
 * change.
 */
import { open } from '../src/index.ts';

using rt = open();
const answers = rt.batch((b) => {
  b.links.add({ ifname: 'br0', index: 100, kind: 'bridge', flags: ['up'] });
  b.links.add({
    ifname: 'port0',
    index: 101,
    kind: 'veth',
    data: { peer: { ifname: 'inside0' } },
    master: 'br0',
  });
  b.links.up('port0');
  b.addrs.add({ dev: 'br0', local: '192.0.2.1/24' });
  b.addrs.add({ dev: 'br0', local: '2001:db8::1/64', flags: ['nodad'] });
});
for (const { error, warning } of answers) {
  if (error !== undefined) throw error;
  if (warning !== undefined) console.warn(warning);
}
console.log('ports:', ...rt.links.list({ master: 'br0' }).map(({ ifname }) => ifname));
