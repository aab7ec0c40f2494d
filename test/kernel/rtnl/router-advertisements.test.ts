/** What the kernel reports of router advertisements: prefixes, and options for programs. */
import { open } from '../../../src/rtnl/open.ts';
import { needs } from '../../harness/needs.ts';
import { hostWithRouter } from '../../harness/router.ts';
import { until } from '../../harness/until.ts';

/** 2001:db8:1::/64 on link and for autoconfiguration; 7200 and 3600 seconds. */
const PREFIX =
  '0304' + '40c0' + '00001c20' + '00000e10' + '00000000' + '20010db8000100000000000000000000';
/** Servers 2001:db8::53 and ::54, 600 seconds. */
const RDNSS =
  '1905' +
  '0000' +
  '00000258' +
  '20010db8000000000000000000000053' +
  '20010db8000000000000000000000054';
/** Domains example.net and lan, for ever. */
const DNSSL =
  '1f04' + '0000' + 'ffffffff' + '076578616d706c65036e657400' + '036c616e00' + '000000000000';
/** Something that this library does not know inside. */
const PREF64 = '2602' + '0258' + '0064ff9b0000000000000000';

needs('ipv6', 'veth')('prefixes: what a router advertises is an event', async (t) => {
  const { host, advertise } = hostWithRouter(t);
  using rt = open({ netns: host.path });
  await using events = rt.monitor({ prefixes: true }, { initial: true, resync: true });
  t.deepEqual(await until(events, () => true), [{ type: 'synced' }]);
  advertise(PREFIX);
  t.deepEqual(await until(events, () => true), [
    {
      type: 'prefixes',
      action: 'new',
      value: {
        family: 'inet6',
        ifindex: rt.links.get('e0').index,
        type: 3,
        flags: ['onlink', 'autoconf'],
        address: '2001:db8:1::/64',
        cacheinfo: { preferredTime: 3600, validTime: 7200 },
      },
    },
  ]);
});

needs('ipv6', 'veth')('options of routers: servers, domains, and what is not known', async (t) => {
  const { host, advertise } = hostWithRouter(t);
  using rt = open({ netns: host.path });
  await using events = rt.monitor({ ndUserOpts: true });
  advertise(RDNSS + DNSSL + PREF64);
  const read = await until(
    events,
    (event) => 'value' in event && 'data' in (event.value as object),
  );
  const head = {
    family: 'inet6',
    ifindex: rt.links.get('e0').index,
    icmpType: 134,
    icmpCode: 0,
    srcaddr: 'fe80::1',
  };
  t.deepEqual(
    read.map((event) => 'value' in event && event.value),
    [
      { ...head, type: 'rdnss', lifetime: 600, servers: ['2001:db8::53', '2001:db8::54'] },
      { ...head, type: 'dnssl', lifetime: 0xffffffff, domains: ['example.net', 'lan'] },
      { ...head, type: 'pref64', data: Uint8Array.from(Buffer.from(PREF64.slice(4), 'hex')) },
    ] as never,
  );
});
