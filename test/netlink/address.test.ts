/** Addresses as text: every form that is accepted, one form that is printed. */
import { isIPv4, isIPv6 } from 'node:net';
import test from 'ava';
import fc from 'fast-check';
import { ip, lladdr, mac } from '../../src/netlink/codec/address.ts';
import { formatIpv6, parseIpv4, parseIpv6 } from '../../src/ip.ts';
import { fromHex, toHex, viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import type { Codec } from '../../src/netlink/codec/codec.ts';

const view = (): DataView => new DataView(new ArrayBuffer(16));

const canonical = (text: string): string | undefined => {
  const bytes = view();
  return parseIpv6(text, bytes, 0) ? formatIpv6(bytes, 0) : undefined;
};

test('address: IPv6 in all forms of RFC 4291 prints as RFC 5952 says', (t) => {
  t.is(canonical('2001:DB8:0:0:0:0:0:1'), '2001:db8::1');
  t.is(canonical('::'), '::');
  t.is(canonical('1::'), '1::');
  t.is(canonical('::1'), '::1');
  t.is(canonical('1:2:3:4:5:6:7::'), '1:2:3:4:5:6:7:0');
  t.is(canonical('::2:3:4:5:6:7:8'), '0:2:3:4:5:6:7:8');
  t.is(canonical('::ffff:10.0.0.1'), '::ffff:10.0.0.1');
  t.is(canonical('64:ff9b::192.0.2.33'), '64:ff9b::c000:221');
  t.is(canonical('1:2:3:4:5:6:1.2.3.4'), '1:2:3:4:5:6:102:304');
});

const PIECES = ['0', '1', '12', '255', '256', 'fe80', '12345', 'g', ':', '::', '.', '.', ':', ' '];
const texts = fc.array(fc.constantFrom(...PIECES), { maxLength: 17 }).map((all) => all.join(''));

test('address: what is an address is what the runtime takes for one', (t) => {
  const check = (text: string): void => {
    t.is(parseIpv4(text, view(), 0), isIPv4(text), text);
    // The runtime's own reader lets :: stand for nothing, RFC 4291 does not.
    if (!/^([^:]+:){7}:[^:]+$|::.*(:[^:]+){7}$|^([^:]+:){7,}.*::/.test(text)) {
      t.is(parseIpv6(text, view(), 0), isIPv6(text), text);
    }
  };
  fc.assert(fc.property(texts, check), { numRuns: 20_000, seed: 1 });
  fc.assert(fc.property(fc.ipV6(), check), { numRuns: 2000, seed: 1 });
  fc.assert(fc.property(fc.ipV4(), check), { numRuns: 2000, seed: 1 });
});

test('address: text and bytes are each other', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      const again = view();
      t.true(parseIpv6(formatIpv6(viewOf(bytes), 0), again, 0));
      t.is(toHex(new Uint8Array(again.buffer)), toHex(bytes));
    }),
    { numRuns: 2000, seed: 1 },
  );
});

const put = (codec: Codec<any, any>, value: unknown): string => {
  const writer = new Writer();
  codec.put(writer, value);
  return toHex(writer.finish());
};

test('address: link-layer addresses have pairs of digits, with colons or dashes', (t) => {
  t.is(put(lladdr, '02:00:AB:cd-ef:01'), '0200abcdef01');
  t.is(put(lladdr, ''), '');
  t.is(put(lladdr, 'ff'), 'ff');
  for (const text of ['f', 'ff:', ':ff', 'ff:f', 'ff.ff', 'ffff', 'gg', 'ff:ff:', 5, null]) {
    t.throws(() => put(lladdr, text), { code: 'ERR_NETLINK_CODEC' }, String(text));
  }
  t.throws(() => put(mac, '02:00:00:00:00'), { message: /is not an Ethernet address/ });
});

test('address: link-layer addresses of tunnels are IP addresses, and give their bytes back', (t) => {
  for (const [text, hex] of [
    ['192.0.2.1', 'c0000201'],
    ['0.0.0.0', '00000000'],
    ['fd00::1', 'fd000000000000000000000000000001'],
    ['::', '00'.repeat(16)],
    // As an IPv6 address it would be 11:22:33:44:55:66:77:88, which are eight bytes.
    ['00:11:00:22:00:33:00:44:00:55:00:66:00:77:00:88', '00110022003300440055006600770088'],
    ['11:22:33:44:55:66:77:88', '1122334455667788'],
  ] as const) {
    t.is(put(lladdr, text), hex);
    const bytes = fromHex(hex);
    t.is(lladdr.get(viewOf(bytes), 0, bytes.length), text);
  }
});

test('address: an address of no family is refused', (t) => {
  for (const text of ['', '10.0.0', '10.0.0.0.1', '010.0.0.1', '1::2::3', 'x', 5, null]) {
    t.throws(() => put(ip, text), { code: 'ERR_NETLINK_CODEC' }, String(text));
  }
});
