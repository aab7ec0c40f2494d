/** Whole messages: where they begin and end in a datagram. */
import test from 'ava';
import { toHex, viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import { bytes } from '../../src/netlink/codec/codec.ts';
import { encode, frames, typeName } from '../../src/netlink/codec/frame.ts';
import { putFrame } from '../../src/netlink/codec/datagram.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';

const HEADER = { type: 999, flags: 0, seq: 1 };

test('frame: a datagram ends with its last message, padding stands between messages only', (t) => {
  const writer = new Writer();
  for (const body of ['aabbcc', 'dd']) {
    putFrame(writer, HEADER, () => bytes.put(writer, body));
  }
  const datagram = writer.finish();
  t.is(datagram.length, 20 + 17);
  t.is(datagram[19], 0);
  const bounds = [...frames(viewOf(datagram))].map(({ at, end }) => [at, end]);
  t.deepEqual(bounds, [
    [0, 19],
    [20, 37],
  ]);
});

test('frame: encoding begins anew after an error, and gives every message bytes of its own', (t) => {
  const frame = { type: 999, flags: [], seq: 1, pid: 0, payload: '0102' };
  const first = encode(rtnetlink, frame);
  t.throws(() => encode(rtnetlink, { ...frame, payload: 'xyz' }), { code: 'ERR_NETLINK_CODEC' });
  const second = encode(rtnetlink, { ...frame, payload: '0304' });
  t.is(toHex(first.subarray(16)), '0102');
  t.is(toHex(second.subarray(16)), '0304');
});

test('frame: types have kernel names, of the protocol and of every protocol', (t) => {
  t.is(typeName(rtnetlink, { type: 2, flags: 0 }), 'NLMSG_ERROR');
  t.is(typeName(rtnetlink, { type: 16, flags: 0 }), 'RTM_NEWLINK');
  t.is(typeName(rtnetlink, { type: 999, flags: 0 }), 999);
});
