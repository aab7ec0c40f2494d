/**
 * What is left to do to a link: `links.ensure` without a kernel, for kinds that none of those at
 * hand has.
 */
import test from 'ava';
import { differences, requireChanged } from '../../src/rtnl/link/ensure.ts';
import type { LinkObject, LinkSpec } from '../../src/rtnl/link/object.ts';

const there = {
  ...{ family: 'unspec', type: 'ether', index: 5, flags: ['up', 'broadcast'], change: [] },
  ...{ ifname: 'n0', mtu: 1500, protoDownReason: { value: 6 } },
} as const;
const netkit: LinkObject = {
  ...there,
  flags: [...there.flags],
  kind: 'netkit',
  data: { mode: 'l3' },
} as never;

const left = (spec: LinkSpec) => differences(netkit, spec);

test('ensure: the other end of a netkit pair is compared with nothing', (t) => {
  const peerInfo = { ifname: 'n1' };
  t.is(left({ ifname: 'n0', kind: 'netkit', data: { mode: 'l3', peerInfo } }), undefined);
  const data = { mode: 'l2', peerInfo } as const;
  t.deepEqual(left({ ifname: 'n0', kind: 'netkit', data })?.data, { mode: 'l2' });
});

test('ensure: bits that the mask does not name are as they are', (t) => {
  t.is(left({ protoDownReason: { mask: 3, value: 2 } }), undefined);
  t.deepEqual(left({ protoDownReason: { mask: 3, value: 1 } }), {
    protoDownReason: { mask: 3, value: 1 },
  });
});

test('ensure: what the kernel does not report is not taken for kept', (t) => {
  t.notThrows(() => requireChanged(netkit, { ifalias: 'x', flags: ['promisc'], mtu: 1500 }));
  const message = /the kernel keeps mtu at 1500, data\.mode at "l3"; ask for that/;
  t.throws(() => requireChanged(netkit, { mtu: 1400, kind: 'netkit', data: { mode: 'l2' } }), {
    code: 'EOPNOTSUPP',
    message,
  });
});
