import test from 'ava';
import fc from 'fast-check';
import { fromHex, toHex, viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import {
  commentUserdata,
  setUserdata,
  type Userdata,
} from '../../src/nftables/messages/userdata.ts';

const read = (bytes: Uint8Array): Userdata => commentUserdata.get(viewOf(bytes), 0, bytes.length);
const write = (value: Userdata): Uint8Array => {
  const writer = new Writer();
  commentUserdata.put(writer, value);
  return writer.finish();
};

test('userdata: a comment is as nft writes it', (t) => {
  t.is(toHex(write({ comment: 'rc' })), '0003726300');
  t.deepEqual(read(fromHex('0003726300')), { comment: 'rc' });
});

test('userdata: parts without a name are kept', (t) => {
  const bytes = fromHex('05020102' + '0003726300' + '0900');
  t.deepEqual(read(bytes), {
    udata5: Uint8Array.of(1, 2),
    comment: 'rc',
    udata9: new Uint8Array(),
  });
});

test('userdata: a comment without an end is kept as bytes', (t) => {
  t.deepEqual(read(fromHex('00027263')), { udata0: Uint8Array.of(0x72, 0x63) });
  t.deepEqual(read(fromHex('0000')), { udata0: new Uint8Array() });
});

test('userdata: numbers of a set are in host order', (t) => {
  const bytes = fromHex('000402000000');
  t.deepEqual(setUserdata.get(viewOf(bytes), 0, bytes.length), { keyByteorder: 2 });
});

test('userdata: whatever another program wrote survives', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      t.deepEqual(write(read(bytes)), Uint8Array.from(bytes));
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

test('userdata: a comment of more than 255 bytes is refused', (t) => {
  t.throws(() => write({ comment: 'x'.repeat(255) }), { code: 'ERR_NETLINK_CODEC' });
});
