/** Labels of addresses, held against ip: what it says of them, and what it says after a request. */
import { addrLabel, type AddrLabel } from '../../../src/rtnl/addr-label.ts';
import { RTM_DELADDRLABEL, RTM_NEWADDRLABEL } from '../../../src/rtnl/constants.ts';
import { open } from '../../../src/rtnl/open.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../../src/netlink/constants.ts';
import { dump } from '../../harness/live-dump.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

needs('ipv6')('address labels: ip -j addrlabel says the same, and the bytes come back', (t) => {
  const ns = freshNamespace(t);
  ns.exec('ip', 'addrlabel', 'add', 'prefix', '2001:db8::/32', 'dev', 'lo', 'label', '99');
  const ours = dump<AddrLabel>(t, ns, 'RTM_GETADDRLABEL', { family: 'inet6' });
  const rows = ns.ip('addrlabel', 'list');
  t.true(rows.length > 5);
  t.deepEqual(
    ours.map(({ prefixlen, index, attrs: { address, label } }) => ({
      ...{ address, prefixlen, label },
      ...(index === 0 ? {} : { ifname: 'lo' }),
    })),
    rows,
  );
});

needs('ipv6')('address labels: one that is added is listed by ip until it is deleted', (t) => {
  const ns = freshNamespace(t);
  using rt = open({ netns: ns.path });
  const value = {
    family: 'inet6',
    prefixlen: 32,
    attrs: { address: '2001:db8::', label: 99 },
  } as const;
  const labels = () => ns.ip('addrlabel', 'list').filter((row) => row['label'] === 99);
  const flags = NLM_F_CREATE | NLM_F_EXCL;
  rt.request({ message: addrLabel, type: RTM_NEWADDRLABEL, flags, value });
  t.deepEqual(labels(), [{ address: '2001:db8::', prefixlen: 32, label: 99 }]);
  t.throws(() => rt.request({ message: addrLabel, type: RTM_NEWADDRLABEL, flags, value }), {
    code: 'EEXIST',
    message: /2001:db8::/,
  });
  rt.request({ message: addrLabel, type: RTM_DELADDRLABEL, value });
  t.deepEqual(labels(), []);
});
