import test from 'ava';
import { toHex } from '../../src/netlink/codec/bytes.ts';
import { concatenation, fieldsOf } from '../../src/nftables/messages/data-type.ts';
import { key, keyText, maskOf, prefixLength, prefixOf } from '../../src/nftables/messages/key.ts';

test('key: an address is its bytes', (t) => {
  t.is(toHex(key('10.1.2.3')), '0a010203');
  t.is(toHex(key('fd00::1')), 'fd000000000000000000000000000001');
  t.throws(() => key('10.1.2'), { message: /not an IP address/ });
});

test('key: fields of a concatenation are padded to four bytes', (t) => {
  t.is(toHex(key('10.1.2.3', 80)), '0a01020300500000');
  t.is(keyText(concatenation('ipv4_addr', 'inet_service'), key('10.1.2.3', 80)), '10.1.2.3 . 80');
});

test('key: a number that does not fit into two bytes is refused', (t) => {
  t.is(toHex(key(65_535)), 'ffff');
  for (const wrong of [70_000, -1, 1.5, NaN]) {
    t.throws(() => key('10.1.2.3', wrong), {
      code: 'ERR_NETLINK_CODEC',
      message: `${wrong} is not an integer from 0 to 65535`,
    });
  }
});

test('key: fields shorter than four bytes are read as such', (t) => {
  const type = concatenation('ipv4_addr', 'icmp_type', 'inet_service');
  t.is(keyText(type, key('10.0.0.1', Uint8Array.of(8), 80)), '10.0.0.1 . 8 . 80');
});

test('prefix: bits of the host are cleared', (t) => {
  t.deepEqual(prefixOf('10.1.2.3/20'), { address: Uint8Array.of(10, 1, 0, 0), length: 20 });
  t.is(prefixOf('fd00::5/64').length, 64);
  t.is(prefixOf('10.1.2.3').length, 32);
});

for (const bad of [
  '10.1.2.3/33',
  '10.1.2.3/',
  '10.1.2.3/1/2',
  'fd00::/129',
  '10.1.2.3/-1',
  'x/8',
]) {
  test(`prefix: "${bad}" is refused`, (t) => {
    t.throws(() => prefixOf(bad), { code: 'ERR_NETLINK_CODEC' });
  });
}

test('mask: every length there and back', (t) => {
  for (let bits = 0; bits <= 128; bits++) t.is(prefixLength(maskOf(bits, 16)), bits);
  t.is(prefixLength(Uint8Array.of(255, 0, 255, 0)), undefined);
});

test('data type: a concatenation is the numbers of its fields', (t) => {
  t.is(concatenation('ipv4_addr', 'ipv4_addr'), 0x1c7);
  t.deepEqual(fieldsOf(0x1c7), ['ipv4_addr', 'ipv4_addr']);
  t.deepEqual(fieldsOf('verdict'), ['verdict']);
});
