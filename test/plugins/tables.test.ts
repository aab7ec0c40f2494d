/**
 * What ADD and DEL read and write by tables is what the declarations say, byte by byte; and the
 * tables are those that are printed.
 */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { DECLARED, fileOf, NAMES, tablesText } from '../../scripts/tables.ts';
import type { Attributes } from '../../src/netlink/codec/attributes.ts';
import type { Kinds } from '../../src/netlink/codec/by-kind.ts';
import { viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import type { Part } from '../../src/netlink/codec/codec.ts';
import { familyAt } from '../../src/netlink/codec/datagram.ts';
import type { AnyMessage } from '../../src/netlink/codec/message.ts';
import type { Request } from '../../src/netlink/request.ts';
import * as ct from '../../src/plugins/wire/conntrack.ts';
import * as nft from '../../src/plugins/wire/nft.ts';
import * as picks from '../../src/plugins/wire/picks.ts';
import * as wire from '../../src/plugins/wire/rtnl.ts';
import { loadFixtures } from '../harness/fixture.ts';

test('tables: they are printed from the declarations', (t) => {
  for (const name of NAMES) {
    t.is(readFileSync(fileOf(name), 'utf8'), tablesText(name), 'npm run tables');
  }
});

function bytesOf({
  message,
  value,
}: {
  readonly message: AnyMessage;
  readonly value: unknown;
}): Uint8Array<ArrayBuffer> {
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
  ...{ ifname: 'eth0', address: '02:00:5e:00:53:02', mtu: 1400, netNsFd: 9 },
} as const;
const slaveData = {
  mode: true,
  learning: false,
  flush: true,
  isolated: true,
  locked: true,
} as const;
const v4 = { index: 7, local: '192.0.2.2/24', broadcast: '192.0.2.255' } as const;
const v6 = { index: 7, local: '2001:db8::2/64', flags: ['nodad'] } as const;
const child = { ifname: 'eth0', index: 70001, link: 3, mtu: 1400, netNsFd: 9 } as const;
const bridge = { ifname: 'br0', kind: 'bridge', address: pair.address } as const;
const onTheWay = { dst: '10.9.0.0/16', gateway: 'fe80::2', oif: 7 } as const;

/** Every request that a plugin makes. */
const REQUESTS: Record<string, Request> = {
  'a bridge': wire.addLink(bridge),
  'a bridge with VLANs': wire.addLink({ ...bridge, mtu: 9000, data: { vlanFiltering: true } }),
  'a pair': wire.addLink({ ...pair, data: { peer } }),
  'a port': wire.setLink(7, { master: 3, ifalias: 'net/c1/eth0', flags: ['up'] }),
  'a port by its name': wire.setLink('veth0', { ifalias: 'ä' }),
  'switches of a port': wire.setLink(7, { kind: 'veth', slaveKind: 'bridge', slaveData }),
  'flags taken back': wire.setLink(7, { flags: [], change: ['up', 'promisc'] }),
  'a MAC address': wire.setLink(7, { address: pair.address }),
  'a group': wire.setLink(7, { group: 0x10000000 }),
  'removal by name': wire.deleteLink('veth0'),
  'removal by a long name': wire.deleteLink('a-name-of-more-than-fifteen-bytes'),
  'removal by index': wire.deleteLink(7),
  'removal in another namespace': wire.deleteLinkIn(7, 5),
  'a question by name': wire.getLink('br0'),
  'a question by a long name': wire.getLink('a-name-of-more-than-fifteen-bytes'),
  'a question by index': wire.getLink(7),
  'ports of a bridge': wire.listLinks({ master: 3 }),
  'all pairs': wire.listLinks({ kind: 'veth' }),
  'all ipvlan links of a namespace': wire.linksIn('ipvlan', 5),
  'a default ipvlan link': wire.addLink({
    ...child,
    kind: 'ipvlan',
    data: { mode: 'l2', flags: [] },
  }),
  'a private ipvlan link': wire.addLink({
    ...child,
    kind: 'ipvlan',
    data: { mode: 'l3s', flags: ['private'] },
  }),
  'a number for a namespace': wire.numberNamespace(9),
  'the number of a namespace': wire.getNsid(9),
  'all numbers of namespaces': wire.getNsid(),
  'an IPv4 address': wire.addAddr(v4),
  'an IPv6 address': wire.addAddr({ ...v6, scope: 'global' }),
  'removal of an address': wire.deleteAddr(v4),
  'addresses of an interface': wire.listAddrs({ index: 7 }),
  'IPv6 addresses': wire.listAddrs({ index: 7, family: 'inet6' }),
  'a default route': wire.prependRoute({ dst: '0.0.0.0/0', gateway: '192.0.2.1', oif: 7 }),
  'an IPv4 route over an IPv6 router': wire.prependRoute({ ...onTheWay, flags: ['onlink'] }),
  'a full IPv6 route': wire.prependRoute({
    dst: '2001:db8:1::/48',
    gateway: '2001:db8::1',
    priority: 50,
    table: 5000,
    scope: 200,
    oif: 7,
  }),
  'a route on the link': wire.prependRoute({ dst: '198.51.100.0/24', table: 77, oif: 7 }),
  'the main table': wire.listRoutes({ table: 'main' }),
  'VLANs of a port': wire.addPortVlans(7, [
    { vid: 100, flags: ['pvid', 'untagged'] },
    { vid: 5, flags: ['range_begin'] },
    { vid: 9, flags: ['range_end'] },
    { vid: 12 },
  ]),
  'a VLAN less': wire.removePortVlan(7, 1),
  'the sender of a locked port': wire.addSender(7, pair.address),
  'whose address it is': wire.getFdb(3, pair.address),
  'connections from an address': ct.listConnectionsOf('inet', '192.0.2.2', 'tupleOrig'),
  'connections that it answered': ct.listConnectionsOf('inet', '192.0.2.2', 'tupleReply'),
  'IPv6 connections': ct.listConnectionsOf('inet6', '2001:db8::2', 'tupleOrig'),
  'a connection less': ct.deleteConnection({
    family: 'inet6',
    version: 0,
    resId: 0,
    attrs: {
      tupleOrig: {
        ip: { v6Src: '2001:db8::2', v6Dst: '2001:db8::3' },
        proto: { num: 'udp', srcPort: 5000, dstPort: 53 },
      },
      id: 7,
      zone: 3,
    },
  }),
};

const declarationOf = ({ name }: { readonly name: string }): AnyMessage =>
  ({ ...DECLARED.rtnl, ...DECLARED.ct })[name as keyof typeof DECLARED.rtnl];

for (const [title, request] of Object.entries(REQUESTS)) {
  const { message, value } = request;
  const declared = declarationOf(message);

  test(`tables: ${title} is what the declaration says`, (t) => {
    t.deepEqual(bytesOf(request), bytesOf({ message: declared, value }));
    t.is(message.subject(value), declared.subject(value));
    if (declared !== DECLARED.ct.connection) {
      t.is(wire.attachProtocol.typeName(request.type), typeName(declared, request.type)!);
    }
    t.is(typeName(message, request.type), typeName(declared, request.type));
  });

  test(`tables: the attributes of ${title} have their names`, (t) => {
    const bytes = bytesOf(request);
    const paths = (by: AnyMessage): string[] => {
      const names: string[] = [];
      const note = ({ depth, at, end, name }: Part): void => {
        names.push(`${depth} ${at} ${end} ${name}`);
      };
      by.walk!(viewOf(bytes), 0, bytes.length, note, 0);
      return names;
    };
    t.deepEqual(paths(message), paths(declared));
  });
}

const SET = { family: 'inet', table: 'x', chain: 'x', set: 'x' } as const;

const typeName = ({ types }: AnyMessage, type: number): string | undefined =>
  Object.keys(types).find((name) => types[name] === type);

type Picks = true | { readonly [key: string]: Picks };
type Values = Record<string, any>;
interface Parts {
  readonly attributes?: Attributes;
  readonly body?: Parts;
  readonly registry?: Kinds;
  readonly by?: readonly string[];
}

/** What is left of a declared value when only the picks are read. */
function picked(value: unknown, codec: Parts, pick: Picks): any {
  if (Array.isArray(value)) return value.map((each) => picked(each, codec, pick));
  if (codec.body !== undefined) {
    const { attrs, rest: _, ...head } = value as Values;
    return { ...head, attrs: picked(attrs, codec.body, pick) };
  }
  if (codec.attributes === undefined) return value;
  const values = value as Values;
  const left: Values = {};
  for (const key of pick === true ? Object.keys(codec.attributes) : Object.keys(pick)) {
    if (values[key] === undefined) continue;
    let inner = codec.attributes[key]!.codec as Parts;
    let below = pick === true ? true : pick[key]!;
    const { registry, by } = inner;
    if (registry !== undefined) {
      const word = values[by![0]!] as string;
      if (below === true || below[word] === undefined) continue;
      below = below[word];
      inner = registry.get(word) as Parts;
    }
    const [only] = (inner as { inner?: () => { codec: Parts }[] }).inner?.() ?? [];
    left[key] = picked(
      values[key],
      inner.attributes || inner.body ? inner : (only?.codec ?? {}),
      below,
    );
  }
  return left;
}

const READ: readonly (readonly [folder: string, ours: AnyMessage, declared: AnyMessage, Picks])[] =
  [
    ['rtnl/link/', wire.link, DECLARED.rtnl.link, picks.rtnl.link],
    ['rtnl/addr/', wire.addr, DECLARED.rtnl.addr, picks.rtnl.addr],
    ['rtnl/route/', wire.route, DECLARED.rtnl.route, picks.rtnl.route],
    ['rtnl/nsid/', wire.nsid, DECLARED.rtnl.nsid, picks.rtnl.nsid],
    ['nftables/', nft.getTable(SET).message, DECLARED.nft.table, picks.nft.table],
    ['nftables/', nft.getChain(SET).message, DECLARED.nft.chain, picks.nft.chain],
    ['nftables/', nft.listRules().message, DECLARED.nft.rule, picks.nft.rule],
    ['nftables/', nft.getSet(SET).message, DECLARED.nft.set, picks.nft.set],
    ['nftables/', nft.element, DECLARED.nft.element, picks.nft.element],
    ['conntrack/connection/', ct.connection, DECLARED.ct.connection, picks.ct.connection],
    ['nftables/', nft.getGeneration().message, DECLARED.nft.generation, picks.nft.generation],
  ];

for (const [folder, ours, declared, pick] of READ) {
  test(`tables: every ${declared.name} in the fixtures is read as the declaration reads it`, (t) => {
    let count = 0;
    for (const { name, bytes } of loadFixtures(folder)) {
      for (let at = 0; at < bytes.length;) {
        const view = viewOf(bytes.subarray(at));
        const length = view.getUint32(0, true);
        at += (length + 3) & ~3;
        const type = view.getUint16(4, true);
        if (!Object.values(declared.types).includes(type)) continue;
        // Links of bridges and routes of labels are messages of their own.
        if (folder.startsWith('rtnl') && [7, 28].includes(familyAt(view, 16, length) ?? 0))
          continue;
        const whole = declared.get(view, 16, length);
        t.deepEqual(ours.get(view, 16, length), picked(whole, declared as Parts, pick), name);
        count++;
      }
    }
    t.true(count > 0, `${count} messages`);
  });
}

test('tables: an address is taken off and set again with all that the kernel reported of it', (t) => {
  for (const { bytes, name } of loadFixtures('rtnl/addr/')) {
    const view = viewOf(bytes);
    if (view.getUint16(4, true) !== DECLARED.rtnl.addr.types['RTM_NEWADDR']) continue;
    const reported = wire.addr.get(view, 16, bytes.length);
    const payload = bytes.slice(16);
    t.deepEqual(bytesOf(wire.restoreAddr(reported)), payload, name);
    t.deepEqual(bytesOf(wire.removeAddr(reported)), payload, name);
  }
});

test('tables: what they lack is refused, and what is no value of an attribute', (t) => {
  const refused = (value: object): string =>
    t.throws(() => bytesOf({ message: wire.link, value }))!.message;
  t.is(refused({ attrs: { txqlen: 7 } }), '"txqlen" is not an attribute of this table');
  t.is(refused({ attrs: { mtu: -1 } }), 'IFLA_MTU: -1 is not a u32');
  t.is(refused({ attrs: { mtu: '7' } }), 'IFLA_MTU: "7" is not a u32');
  t.is(refused({ index: 1.5 }), 'ifinfomsg/index: 1.5 is not a s32');
  t.regex(refused({ flags: ['upp'] }), /^ifinfomsg\/flags: "upp" is not one of up, broadcast/);
  t.is(
    refused({ attrs: { linkinfo: { kind: 'vxlan', data: {} } } }),
    'IFLA_LINKINFO/IFLA_INFO_DATA: there is no table for this kind',
  );
});

test('tables: bytes that are torn are an error with its place', (t) => {
  const bytes = bytesOf(REQUESTS['a pair']!);
  const view = viewOf(bytes);
  view.setUint16(16, 400, true);
  t.throws(() => wire.link.get(view, 0, bytes.length), { code: 'ERR_NETLINK_CODEC' });
  t.throws(() => wire.link.get(view, 0, 10), { message: /^ifinfomsg: 10 bytes, 16 needed/ });
});

test('tables: an IPv6 route takes no IPv4 router', (t) => {
  const spec = { dst: '2001:db8:1::/48', gateway: '192.0.2.1', oif: 7 };
  t.throws(() => bytesOf(wire.prependRoute(spec)), {
    message: /"192.0.2.1" is not an IPv6 address/,
  });
});
