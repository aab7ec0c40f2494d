/**
 * Waits until an IPv6 address has passed duplicate address detection, without looking again and
 * again.
 */
import { open } from '../src/index.ts';

using rt = open();
rt.links.ensure({ ifname: 'lan0', kind: 'dummy', flags: ['up'] });
rt.addrs.ensure({ dev: 'lan0', local: '2001:db8::1/64' });

const address = await rt.waitFor(
  () =>
    rt.addrs
      .list({ dev: 'lan0', family: 'inet6' })
      .find(({ local, flags }) => local === '2001:db8::1/64' && !flags.includes('tentative')),
  { on: { addrs: true }, timeout: 10_000 },
);
console.log('ready:', address.local);
