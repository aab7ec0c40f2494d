/**
 * `links.ensure` where the kernel does not give back what was asked for, or does not take it over.
 */
import type { ExecutionContext } from 'ava';
import { CodecError, NetlinkError } from '../../../src/errors.ts';
import { open, type Rtnl } from '../../../src/rtnl/open.ts';
import { freshNamespace, type Teardown } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

function fresh(t: Teardown): Rtnl {
  const rt = open({ netns: freshNamespace(t).path });
  t.teardown(() => rt.close());
  return rt;
}

/** Makes the link, and then finds nothing to do. */
async function settles(
  t: ExecutionContext,
  rt: Rtnl,
  spec: Parameters<Rtnl['links']['ensure']>[0],
): Promise<void> {
  t.true(rt.links.ensure(spec).created);
  await using events = rt.monitor({ links: true });
  t.false(rt.links.ensure(spec).created);
  rt.links.up('lo');
  const { value } = await events.next();
  t.is(value?.type === 'links' && value.value.ifname, 'lo', JSON.stringify(spec));
}

needs('veth')('ensure: a pair, with whatever is said of its other end', async (t) => {
  const rt = fresh(t);
  const peer = { ifname: 'w1', mtu: 1400 };
  await settles(t, rt, { ifname: 'w0', kind: 'veth', data: { peer }, mtu: 1400 });
  t.is(rt.links.get('w1').mtu, 1400);
});

needs('veth', 'ipv6')('ensure: of nested settings only those that are named', async (t) => {
  const rt = fresh(t);
  const afSpec = { inet: { conf: { arpNotify: 1 } }, inet6: { addrGenMode: 'none' } } as const;
  await settles(t, rt, { ifname: 'w0', kind: 'veth', afSpec });
  t.like(rt.links.get('w0').afSpec?.inet6, { addrGenMode: 'none' });
});

needs('bridge')('ensure: of options with a mask only those that it names', async (t) => {
  const rt = fresh(t);
  const multiBoolopt = { optval: ['no_linklocal_learn'], optmask: ['no_linklocal_learn'] } as const;
  await settles(t, rt, { ifname: 'br0', kind: 'bridge', data: { multiBoolopt } });
});

needs('vlan')('ensure: flags and priorities of a VLAN', async (t) => {
  const rt = fresh(t);
  rt.links.add({ ifname: 'v0', kind: 'veth' });
  const flags = { flags: ['gvrp'], mask: ['gvrp', 'loose_binding'] } as const;
  const egressQos = [
    { from: 3, to: 2 },
    { from: 1, to: 4 },
  ];
  const spec = {
    ifname: 'v0.5',
    link: 'v0',
    kind: 'vlan',
    data: { id: 5, flags, egressQos },
  } as const;
  await settles(t, rt, spec);
  const more = { ...spec, data: { id: 5, egressQos: [{ from: 2, to: 1 }] } };
  t.false(rt.links.ensure(more).created);
  t.like(rt.links.get('v0.5').data, { id: 5 });
});

needs('vlan')('ensure: reports what the kernel left as it was', (t) => {
  const rt = fresh(t);
  rt.links.add({ ifname: 'v0', kind: 'veth' });
  const spec = { ifname: 'v0.5', link: 'v0', kind: 'vlan' } as const;
  rt.links.ensure({ ...spec, data: { id: 5 } });
  const error = t.throws(() => rt.links.ensure({ ...spec, data: { id: 6 } }), {
    instanceOf: NetlinkError,
    code: 'EOPNOTSUPP',
  });
  t.regex(error.message, /^RTM_NEWLINK "v0\.5": .*data\.id/);
});

needs('veth')('ensure: not in another namespace, where it could not look', (t) => {
  const rt = fresh(t);
  const other = freshNamespace(t);
  for (const where of [{ netns: other.path }, { netNsPid: process.pid }]) {
    const spec = { ifname: 'z0', kind: 'veth', ...where } as const;
    // @ts-expect-error: a link of another namespace
    t.throws(() => rt.links.ensure(spec), {
      instanceOf: CodecError,
      message: /open\(\{ netns \}\)/,
    });
  }
  t.is(other.ip('link').length, 1);
});
