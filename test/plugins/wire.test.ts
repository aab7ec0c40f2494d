/** What ADD and DEL have written out by hand says the same as the declarations, byte by byte. */
import test from 'ava';
import { viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import type { Part } from '../../src/netlink/codec/codec.ts';
import type { AnyMessage } from '../../src/netlink/codec/message.ts';
import type { Request } from '../../src/netlink/reply.ts';
import { addAddr, addrDump, addrObject, deleteAddr } from '../../src/rtnl/addr/verbs.ts';
import type { Addr } from '../../src/rtnl/addr/message.ts';
import type { BridgeLink, Link } from '../../src/rtnl/link/message.ts';
import { addLink, deleteLink, getLink, linkDump, setLink } from '../../src/rtnl/link/verbs.ts';
import type { Neigh } from '../../src/rtnl/neigh/message.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import { nsid } from '../../src/rtnl/nsid/message.ts';
import { addRoute, routeDump, routeObject } from '../../src/rtnl/route/verbs.ts';
import type { Route } from '../../src/rtnl/route/message.ts';
import * as wireAddr from '../../src/plugins/wire/addr.ts';
import * as wireLink from '../../src/plugins/wire/link.ts';
import * as wireNsid from '../../src/plugins/wire/nsid.ts';
import { ipvlanProtocol } from '../../src/plugins/ipvlan/protocol.ts';
import { attachProtocol } from '../../src/plugins/wire/protocol.ts';
import * as wirePort from '../../src/plugins/wire/port.ts';
import * as wireRoute from '../../src/plugins/wire/route.ts';
import { loadFixtures } from '../harness/fixture.ts';

function bytesOf({ message, value }: Request): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  message.put(writer, value);
  writer.pad();
  return writer.finish();
}

const pair = {
  ifname: 'veth0',
  index: 70001,
  address: '02:00:5e:00:53:01',
  mtu: 1400,
  kind: 'veth',
} as const;
const peer = {
  index: 70002,
  attrs: { ifname: 'eth0', address: '02:00:5e:00:53:02', mtu: 1400, netNsFd: 9 },
} as const;
const flags = { mode: true, learning: false, flush: true, isolated: true, locked: true } as const;
const port = { kind: 'veth', slaveKind: 'bridge', slaveData: flags } as const;
const v4 = { index: 7, local: '192.0.2.2/24', broadcast: '192.0.2.255' } as const;
const v6 = { index: 7, local: '2001:db8::2/64', flags: ['nodad'] } as const;
const child = {
  ifname: 'eth0',
  index: 70001,
  link: 3,
  mtu: 1400,
  netNsFd: 9,
} as const;
const bridge = { ifname: 'br0', kind: 'bridge', address: pair.address } as const;

/** Written out, and declared. */
const REQUESTS: Record<string, readonly [Request, Request]> = {
  'a bridge': [wireLink.addLink(bridge), addLink(bridge)],
  'a bridge with VLANs': [
    wireLink.addLink({ ...bridge, mtu: 9000, data: { vlanFiltering: true } }),
    addLink({ ...bridge, mtu: 9000, data: { vlanFiltering: true } }),
  ],
  'a pair': [wireLink.addLink({ ...pair, data: { peer } }), addLink({ ...pair, data: { peer } })],
  'a port': [
    wireLink.setLink(7, { master: 3, ifalias: 'net/c1/eth0', flags: ['up'] }),
    setLink(7, { master: 3, ifalias: 'net/c1/eth0', flags: ['up'] }),
  ],
  'a port by its name': [
    wireLink.setLink('veth0', { ifalias: 'ä' }),
    setLink('veth0', { ifalias: 'ä' }),
  ],
  'switches of a port': [wireLink.setLink(7, port), setLink(7, port)],
  'flags taken back': [
    wireLink.setLink(7, { flags: [], change: ['up', 'promisc'] }),
    setLink(7, { flags: [], change: ['up', 'promisc'] }),
  ],
  'removal by name': [wireLink.deleteLink('veth0'), deleteLink('veth0')],
  'removal by index': [wireLink.deleteLink(7), deleteLink(7)],
  'a question by name': [wireLink.getLink('br0'), getLink('br0')],
  'a question by a long name': [
    wireLink.getLink('a-name-of-more-than-fifteen-bytes'),
    getLink('a-name-of-more-than-fifteen-bytes'),
  ],
  'a question by index': [wireLink.getLink(7), getLink(7)],
  'ports of a bridge': [wireLink.linkDump({ master: 3 }), linkDump({ master: 3 })],
  'all pairs': [wireLink.linkDump({ kind: 'veth' }), linkDump({ kind: 'veth' })],
  'a default ipvlan link': [
    wireLink.addLink({ ...child, kind: 'ipvlan', data: { mode: 'l2', flag: 'bridge' } }),
    addLink({ ...child, kind: 'ipvlan', data: { mode: 'l2', flags: [] } }),
  ],
  'a private ipvlan link': [
    wireLink.addLink({ ...child, kind: 'ipvlan', data: { mode: 'l3', flag: 'private' } }),
    addLink({ ...child, kind: 'ipvlan', data: { mode: 'l3', flags: ['private'] } }),
  ],
  'an ipvlan link with VEPA': [
    wireLink.addLink({ ...child, kind: 'ipvlan', data: { mode: 'l3s', flag: 'vepa' } }),
    addLink({ ...child, kind: 'ipvlan', data: { mode: 'l3s', flags: ['vepa'] } }),
  ],
  'all ipvlan links of a namespace': [
    wireLink.linkDump({ kind: 'ipvlan', targetNetnsid: 5 }),
    {
      ...linkDump({ kind: 'ipvlan' }),
      value: { attrs: { extMask: ['skip_stats'], linkinfo: { kind: 'ipvlan' }, targetNetnsid: 5 } },
    },
  ],
  'removal in another namespace': [
    wireLink.deleteLink(7, 5),
    { ...deleteLink(7), value: { index: 7, attrs: { targetNetnsid: 5 } } },
  ],
  'a number for a namespace': [
    wireNsid.numberNamespace(9),
    { message: nsid, type: 88, value: { attrs: { nsid: -1, fd: 9 } } },
  ],
  'the number of a namespace': [
    wireNsid.getNsid(9),
    { message: nsid, type: 90, value: { attrs: { fd: 9 } } },
  ],
  'all numbers of namespaces': [wireNsid.getNsid(), { message: nsid, type: 90, value: {} }],
  'an IPv4 address': [wireAddr.addAddr(v4), addAddr(v4)],
  'an IPv6 address': [wireAddr.addAddr(v6), addAddr(v6)],
  'removal of an address': [wireAddr.deleteAddr(v4), deleteAddr(v4)],
  'addresses of an interface': [wireAddr.addrDump(7), addrDump({ index: 7 })],
  'IPv6 addresses': [wireAddr.addrDump(7, 'inet6'), addrDump({ index: 7, family: 'inet6' })],
  'a default route': [
    wireRoute.addRoute({ dst: '0.0.0.0/0', gateway: '192.0.2.1', scope: 0, oif: 7 }),
    addRoute({ dst: '0.0.0.0/0', gateway: '192.0.2.1', oif: 7 }),
  ],
  'an IPv4 route over an IPv6 router': [
    wireRoute.addRoute({ dst: '10.9.0.0/16', gateway: 'fe80::2', onlink: true, scope: 0, oif: 7 }),
    addRoute({ dst: '10.9.0.0/16', gateway: 'fe80::2', flags: ['onlink'], oif: 7 }),
  ],
  'the main table': [wireRoute.routeDump(), routeDump({ table: 'main' })],
  'a route with everything': [
    wireRoute.addRoute({
      dst: '2001:db8:1::/48',
      gateway: '2001:db8::1',
      priority: 50,
      table: 5000,
      scope: 0,
      oif: 7,
    }),
    addRoute({
      dst: '2001:db8:1::/48',
      gateway: '2001:db8::1',
      priority: 50,
      table: 5000,
      oif: 7,
    }),
  ],
  'a route on the link': [
    wireRoute.addRoute({ dst: '198.51.100.0/24', table: 77, scope: 253, oif: 7 }),
    addRoute({ dst: '198.51.100.0/24', table: 77, oif: 7 }),
  ],
};

const decoded = (message: AnyMessage, bytes: Uint8Array): any =>
  message.get(viewOf(bytes), 0, bytes.length);

for (const [title, [ours, declared]] of Object.entries(REQUESTS)) {
  test(`wire: ${title} is what the declaration says`, (t) => {
    const bytes = bytesOf(ours);
    // Attributes may stand in any order.
    t.deepEqual(decoded(declared.message, bytes), decoded(declared.message, bytesOf(declared)));
    t.is(ours.type, declared.type);
    t.is(bytes.length, bytesOf(declared).length);
    t.is(ours.message.subject(ours.value), declared.message.subject(declared.value));
  });

  test(`wire: the attributes of ${title} have their names`, (t) => {
    const bytes = bytesOf(ours);
    const paths = (message: AnyMessage): string[] => {
      const names: string[] = [];
      message.walk!(
        viewOf(bytes),
        0,
        bytes.length,
        (part: Part) => {
          names.push(`${part.depth} ${part.at} ${part.end} ${part.name}`);
        },
        0,
      );
      return names;
    };
    t.deepEqual(paths(ours.message), paths(declared.message));
  });
}

test('wire: VLANs of a port and the sender of a locked one are what the declarations say', (t) => {
  const vlans = bytesOf(
    wirePort.addPortVlans(7, [
      { vid: 100, flags: 6 },
      { vid: 5, flags: 8 },
    ]),
  );
  const read = decoded(rtnetlink.find(19, 7)!, vlans) as BridgeLink;
  t.is(read.index, 7);
  t.deepEqual(read.attrs.afSpec, {
    flags: ['master'],
    vlanInfo: [
      { vid: 100, flags: ['pvid', 'untagged'] },
      { vid: 5, flags: ['range_begin'] },
    ],
  });
  const sender = bytesOf(wirePort.addSender(7, '02:00:5e:00:53:01'));
  const {
    family,
    ifindex,
    state,
    flags: how,
    attrs,
  } = decoded(rtnetlink.find(28, 7)!, sender) as Neigh;
  t.deepEqual(
    { family, ifindex, state, how, attrs },
    {
      family: 'bridge',
      ifindex: 7,
      state: ['noarp'],
      how: ['master', 'sticky'],
      attrs: { lladdr: '02:00:5e:00:53:01' },
    },
  );
});

test('wire: errors name the type of every request', (t) => {
  const ofPorts = [
    wirePort.addPortVlans(7, []),
    wirePort.removePortVlan(7, 1),
    wirePort.addSender(7, pair.address),
    wirePort.getFdb(7, pair.address),
  ];
  const written = Object.values(REQUESTS).map(([request]) => request);
  for (const { type, message } of [...written, ...ofPorts]) {
    const protocol = message === wireNsid.nsid ? ipvlanProtocol : attachProtocol;
    t.regex(protocol.typeName(type), /^RTM_/, message.name);
  }
});

test('wire: whose address a bridge has is asked as the declaration says', (t) => {
  const question = bytesOf(wirePort.getFdb(3, '02:00:5e:00:53:01'));
  const { family, ifindex, attrs } = decoded(rtnetlink.find(30, 7)!, question) as Neigh;
  t.deepEqual(
    { family, ifindex, attrs },
    { family: 'bridge', ifindex: 0, attrs: { lladdr: '02:00:5e:00:53:01', master: 3 } },
  );
});

test('wire: an address is taken off and set again with all that the kernel told of it', (t) => {
  for (const { bytes } of fixturesIn('rtnl/addr/')) {
    const view = viewOf(bytes);
    if (view.getUint16(4, true) !== 20) continue;
    const told = wireAddr.addr.get(view, 16, bytes.length);
    const payload = bytes.slice(16);
    t.deepEqual(bytesOf(wireAddr.restoreAddr(told)), payload);
    t.deepEqual(bytesOf(wireAddr.removeAddr(told)), payload);
  }
});

const fixturesIn = (folder: string) => loadFixtures(folder);

const SEEN = ['up', 'promisc', 'lower_up'];

test('wire: links of every fixture are read as the declaration reads them', (t) => {
  let count = 0;
  for (const { bytes } of fixturesIn('rtnl/link/')) {
    const view = viewOf(bytes);
    if (view.getUint16(4, true) !== 16 || view.getUint8(16) !== 0) continue;
    const declared = rtnetlink.find(16, 0)!.get(view, 16, bytes.length) as Link;
    const { linkinfo, ...known } = declared.attrs;
    const ours = wireLink.link.get(view, 16, bytes.length);
    const { kind, slaveKind, data, slaveData } = (linkinfo ?? {}) as Record<string, any>;
    t.is(ours.index, declared.index);
    t.deepEqual(ours.flags, declared.flags.filter((flag) => SEEN.includes(String(flag))) as any);
    const { linkinfo: info, ...rest } = ours.attrs;
    // Plugins meet Ethernet only; a tunnel's address is that of its end.
    if (!/^([0-9a-f]{2}:){5}/.test(known.address ?? '')) delete rest.address;
    if (Object.keys(rest).length > 0) t.like(known, rest);
    t.is(info?.kind, kind);
    t.is(info?.slaveKind, slaveKind);
    if (data !== undefined && kind === 'bridge') {
      t.is(info?.data?.vlanFiltering, data.vlanFiltering);
      t.is(info?.data?.vlanDefaultPvid, data.vlanDefaultPvid);
    }
    if (data !== undefined && kind === 'ipvlan') {
      const { mode, flags: [flag = 'bridge'] = [] } = data;
      t.deepEqual(info?.data, { mode, flag });
    }
    if (slaveData !== undefined && slaveKind === 'bridge')
      t.is(info?.slaveData?.locked, slaveData.locked);
    count++;
  }
  t.true(count > 20, `${count} links`);
});

test('wire: addresses of every fixture are read as the declaration reads them', (t) => {
  let count = 0;
  for (const { bytes } of fixturesIn('rtnl/addr/')) {
    const view = viewOf(bytes);
    if (view.getUint16(4, true) !== 20) continue;
    const declared = addrObject(rtnetlink.find(20, 2)!.get(view, 16, bytes.length) as Addr);
    const ours = wireAddr.addr.get(view, 16, bytes.length);
    t.is(ours.local, declared.local);
    t.is(ours.index, declared.index);
    t.is(ours.isLinkLocal, declared.scope === 'link');
    for (const flag of ours.flags) t.true(declared.flags.includes(flag));
    count++;
  }
  t.true(count > 5, `${count} addresses`);
});

test('wire: routes of every fixture are read as the declaration reads them', (t) => {
  let count = 0;
  for (const { bytes } of fixturesIn('rtnl/route/')) {
    const view = viewOf(bytes);
    if (view.getUint16(4, true) !== 24 || view.getUint8(16) === 28) continue;
    const declared = routeObject(rtnetlink.find(24, 2)!.get(view, 16, bytes.length) as Route);
    const ours = wireRoute.route.get(view, 16, bytes.length);
    t.is(ours.length === 0, declared.dst === 'default' || declared.dst.endsWith('/0'));
    t.is(ours.isUnicast, declared.type === 'unicast');
    t.is(ours.oif, declared.oif ?? declared.multipath?.[0]?.ifindex);
    count++;
  }
  t.true(count > 20, `${count} routes`);
});

test('wire: numbers of namespaces of every fixture are read as the declaration reads them', (t) => {
  let count = 0;
  for (const { bytes } of fixturesIn('rtnl/nsid/')) {
    const view = viewOf(bytes);
    if (view.getUint16(4, true) !== 88) continue;
    const declared = nsid.get(view, 16, bytes.length);
    t.is(wireNsid.nsid.get(view, 16, bytes.length), declared.attrs.nsid ?? -1);
    count++;
  }
  t.true(count > 1, `${count} numbers`);
});

test('wire: an IPv6 route takes no IPv4 router', (t) => {
  const spec = { dst: '2001:db8:1::/48', gateway: '192.0.2.1', scope: 0, oif: 7 };
  t.throws(() => bytesOf(wireRoute.addRoute(spec)), {
    message: /"192.0.2.1" is not an IPv6 address/,
  });
});
