/** Addresses are of the family that their message's header says, or the message is not written. */
import test from 'ava';
import { familyIp } from '../../src/netlink/codec/address.ts';
import type { Attributes } from '../../src/netlink/codec/attributes.ts';
import { Writer } from '../../src/netlink/codec/bytes.ts';
import type { Codec } from '../../src/netlink/codec/codec.ts';
import { compilation } from '../../src/netlink/codec/compile.ts';
import type { AnyMessage } from '../../src/netlink/codec/message.ts';
import { addAddr } from '../../src/rtnl/addr/verbs.ts';
import { linkKinds } from '../../src/rtnl/link/kinds.ts';
import { link } from '../../src/rtnl/link/message.ts';
import { addMdb } from '../../src/rtnl/mdb/verbs.ts';
import { addNeigh } from '../../src/rtnl/neigh/verbs.ts';
import { addNexthop } from '../../src/rtnl/nexthop/verbs.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import { route } from '../../src/rtnl/route/message.ts';
import { addRoute } from '../../src/rtnl/route/verbs.ts';
import { addRule } from '../../src/rtnl/rule/verbs.ts';

const V4 = '192.0.2.9';
const V6 = '2001:db8::9';

function write(message: Codec<unknown>, value: unknown): Uint8Array {
  const writer = new Writer();
  message.put(writer, value);
  return writer.finish();
}

const written = ({ message, value }: { message: unknown; value: unknown }): Uint8Array =>
  write(message as Codec<unknown>, value);

/** Messages whose header says a family of IP, and their addresses. */
const HEADED = ['addr', 'groupAddr', 'neigh', 'nexthop', 'route', 'rule'];

const messages = rtnetlink.messages.filter(({ name }) => HEADED.includes(name));

const addressesOf = ({ body }: AnyMessage): [key: string, name: string][] =>
  Object.entries(body.attributes as Attributes)
    .filter(([, { codec }]) => codec.type === familyIp.type)
    .map(([key, { name }]) => [key, name]);

test('families: every address of a message with a family in front is checked', (t) => {
  t.deepEqual(messages.map(({ name }) => name).toSorted(), HEADED);
  for (const message of messages) {
    const addresses = addressesOf(message);
    t.true(addresses.length > 0, message.name);
    for (const [key, name] of addresses) {
      for (const [family, own, other, what] of [
        ['inet', V4, V6, 'IPv4'],
        ['inet6', V6, V4, 'IPv6'],
      ] as const) {
        // Also by the compiled writer, which takes over after some uses.
        for (let i = 0; i < compilation.after + 3; i++) {
          t.notThrows(() => write(message, { family, attrs: { [key]: own } }));
          t.throws(() => write(message, { family, attrs: { [key]: other } }), {
            message: new RegExp(`${name}: "${other}" is not an ${what} address`),
          });
        }
      }
    }
  }
});

test('families: of no message is an address left out of the check by oversight', (t) => {
  const unchecked: string[] = [];
  const seen = new Set<unknown>();
  const walk = (codec: Codec<any, any>, path: string): void => {
    if (seen.has(codec)) return;
    seen.add(codec);
    const { attributes } = codec as { attributes?: Attributes };
    for (const { name, codec: each } of Object.values(attributes ?? {})) {
      if (each.type === familyIp.type && each !== familyIp) unchecked.push(`${path}/${name}`);
      walk(each, `${path}/${name}`);
    }
    for (const { codec: each } of codec.inner?.() ?? []) walk(each, path);
  };
  for (const message of rtnetlink.messages) walk(message, message.name);
  t.deepEqual(unchecked, [
    // Told by the kernel, never sent.
    'mdb/MDBA_MDB/MDBA_MDB_ENTRY/MDBA_MDB_ENTRY_INFO/MDBA_MDB_EATTR_SRC_LIST/MDBA_MDB_SRCLIST_ENTRY/MDBA_MDB_SRCATTR_ADDRESS',
    'mdb/MDBA_MDB/MDBA_MDB_ENTRY/MDBA_MDB_ENTRY_INFO/MDBA_MDB_EATTR_SOURCE',
    'mdb/MDBA_MDB/MDBA_MDB_ENTRY/MDBA_MDB_ENTRY_INFO/MDBA_MDB_EATTR_DST',
    // The way to the remote end of a VXLAN device has nothing to do with the group.
    'mdbChange/MDBA_SET_ENTRY_ATTRS/MDBE_ATTR_DST',
    'mdbQuery/MDBA_GET_ENTRY_ATTRS/MDBE_ATTR_DST',
  ]);
});

test('families: next hops are of the family of their route', (t) => {
  const hops = (gateway: string) => ({ multipath: [{ ifindex: 1 }, { attrs: { gateway } }] });
  for (const [family, other] of [
    ['inet', V6],
    ['inet6', V4],
  ] as const) {
    t.throws(() => write(route, { family, attrs: hops(other) }), {
      message: /RTA_MULTIPATH\/rtnexthop\[1\]\/RTA_GATEWAY: ".*" is not an IPv/,
    });
  }
  // A family of its own stands in the attribute.
  const via = (family: string, addr: string) => ({
    family: 'inet',
    attrs: { via: { family, addr } },
  });
  t.notThrows(() => write(route, via('inet6', V6)));
  t.throws(() => write(route, via('inet6', V4)), {
    message: /RTA_VIA: ".*" is not an IPv6 address/,
  });
  t.throws(() => write(route, via('inet', V6)), {
    message: /RTA_VIA: ".*" is not an IPv4 address/,
  });
});

test('families: the sources of a multicast group are of its family', (t) => {
  const on = { index: 1, port: 2 };
  const srcList = (address: string) => ({ entry: [{ address }] });
  t.notThrows(() => written(addMdb({ ...on, group: '239.1.1.1', source: V4, dst: V6 })));
  t.notThrows(() => written(addMdb({ ...on, group: 'ff0e::1', srcList: srcList(V6) })));
  t.throws(() => written(addMdb({ ...on, group: '239.1.1.1', source: V6 })), {
    message: /MDBE_ATTR_SOURCE: ".*" is not an IPv4 address/,
  });
  t.throws(() => written(addMdb({ ...on, group: 'ff0e::1', srcList: srcList(V4) })), {
    message: /MDBE_SRCATTR_ADDRESS: ".*" is not an IPv6 address/,
  });
});

test('families: tunnels have addresses of the family that their kind says', (t) => {
  const outer = {
    4: ['erspan', 'gre', 'gretap', 'ipip', 'sit', 'vti'],
    6: ['ip6erspan', 'ip6gre', 'ip6gretap', 'ip6tnl', 'vti6'],
  };
  const known = linkKinds.words().filter((word) => {
    const { attributes } = linkKinds.get(word) as { attributes?: Attributes };
    // Those with an attribute for each family need no check.
    if (attributes === undefined || 'remote6' in attributes) return false;
    return 'remote' in attributes && 'local' in attributes;
  });
  t.deepEqual(known.toSorted(), [...outer[4], ...outer[6]].toSorted());
  for (const [family, kinds] of Object.entries(outer)) {
    const [own, other] = family === '4' ? [V4, V6] : [V6, V4];
    for (const kind of kinds) {
      for (const key of ['local', 'remote']) {
        const value = (address: string) => ({
          attrs: { linkinfo: { kind, data: { [key]: address } } },
        });
        t.notThrows(() => write(link, value(own)), kind);
        t.throws(() => write(link, value(other)), {
          message: new RegExp(`_${key.toUpperCase()}: ".*" is not an IPv${family} address`),
        });
      }
    }
  }
});

test('families: verbs refuse what contradicts itself, and name it', (t) => {
  for (const [request, message] of [
    [
      () => addRoute({ dst: '10.0.0.0/8', prefsrc: V6, oif: 1 }),
      /RTA_PREFSRC: ".*" is not an IPv4/,
    ],
    [() => addRoute({ dst: '10.0.0.0/8', src: '2001:db8::/64', oif: 1 }), /RTA_SRC: /],
    [() => addRoute({ dst: '2001:db8::/64', gateway: V4 }), /RTA_GATEWAY: ".*" is not an IPv6/],
    [() => addRoute({ dst: 'default', family: 'inet6', gateway: V4 }), /RTA_GATEWAY: /],
    [() => addAddr({ index: 1, local: `${V4}/24`, broadcast: V6 }), /IFA_BROADCAST: /],
    [() => addAddr({ index: 1, local: `${V4}/24`, address: V6 }), /IFA_ADDRESS: /],
    [() => addAddr({ index: 1, local: `${V6}/64`, anycast: V4 }), /IFA_ANYCAST: /],
    [() => addAddr({ index: 1, local: `${V6}/64`, family: 'inet' }), /IFA_LOCAL: /],
    [() => addRule({ src: '10.0.0.0/8', dst: '2001:db8::/64' }), /FRA_SRC: /],
    [() => addRule({ src: '10.0.0.0/8', family: 'inet6' }), /FRA_SRC: /],
    [() => addNeigh({ ifindex: 1, dst: V6, family: 'inet' }), /NDA_DST: /],
    [() => addNexthop({ gateway: V6, family: 'inet', oif: 1 }), /NHA_GATEWAY: /],
  ] as const) {
    t.throws(() => written(request()), { message });
  }
  // The remote end of a VXLAN device, behind an Ethernet address.
  for (const dst of [V4, V6]) {
    t.notThrows(() => written(addNeigh({ ifindex: 1, dst, family: 'bridge' })));
  }
});

test('families: a default route takes its own from the first next hop', (t) => {
  const familyOf = (request: Parameters<typeof written>[0]): number => written(request)[0]!;
  const hop = (gateway: string) => ({ oif: 1, gateway });
  t.is(familyOf(addRoute({ dst: 'default', nexthops: [hop(V6), hop('fe80::1')] })), 10);
  t.is(familyOf(addRoute({ dst: 'default', nexthops: [hop(V4), hop(V6)] })), 2);
  t.is(familyOf(addRoute({ dst: 'default', src: '2001:db8::/64', oif: 1 })), 10);
});
