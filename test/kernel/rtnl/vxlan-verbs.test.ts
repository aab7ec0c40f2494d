/** Entries of VXLAN devices that our verbs make and list. */
import { withVxlan } from '../../harness/fresh.ts';
import { needs } from '../../harness/needs.ts';

needs('vxlan')('fdb: the interface to a remote end goes in and comes out', (t) => {
  const { rt, ns } = withVxlan(t);
  const { index } = rt.links.get('lo');
  const spec = { dev: 'vx0', lladdr: '02:00:00:00:00:05', dst: '192.0.2.77', via: 'lo', vni: 5 };
  rt.fdb.append(spec);
  const [row] = ns.bridge('fdb', 'show', 'dev', 'vx0');
  t.like(row, { mac: spec.lladdr, dst: spec.dst, viaIf: 'lo', vni: 5 });
  const [entry] = rt.fdb.list({ dev: 'vx0' });
  t.like(entry, { ifindex: rt.links.get('vx0').index, via: index });
  rt.fdb.delete(spec);
  t.deepEqual(rt.fdb.list({ dev: 'vx0' }), []);
  ns.exec(
    ...(['bridge', 'fdb', 'append', spec.lladdr, 'dev', 'vx0'] as const),
    ...['dst', spec.dst, 'via', 'lo'],
  );
  t.like(rt.fdb.list({ dev: 'vx0' })[0], { via: index });
});

needs('vxlan', 'vxlan-mdb')('mdb: the interface to a remote end goes in and comes out', (t) => {
  const { rt } = withVxlan(t);
  const { index: ifindex } = rt.links.get('lo');
  const entry = { group: '239.1.1.1', dst: '192.0.2.77', ifindex, vni: 5 };
  rt.mdb.add({ dev: 'vx0', port: 'vx0', ...entry });
  t.like(rt.mdb.list({ dev: 'vx0' })[0], entry);
});
