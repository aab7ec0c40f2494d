/** Labels of addresses, held against ip: what it says of them, and what it says after our verbs. */
import { CodecError, NetlinkError } from '../../../src/errors.ts';
import type { AddrLabel } from '../../../src/rtnl/addr-label/message.ts';
import { open } from '../../../src/rtnl/open.ts';
import { dump } from '../../harness/live-dump.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

needs('ipv6')('address labels: ip -j addrlabel says the same, and the bytes come back', (t) => {
  const ns = freshNamespace(t);
  ns.exec('ip', 'addrlabel', 'add', 'prefix', '2001:db8::/32', 'dev', 'lo', 'label', '99');
  const rows = ns.ip('addrlabel', 'list');
  t.true(rows.length > 5);
  t.is(dump<AddrLabel>(t, ns, 'RTM_GETADDRLABEL', { family: 'inet6' }).length, rows.length);
  using rt = open({ netns: ns.path });
  t.deepEqual(
    rt.addrLabels.list().map(({ address, index, label }) => ({
      address: address.replace(/\/.*/, ''),
      prefixlen: Number(address.replace(/.*\//, '')),
      ...(index === 0 ? {} : { ifname: 'lo' }),
      label,
    })),
    rows,
  );
});

needs('ipv6')('address labels: what the verbs change, ip shows', (t) => {
  const ns = freshNamespace(t);
  using rt = open({ netns: ns.path });
  const label = () => ns.ip('addrlabel', 'list').find((row) => row['address'] === '2001:db8::');
  const shown = (number: number) => ({ address: '2001:db8::', prefixlen: 32, label: number });
  const spec = { address: '2001:db8::/32', label: 99 };
  const { addrLabels } = rt;
  addrLabels.add(spec);
  t.deepEqual(label(), shown(99));
  const again = t.throws(() => addrLabels.add(spec), { instanceOf: NetlinkError, code: 'EEXIST' });
  t.is(again.subject, '2001:db8::');
  t.false(addrLabels.ensure({ ...spec, label: 98 }).created);
  t.deepEqual(label(), shown(98));
  addrLabels.replace({ ...spec, label: 97 });
  t.deepEqual(label(), shown(97));
  t.like(addrLabels.get('2001:db8::1'), { address: '2001:db8::/32', label: 97 });
  const listed = addrLabels.list().find((each) => each.address === spec.address)!;
  addrLabels.delete(listed);
  t.is(label(), undefined);
  t.true(addrLabels.ensure(listed).created);
  t.deepEqual(label(), shown(97));
  addrLabels.delete({ address: '2001:db8::/32' });
  t.throws(() => addrLabels.delete({ address: '2001:db8::/32' }), { code: 'ESRCH' });
});

needs('ipv6')('address labels: one for one interface has precedence on it', (t) => {
  const ns = freshNamespace(t);
  using rt = open({ netns: ns.path });
  rt.batch((b) => {
    b.addrLabels.add({ address: 'default', dev: 'lo', label: 7 });
  });
  t.is(rt.addrLabels.get('2001:db8::1', 'lo').label, 7);
  t.is(rt.addrLabels.get('2001:db8::1').label, 1);
  rt.addrLabels.delete({ address: '::/0', dev: 'lo' });
  t.is(rt.addrLabels.get('2001:db8::1', 'lo').label, 1);
});

needs('ipv6')('address labels: what cannot be one is named before it is sent', (t) => {
  using rt = open({ netns: freshNamespace(t).path });
  const addrLabels = rt.addrLabels as any;
  const before = addrLabels.list();
  for (const [spec, message] of [
    [{ label: 5 }, /undefined is not an address/],
    [{ address: 5, label: 5 }, /5 is not an address/],
    [{ address: '2001:db8::/129', label: 5 }, /"2001:db8::\/129" has too long a prefix/],
    [{ address: '2001:db8::/x', label: 5 }, /is not an address with a prefix length/],
    [{ address: '192.0.2.0/24', label: 5 }, /IFAL_ADDRESS/],
    [{ address: 'x/5', label: 5 }, /IFAL_ADDRESS/],
    [{ address: '2001:db8::/32' }, /label must be a number below 4294967295, not undefined/],
    [{ address: '2001:db8::/32', label: 0xffffffff }, /label must be a number below/],
    [{ address: '2001:db8::/32', label: '5' }, /label must be a number below .*"5"/],
    [{ address: '2001:db8::/32', label: -1 }, /IFAL_LABEL/],
    [{ address: '2001:db8::/32', label: 1.5 }, /IFAL_LABEL/],
    [{ address: '2001:db8::/32', label: 5, index: -1 }, /index/],
    [{ address: '2001:db8::/32', label: 5, dev: {} }, /is not the name or index of a link/],
  ] as const) {
    for (const verb of ['add', 'replace', 'ensure']) {
      t.throws(() => addrLabels[verb](spec), { instanceOf: CodecError, message });
    }
  }
  t.throws(() => addrLabels.get('2001:db8::/32'), { instanceOf: CodecError });
  t.throws(() => addrLabels.get(), {
    message: 'addrLabels.get: address must be string, not undefined',
  });
  t.deepEqual(addrLabels.list(), before);
});
