/**
 * Rules of which something cannot be said in words; test/kernel/nftables/print.test.ts has those
 * that can.
 */
import test from 'ava';
import { LITTLE_ENDIAN } from '../../src/netlink/codec/bytes.ts';
import type {
  Expression,
  ExpressionInput,
  ExpressionOfInput,
} from '../../src/nftables/messages/expression.ts';
import { compare, ip, load, rule, udp } from '../../src/nftables/rules/match.ts';
import { ruleText } from '../../src/nftables/rules/print-rule.ts';
import { accept, masquerade } from '../../src/nftables/rules/statement.ts';

const text = (...expressions: readonly ExpressionInput[]): string =>
  ruleText({ family: 'ip', expr: expressions as Expression[] }).replace(
    /\[NFTA_EXPR_NAME="(\w+)"[^\]]*\]/g,
    '[$1]',
  );

const saddr = load.payload('network', 12, 4);
const constant = (dreg: number): ExpressionInput => ({
  name: 'immediate',
  data: { dreg, data: { value: Uint8Array.of(10, 0, 0, 1) } },
});
const inHosts = { name: 'lookup', data: { set: 'hosts', sreg: 1 } } as const;

test('print: an attribute that is not known puts the expression into brackets, and what it reads', (t) => {
  t.is(text(saddr, inHosts), 'ip saddr @hosts');
  const newer = { ...inHosts, data: { ...inHosts.data, nla9: Uint8Array.of(1) } };
  t.is(text(saddr, newer, ...rule('ip', accept())), '[payload] [lookup] accept');
});

test('print: a flag that is not known puts the expression into brackets', (t) => {
  t.is(text(...rule('ip', masquerade('random'))), 'masquerade random');
  t.is(text({ name: 'masq', data: { flags: ['proto-offset'] } }), '[masq]');
});

test('print: an expression that is not known leaves unknown registers', (t) => {
  const newer = { name: 'newer', nla2: Uint8Array.of(8, 0, 1, 0, 0, 0, 0, 1) };
  t.is(text(saddr, newer, inHosts), '[payload] ["newer" 0800010000000001] [lookup]');
});

test('print: what is loaded and not used is shown', (t) => {
  t.is(text(saddr, ...rule('ip', accept())), 'accept [payload]');
  t.is(text(constant(1), ...rule('ip', ip.saddr.in('hosts'))), 'ip saddr @hosts [immediate]');
  t.is(text(constant(1), inHosts), '[immediate] [lookup]');
});

test('print: a port from a register that is not known puts nat into brackets', (t) => {
  const nat = { type: 'dnat', family: 'ip', regAddrMin: 1 } as const;
  t.is(text(constant(1), { name: 'nat', data: nat }), 'dnat ip to 10.0.0.1');
  t.is(text(constant(1), { name: 'nat', data: { ...nat, regProtoMin: 9 } }), '[immediate] [nat]');
});

test('print: a register is read again without being loaded again', (t) => {
  const not = (octet: number): ExpressionInput => ({
    name: 'cmp',
    data: { sreg: 1, op: '!=', data: { value: Uint8Array.of(10, 0, 0, octet) } },
  });
  t.is(text(saddr, not(1), not(2)), 'ip saddr != 10.0.0.1 ip saddr != 10.0.0.2');
});

test('print: an address or a port of another length puts nat into brackets', (t) => {
  const short = (dreg: number): ExpressionInput => ({
    name: 'immediate',
    data: { dreg, data: { value: Uint8Array.of(80) } },
  });
  const nat = { type: 'dnat', family: 'ip', regAddrMin: 1 } as const;
  t.is(text(short(1), { name: 'nat', data: nat }), '[immediate] [nat]');
  const port = { ...nat, regProtoMin: 2 } as const;
  t.is(text(constant(1), short(2), { name: 'nat', data: port }), '[immediate] [immediate] [nat]');
});

test('print: names that nft cannot say are in brackets, whatever they hold', (t) => {
  for (const name of ['a b', 'x; flush ruleset', '1st', 'ä', '']) {
    t.is(text(saddr, { name: 'lookup', data: { set: name, sreg: 1 } }), '[payload] [lookup]');
    const verdict = { code: 'jump', chain: name } as const;
    t.is(text({ name: 'immediate', data: { dreg: 0, data: { verdict } } }), '[immediate]');
  }
});

test('print: nft shows a synproxy with a window scale that it does not offer; the text does not', (t) => {
  const synproxy = (data: ExpressionOfInput<'synproxy'>['data']): string =>
    text({ name: 'synproxy', data });
  t.is(synproxy({ mss: 1, wscale: 0, flags: ['mss', 'sack-perm'] }), 'synproxy mss 1 sack-perm');
  t.is(synproxy({ mss: 1, wscale: 7, flags: ['mss'] }), '[synproxy]');
  t.is(synproxy({ mss: 1, wscale: 0, flags: ['mss', 'ecn'] }), '[synproxy]');
});

test('print: where a packet goes is in brackets unless all of it is known', (t) => {
  const index = (dreg: number, ...bytes: number[]): ExpressionInput => ({
    name: 'immediate',
    data: { dreg, data: { value: Uint8Array.from(bytes) } },
  });
  const lo = index(1, ...(LITTLE_ENDIAN ? [1, 0, 0, 0] : [0, 0, 0, 1]));
  t.is(text(lo, { name: 'fwd', data: { sregDev: 1 } }), 'fwd to 1');
  const to = { sregDev: 1, sregAddr: 2 } as const;
  t.is(
    text(lo, constant(2), { name: 'fwd', data: { ...to, nfproto: 'ip' } }),
    'fwd ip to 10.0.0.1 device 1',
  );
  for (const data of [
    { sregDev: 3 },
    { sregDev: 1, nfproto: 'ip' },
    to,
    { ...to, nfproto: 'ip6' },
    { ...to, nfproto: 99 },
  ] as const) {
    t.regex(text(lo, constant(2), { name: 'fwd', data }), /\[fwd\]/);
  }
  t.is(text(lo, constant(2), { name: 'dup', data: to }), 'dup to 10.0.0.1 device 1');
  t.is(text(constant(1), { name: 'dup', data: { sregAddr: 1 } }), 'dup to 10.0.0.1');
  t.regex(text(index(1, 1, 2), { name: 'dup', data: { sregAddr: 1 } }), /\[dup\]/);
  t.is(text({ name: 'flow_offload', data: { tableName: 'f' } }), 'flow add @f');
  t.is(text({ name: 'flow_offload', data: { tableName: 'f g' } }), '[flow_offload]');
});

test('print: the beginning of the name of an operating system is in brackets, nft crashes on it', (t) => {
  const named = (name: string): ExpressionInput => ({
    name: 'cmp',
    data: { sreg: 1, op: '==', data: { value: new TextEncoder().encode(name) } },
  });
  const osf = { name: 'osf', data: { dreg: 1, ttl: 'loose', flags: ['version'] } } as const;
  t.is(text(osf, named('Linux:4.20\0\0\0\0\0\0')), 'osf ttl loose version "Linux:4.20"');
  t.is(text(osf, named('Lin')), '[osf] [cmp]');
  t.is(text(osf, named('Lin*\0\0\0\0\0\0\0\0\0\0\0\0')), '[osf] [cmp]');
});

test('print: words of newer kernels put what asks for them into brackets', (t) => {
  for (const data of [
    { dreg: 1, key: 9, dir: 'in', spnum: 0 },
    { dreg: 1, key: 'spi', dir: 2, spnum: 0 },
    { dreg: 1, key: 'spi', dir: 'in', spnum: 0, nla9: Uint8Array.of(1) },
  ] as const) {
    t.is(text({ name: 'xfrm', data }), '[xfrm]');
  }
  t.is(text({ name: 'osf', data: { dreg: 1, ttl: 7 } }), '[osf]');
  t.is(text({ name: 'rt', data: { dreg: 1, key: 9 } }), '[rt]');
});

/** What nft 1.1.7 generates, and reads back as the same rule. */
const TUNNELS = {
  vxlan: { hdrsize: 8, flags: ['hdrsize', 'link', 'network', 'transport'] },
  geneve: { hdrsize: 8, flags: ['hdrsize', 'link', 'network', 'transport'] },
  gre: { hdrsize: 4, flags: ['network', 'transport'] },
  gretap: { hdrsize: 4, flags: ['link', 'network', 'transport'] },
} as const;
const inside = (type: keyof typeof TUNNELS, expr: ExpressionInput, more = {}): ExpressionInput => ({
  name: 'inner',
  data: { num: 0, type, ...TUNNELS[type], expr, ...more },
});
const is = (...bytes: number[]): ExpressionInput => compare('==', Uint8Array.from(bytes));
const vni: ExpressionInput = {
  name: 'payload',
  data: { dreg: 1, base: 'tunnel', offset: 4, len: 3 },
};
const overUdp = rule('ip', udp.dport.is(4789));
const overGre = [load.meta('l4proto'), is(47)];

test('print: what is inside of a tunnel', (t) => {
  const ipInside = (type: keyof typeof TUNNELS): ExpressionInput[] => [
    inside(type, load.meta('protocol')),
    is(8, 0),
  ];
  const tcpInside = [inside('vxlan', load.meta('l4proto')), is(6)];
  const dport = [inside('vxlan', load.payload('transport', 2, 2)), is(0, 80)];
  for (const [expected, ...expr] of [
    ['udp dport 4789 vxlan vni 5', ...overUdp, inside('vxlan', vni), is(0, 0, 5)],
    [
      'udp dport 4789 vxlan ip saddr 10.1.2.0/24',
      ...[...overUdp, ...ipInside('vxlan'), inside('vxlan', load.payload('network', 12, 3))],
      is(10, 1, 2),
    ],
    ['udp dport 4789 vxlan tcp dport 80', ...overUdp, ...tcpInside, ...dport],
    [
      'udp dport 4789 vxlan ip saddr 10.0.0.1 vxlan tcp dport 80',
      ...[...overUdp, ...ipInside('vxlan'), inside('vxlan', saddr), is(10, 0, 0, 1)],
      ...[...tcpInside, ...dport],
    ],
    [
      'gre ip saddr 10.0.0.1',
      ...[...overGre, ...ipInside('gre'), inside('gre', saddr), is(10, 0, 0, 1)],
    ],
    [
      'gretap ether saddr 02:00:00:00:00:01',
      ...[...overGre, inside('gretap', load.payload('link', 6, 6)), is(2, 0, 0, 0, 0, 1)],
    ],
  ] as const) {
    t.is(text(...expr), expected);
  }
});

test('print: what nft would not read as the inside of the same tunnel is in brackets', (t) => {
  // nft asks for UDP outside, and reads addresses only where it knows the protocol inside.
  t.true(text(inside('vxlan', vni), is(0, 0, 5)).includes('inner'));
  for (const each of [
    [inside('vxlan', saddr), is(10, 0, 0, 1)],
    [inside('vxlan', vni, { hdrsize: 16 }), is(0, 0, 5)],
    [inside('vxlan', vni, { flags: ['network'] }), is(0, 0, 5)],
    [inside('vxlan', vni, { num: 1 }), is(0, 0, 5)],
    [inside('vxlan', vni, { type: 9 }), is(0, 0, 5)],
    [inside('vxlan', vni, { nla9: Uint8Array.of(1) }), is(0, 0, 5)],
    [inside('vxlan', load.payload('link', 12, 2)), is(8, 0)],
  ]) {
    t.regex(text(...overUdp, ...each), /^udp dport 4789 \[.*inner.*\] \[.*cmp.*\]$/);
  }
  // What is known of one tunnel says nothing of another.
  const two = text(
    ...[...overUdp, inside('vxlan', load.meta('protocol')), is(8, 0)],
    ...[inside('geneve', saddr), is(10, 0, 0, 1)],
  );
  t.regex(two, /^udp dport 4789 vxlan meta protocol ip \[.*inner.*\] \[.*cmp.*\]$/);
});
