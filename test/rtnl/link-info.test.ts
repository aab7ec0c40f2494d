/** The kind of a link decides the type and the codec of its data. */
import test from 'ava';
import { attr, attrs } from '../../src/netlink/codec/attributes.ts';
import { viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import { u32, type Codec } from '../../src/netlink/codec/codec.ts';
import { decode } from '../../src/netlink/codec/frame.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import { loadFixture } from '../harness/fixture.ts';
import { linkinfo, type LinkInfo, type LinkInfoInput } from '../../src/rtnl/link/info.ts';
import { linkKinds } from '../../src/rtnl/link/kinds.ts';
import { link, type LinkInput } from '../../src/rtnl/link/message.ts';

const wiretap = attrs({ depth: attr('IFLA_WIRETAP_DEPTH', 1, u32) });
declare module '../../src/rtnl/link/kinds.ts' {
  interface LinkKinds {
    wiretap: typeof wiretap;
  }
}

function encoded<I>(codec: Codec<unknown, I>, value: I): Uint8Array {
  const writer = new Writer();
  codec.put(writer, value);
  return writer.finish();
}
const decoded = <T>(codec: Codec<T, never>, bytes: Uint8Array): T =>
  codec.get(viewOf(bytes), 0, bytes.length);

test('link info: the kind narrows the type of the data', (t) => {
  const info: LinkInfo = decoded(
    linkinfo as Codec<LinkInfo, never>,
    encoded(linkinfo, { kind: 'bridge', data: { vlanFiltering: true } }),
  );
  if (info.kind === 'bridge') {
    const filtering: boolean | undefined = info.data?.vlanFiltering;
    t.true(filtering);
    // @ts-expect-error: an attribute of another kind
    t.is(info.data?.peer, undefined);
  } else {
    t.fail();
  }
  if (info.slaveKind === 'bridge') t.is(info.slaveData?.isolated, undefined);
  // @ts-expect-error: without the kind nothing is known of the data
  t.is(info.data?.forwardDelay, undefined);
});

test('link info: input is checked by kind when compiling', (t) => {
  const inputs: LinkInfoInput[] = [
    { kind: 'dummy' },
    { kind: 'vlan', data: { id: 10, egressQos: [{ from: 1, to: 2 }] } },
    { kind: 'unheard-of', nla2: 'ffff' },
    { kind: 'veth', data: { peer: { attrs: { ifname: 'eth0' } } } },
    { slaveKind: 'bridge', slaveData: { isolated: true } },
    { kind: 'veth', slaveKind: 'bridge', slaveData: { mode: true } },
    // @ts-expect-error: no such attribute
    { kind: 'bridge', data: { vlanFilterng: true } },
    // @ts-expect-error: an attribute of another kind
    { kind: 'veth', data: { vlanFiltering: true } },
    // @ts-expect-error: a value of another type
    { kind: 'bridge', data: { ageingTime: 'long' } },
    // @ts-expect-error: nobody declared this kind, so it has no typed data
    { kind: 'unheard-of', data: { depth: 1 } },
  ];
  t.is(inputs.length, 10);
});

test('link info: an undeclared kind keeps its data as bytes', (t) => {
  const bytes = encoded(linkinfo, { kind: 'unheard-of', nla2: '0500010007000000' });
  const info = decoded(linkinfo as Codec<LinkInfo, never>, bytes);
  t.deepEqual(info, {
    kind: 'unheard-of',
    nla2: Uint8Array.of(5, 0, 1, 0, 7, 0, 0, 0),
  } as LinkInfo);
  t.deepEqual(encoded(linkinfo, info as LinkInfoInput), bytes);
});

test('link info: a kind from outside the library is typed and coded', (t) => {
  linkKinds.register('wiretap', wiretap);
  const input: LinkInput = {
    attrs: { ifname: 'tap', linkinfo: { kind: 'wiretap', data: { depth: 3 } } },
  };
  const value = decoded(link as Codec<ReturnType<typeof link.get>, never>, encoded(link, input));
  const info = value.attrs.linkinfo;
  t.is(info?.kind === 'wiretap' ? info.data?.depth : undefined, 3);
  t.throws(() => linkKinds.register('wiretap', wiretap), { message: /already registered/ });
});

test('link info: a veth holds a link, which may hold a link', (t) => {
  const value = {
    attrs: {
      linkinfo: {
        kind: 'veth' as const,
        data: { peer: { index: 7, attrs: { ifname: 'eth0', mtu: 1400 } } },
      },
    },
  };
  const back = decoded(link as Codec<ReturnType<typeof link.get>, never>, encoded(link, value));
  const info = back.attrs.linkinfo;
  t.deepEqual(info?.kind === 'veth' ? info.data?.peer?.attrs : undefined, {
    ifname: 'eth0',
    mtu: 1400,
  });
});

test('link info: a member of a master is recognised by the slave kind, or by the kind as iproute2 sends it', (t) => {
  const data = { isolated: true };
  const bytes = encoded(linkinfo, { kind: 'bridge_slave', slaveKind: 'bridge', slaveData: data });
  const info = decoded(linkinfo as Codec<LinkInfo, never>, bytes);
  t.deepEqual(info.slaveData, data as typeof info.slaveData);

  const fixture = loadFixture('rtnl/link/set-bridge-port');
  const [frame] = decode(rtnetlink, fixture.bytes);
  const { attrs } = frame!.payload as ReturnType<typeof link.get>;
  t.like(attrs.linkinfo, { kind: 'bridge_slave', slaveData: { isolated: true, cost: 5 } });
});
