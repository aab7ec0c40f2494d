/** Drops what comes to TCP port 23, and mirrors all else that comes to another link. */
import { open } from '../src/index.ts';
import { openTc } from '../src/tc/index.ts';

using rt = open();
rt.links.add({ ifname: 'here', kind: 'veth', data: { peer: { ifname: 'there' } } });
rt.links.add({ ifname: 'watched', kind: 'veth', data: { peer: { ifname: 'watcher' } } });

using tc = openTc();
const at = { dev: 'here', parent: 'ingress' };
tc.qdiscs.add({ dev: 'here', kind: 'clsact' });
tc.filters.add({
  ...at,
  protocol: 'ip',
  pref: 10,
  kind: 'flower',
  options: {
    keyEthType: 'ip',
    keyIpProto: 'tcp',
    keyTcpDst: 23,
    act: [{ kind: 'gact', options: { parms: { action: 'drop' } } }],
  },
});
const parms = {
  eaction: 'egress mirror',
  action: 'pipe',
  ifindex: rt.links.get('watched').index,
} as const;
tc.filters.add({
  ...at,
  pref: 20,
  kind: 'matchall',
  options: { act: [{ kind: 'mirred', options: { parms } }] },
});
for (const filter of tc.filters.list(at)) {
  const actions = filter.kind === undefined ? [] : (filter.options?.act ?? []);
  console.log(filter.pref, filter.protocol, filter.kind, actions.map(({ kind }) => kind).join());
}
rt.links.delete('here');
