/** The rule builder against what nft made of the same words: `fixtures/nftables/rule`. */
import test from 'ava';
import type { Frame } from '../../src/netlink/codec/frame.ts';
import { toJson } from '../../src/netlink/codec/json.ts';
import {
  ether,
  ip,
  ip6,
  meta,
  rule,
  tcp,
  udp,
  type Statement,
} from '../../src/nftables/rules/match.ts';
import { nftaRule, type Rule } from '../../src/nftables/rule/message.ts';
import { accept, jump, masquerade } from '../../src/nftables/rules/statement.ts';
import { Writer, viewOf } from '../../src/netlink/codec/bytes.ts';
import { decodeOne, loadFixture } from '../harness/fixture.ts';

/**
 * Expressions as the kernel gives them back, without the flags and zeros that programs leave out or
 * not.
 */
function plain(expressions: unknown): unknown {
  return JSON.parse(
    JSON.stringify(toJson(expressions), (key, value: unknown) =>
      key === 'nlaNotes' || (Array.isArray(value) && value.length === 0) ? undefined : value,
    ),
  );
}

const ofFixture = (name: string): unknown => {
  const { protocol, bytes } = loadFixture(`nftables/rule/${name}`);
  const frame: Frame = decodeOne(protocol, bytes);
  return plain((frame.payload as Rule).attrs.expressions);
};

const built = (...statements: readonly Statement[]): unknown => {
  const writer = new Writer();
  nftaRule.put(writer, { expressions: rule('inet', ...statements) });
  const bytes = writer.finish();
  return plain(nftaRule.get(viewOf(bytes), 0, bytes.length).expressions);
};

test('rule: ip saddr @s ip daddr != 224.0.0.0/4 masquerade is what nft makes of it', (t) => {
  const ours = built(ip.saddr.in('s'), ip.daddr.not('224.0.0.0/4'), masquerade());
  const nft = ofFixture('masquerade-set') as { data?: object }[];
  // The number of a set in its transaction is nft's own business, and it leaves out what the kernel
  // takes for granted.
  for (const each of [...(ours as typeof nft), ...nft]) {
    for (const key of ['setId', 'op'] as const) {
      const data = each.data as Record<string, unknown> | undefined;
      if (key === 'setId' || data?.['op'] === 'mask-xor') delete data?.[key];
    }
  }
  t.deepEqual(ours, nft);
});

test('rule: a jump is what nft makes of it', (t) => {
  t.deepEqual(built(jump('d')), ofFixture('jump'));
});

test('rule: interface names with a star are compared up to it', (t) => {
  const ours = built(meta.iifname.is('eth0'), meta.oifname.is('br*'));
  t.deepEqual(ours, (ofFixture('meta-match') as unknown[]).slice(0, 4));
});

test('rule: the protocol is asked for once', (t) => {
  const expressions = rule('inet', ip.saddr.in('a'), ip.daddr.in('b'), tcp.dport.is(80), accept());
  const names = expressions.map(({ name }) => name).join(' ');
  t.is(names, 'meta cmp payload lookup payload lookup meta cmp payload cmp immediate');
});

test('rule: in a table of one family the protocol is not asked for', (t) => {
  t.is(rule('ip', ip.saddr.in('a'))[0]!.name, 'payload');
  t.is(rule('ip6', ip6.saddr.in('a'))[0]!.name, 'payload');
});

test('rule: packets of another family are refused', (t) => {
  t.throws(() => rule('ip', ip6.saddr.in('a')), { message: /family ip has no ip6 packets/ });
});

test('rule: a prefix of complete bytes is read short, another is masked', (t) => {
  const names = (prefix: string): string[] =>
    rule('ip', ip.daddr.not(prefix)).map(({ name }) => name);
  t.deepEqual(names('10.1.2.0/24'), ['payload', 'cmp']);
  t.deepEqual(names('10.1.2.0/25'), ['payload', 'bitwise', 'cmp']);
  t.deepEqual(names('10.1.2.3'), ['payload', 'cmp']);
  t.deepEqual(names('0.0.0.0/0'), ['payload', 'bitwise', 'cmp']);
});

const WRONG: Readonly<Record<string, readonly [value: unknown, match: (value: never) => unknown]>> =
  {
    'tcp dport: 70000 is not an integer from 0 to 65535': [70_000, tcp.dport.is],
    'tcp dport: -1 is not an integer from 0 to 65535': [-1, tcp.dport.not],
    'udp sport: NaN is not an integer from 0 to 65535': [NaN, udp.sport.is],
    'udp dport: undefined is not an integer from 0 to 65535': [undefined, udp.dport.is],
    'tcp sport: "http" is not an integer from 0 to 65535': ['http', tcp.sport.is],
    'tcp sport: 80.5 is not an integer from 0 to 65535': [80.5, tcp.sport.is],
    'meta l4proto: 256 is not an integer from 0 to 255': [256, meta.l4proto.is],
    'meta mark: 8589934597 is not an integer from 0 to 4294967295': [2 ** 33 + 5, meta.mark.is],
    'meta iifname: "an-interface-name" is longer than 15 bytes': [
      'an-interface-name',
      meta.iifname.is,
    ],
    'ip saddr: "fd00::1" is not an ip address': ['fd00::1', ip.saddr.is],
    'ether saddr: "02:00:00" is not an Ethernet address': ['02:00:00', ether.saddr.is],
    'ether daddr: "zz:00:00:00:00:01" is not a link-layer address': [
      'zz:00:00:00:00:01',
      ether.daddr.is,
    ],
    'ether daddr: "" is not an Ethernet address': ['', ether.daddr.not],
  };

for (const [message, [value, match]] of Object.entries(WRONG)) {
  test(`match: ${message}`, (t) => {
    t.throws(() => match(value as never), { code: 'ERR_NETLINK_CODEC', message });
  });
}
