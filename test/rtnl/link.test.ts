/** Forms in which links carry values, where one attribute has more than one. */
import test from 'ava';
import { viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import type { Codec } from '../../src/netlink/codec/codec.ts';
import { decode, encode, type Frame } from '../../src/netlink/codec/frame.ts';
import { inet } from '../../src/rtnl/link/inet.ts';
import { linkStats64 } from '../../src/rtnl/link/link-stats.ts';
import { vfMac } from '../../src/rtnl/link/vf.ts';
import { link, type Link, type LinkInput } from '../../src/rtnl/link/message.ts';
import { addLink } from '../../src/rtnl/link/verbs.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import { loadFixture } from '../harness/fixture.ts';

function encoded<I>(codec: Codec<unknown, I>, value: I): Uint8Array {
  const writer = new Writer();
  codec.put(writer, value);
  return writer.finish();
}
const decoded = <T>(codec: Codec<T, never>, bytes: Uint8Array): T =>
  codec.get(viewOf(bytes), 0, bytes.length);

const payloadOf = (name: string): Link =>
  decode(rtnetlink, loadFixture(name).bytes)[0]!.payload as Link;

test('link: one setting of IPv4 is sent as an attribute of its own', (t) => {
  const bytes = encoded(inet, { conf: { arpNotify: 1 } });
  // IFLA_INET_CONF, in it number 22: IPV4_DEVCONF_ARP_NOTIFY
  t.deepEqual(bytes, Uint8Array.of(12, 0, 1, 0, 8, 0, 22, 0, 1, 0, 0, 0));
  t.deepEqual(decoded(inet as Codec<unknown, never>, bytes), { conf: { arpNotify: 1 } });
});

test('link: all settings of IPv4 are the array that the kernel sends, those of a newer kernel too', (t) => {
  const conf = payloadOf('rtnl/link/veth').attrs.afSpec!.inet!.conf!;
  t.is(conf.igmpv2UnsolicitedReportInterval, 10_000);
  const bytes = encoded(inet, { conf });
  t.is(bytes.length, 4 + 33 * 4);

  const longer = Uint8Array.of(...bytes, 9, 0, 0, 0);
  longer[0] = longer.length;
  const value = decoded(inet as Codec<{ conf: { rest: Uint8Array } }, never>, longer);
  t.deepEqual(value.conf.rest, Uint8Array.of(9, 0, 0, 0));
  t.deepEqual(encoded(inet, value), longer);
});

test('link: counters of an older kernel lack the last ones', (t) => {
  const all = encoded(linkStats64, { rxPackets: 7n, rxOtherhostDropped: 1n });
  t.is(all.length, 25 * 8);
  const older = decoded(linkStats64 as Codec<object, never>, all.slice(0, 23 * 8));
  t.like(older, { rxPackets: 7n });
  t.false('rxNohandler' in older);
});

test('link: the address of a virtual function is as long as the link says, in 32 bytes', (t) => {
  for (const mac of [
    '02:00:00:00:00:07',
    '80:00:02:08:fe:80:00:00:00:00:00:00:00:02:c9:03:00:1a:2b:3c',
  ]) {
    const bytes = encoded(vfMac, { vf: 1, mac });
    t.is(bytes.length, 36);
    t.is(decoded(vfMac as Codec<{ mac: string }, never>, bytes).mac, mac);
  }
  t.throws(() => encoded(vfMac, { vf: 1, mac: '02:00' }), { code: 'ERR_NETLINK_CODEC' });
});

test('link: padding that some kernels put before 64-bit values is kept in its place', (t) => {
  const { bytes } = loadFixture('rtnl/link/bridge');
  const [frame] = decode(rtnetlink, bytes);
  const keys = Object.keys((frame!.payload as Link).attrs);
  t.is(keys[keys.indexOf('stats64') - 1], 'nla42');
  t.deepEqual(encode(rtnetlink, frame!), bytes);
});

test('link: errors name the attribute on the way down to the peer of a veth', (t) => {
  const linkinfo = { kind: 'veth', data: { peer: { attrs: { mtu: -1 } } } } as const;
  t.throws(() => encoded(link, { attrs: { linkinfo } }), {
    code: 'ERR_NETLINK_CODEC',
    message: /IFLA_LINKINFO\/IFLA_INFO_DATA\/VETH_INFO_PEER\/IFLA_MTU/,
  });
});

test('link: the other end of a pair is flat in a spec', (t) => {
  const written = (spec: object): Uint8Array =>
    encoded(link as Codec<unknown, LinkInput>, addLink(spec as never).value);
  const peer = { ifname: 'v1', index: 7, address: '02:00:00:00:00:01', mtu: 1400 };
  for (const [kind, key] of [
    ['veth', 'peer'],
    ['netkit', 'peerInfo'],
  ] as const) {
    const bytes = written({ ifname: 'v0', kind, data: { [key]: peer } });
    const { data } = decoded(link as Codec<Link, never>, bytes).attrs.linkinfo!;
    const { ifname, address, mtu } = peer;
    t.like((data as Record<string, object>)[key], { index: 7, attrs: { ifname, address, mtu } });
    for (const [wrong, message] of [
      [{ attrs: { ifname } }, /attrs/],
      [{ mtu: -1 }, /IFLA_INFO_DATA\/\w+_INFO_PEER\/IFLA_MTU|IFLA_NETKIT_PEER_INFO\/IFLA_MTU/],
      [null, /PEER/],
      [5, /PEER/],
    ] as const) {
      const spec = { ifname: 'v0', kind, data: { [key]: wrong } };
      t.throws(() => written(spec), { code: 'ERR_NETLINK_CODEC', message });
    }
  }
});

test('link: types and families lead to their declarations', (t) => {
  const names: Record<string, string> = {
    'rtnl/link/veth': 'link',
    'rtnl/bridge-link/port': 'bridgeLink',
    'rtnl/link/event-inet6': 'inet6Link',
    'rtnl/link/add-altname': 'linkProp',
  };
  for (const [fixture, name] of Object.entries(names)) {
    const { bytes } = loadFixture(fixture);
    const type = viewOf(bytes).getUint16(4, true);
    t.is(rtnetlink.find(type, bytes[16])?.name, name);
  }
});

test('link: a complete link can be made of words alone', (t) => {
  const frame: Frame = {
    type: 'RTM_NEWLINK',
    flags: ['NLM_F_REQUEST', 'NLM_F_ACK', 'NLM_F_EXCL', 'NLM_F_CREATE'],
    seq: 1,
    pid: 0,
    payload: {
      flags: ['up'],
      change: ['up'],
      attrs: {
        ifname: 'br0',
        linkinfo: { kind: 'bridge', data: { vlanFiltering: true, vlanProtocol: '802.1ad' } },
      },
    },
  };
  const [back] = decode(rtnetlink, encode(rtnetlink, frame));
  t.like(back!.payload, frame.payload as object);
});
