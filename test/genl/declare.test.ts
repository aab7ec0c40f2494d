/**
 * Families as they are declared: their ids come at run time, and their messages are told by command
 * and sender.
 */
import test from 'ava';
import { genlFamily, genlMessage } from '../../src/genl/declare.ts';
import { genericProtocol } from '../../src/genl/generic.ts';
import { attr, attrs } from '../../src/netlink/codec/attributes.ts';
import { fromHex, toHex } from '../../src/netlink/codec/bytes.ts';
import { u32, u8 } from '../../src/netlink/codec/codec.ts';
import { decode, encode } from '../../src/netlink/codec/frame.ts';
import { annotate, show } from '../../src/netlink/codec/print.ts';
import { connect } from '../../src/netlink/connection.ts';
import { fakeSocket } from '../../src/netlink/fake.ts';

const query = genlMessage(
  'query',
  { THING_GET: 1, THING_SET: 2 },
  attrs({ id: attr('THING_ID', 1, u32) }),
  { doc: 'Asks for a thing.', sender: 'user', subject: ({ attrs: a }) => `thing ${a?.id}` },
);
const answer = genlMessage(
  'answer',
  { THING_REPLY: 1, THING_NOTE: 2 },
  attrs({ size: attr('THING_SIZE', 1, u8) }),
  { doc: 'A thing.', sender: 'kernel' },
);
const thing = genlFamily('thing', { version: 3, messages: [query, answer] });
const ovs = genlFamily('boxed', {
  version: 1,
  messages: [
    genlMessage('box', { BOX_GET: 1 }, attrs({ id: attr('BOX_ID', 1, u32) }), {
      doc: 'A box.',
      header: { ifindex: u32 },
    }),
  ],
});
const protocol = genericProtocol([
  [thing, 29],
  [ovs, 30],
]);

const GET = '1c000000 1d000100 01000000 00000000 01030000 08000100 05000000'.replace(/ /g, '');
const REPLY = '1c000000 1d000000 01000000 00000000 01030000 05000100 07000000'.replace(/ /g, '');

test('genl: a command is one message from the user, and another one from the kernel', (t) => {
  const [request] = decode(protocol, fromHex(GET));
  t.like(request, {
    type: 'THING_GET',
    flags: ['NLM_F_REQUEST'],
    payload: { cmd: 'THING_GET', version: 3, attrs: { id: 5 } },
  });
  const [reply] = decode(protocol, fromHex(REPLY));
  t.like(reply, { type: 'THING_REPLY', payload: { cmd: 'THING_REPLY', attrs: { size: 7 } } });
  for (const hex of [GET, REPLY]) {
    t.is(toHex(encode(protocol, decode(protocol, fromHex(hex))[0]!)), hex);
  }
  t.is(show(protocol, fromHex(GET)), 'THING_GET cmd=THING_GET version=3 THING_ID=5');
  t.regex(annotate(protocol, fromHex(GET)), /# nlmsghdr len=28 type=THING_GET /);
});

test('genl: a family may have a header of its own', (t) => {
  const hex = '20000000 1e000100 00000000 00000000 01010000 07000000 08000100 05000000';
  const [frame] = decode(protocol, fromHex(hex));
  t.deepEqual(frame!.payload, { cmd: 'BOX_GET', version: 1, ifindex: 7, attrs: { id: 5 } });
  t.is(toHex(encode(protocol, frame!)), hex.replaceAll(' ', ''));
});

test('genl: what is not declared has its numbers', (t) => {
  const [other] = decode(protocol, fromHex(`${GET.slice(0, 8)}28${GET.slice(10)}`));
  t.is(other!.type, 40);
  const [command] = decode(protocol, fromHex(GET.replace('01030000', '09030000')));
  t.is(command!.type, 'thing');
  t.true(command!.payload instanceof Uint8Array);
  t.is(protocol.typeName(29, 9), 'thing');
  t.is(protocol.typeName(40, 1), 'type 40');
});

test('genl: a refusal names the command, its subject, and the attribute', (t) => {
  const socket = fakeSocket((bytes) => {
    // EINVAL, with the offset of THING_ID.
    const error = fromHex('2c000000 02000003 00000000 00000000 eaffffff'.replace(/ /g, ''));
    const reply = new Uint8Array(44);
    reply.set(error);
    reply.set(bytes.subarray(0, 16), 20);
    reply.set(bytes.subarray(8, 12), 8);
    reply.set(fromHex('0800020014000000'), 36);
    return [reply];
  });
  using connection = connect(protocol, socket);
  const request = {
    message: query,
    type: 29,
    value: { cmd: 'THING_SET' as const, version: 3, attrs: { id: 5 } },
  };
  t.throws(() => connection.request(request), {
    message: 'THING_SET "thing 5": EINVAL at THING_ID: invalid argument',
  });
  const bad = { ...request, value: { ...request.value, attrs: { id: -1 } } };
  t.throws(() => connection.request(bad), { message: 'THING_SET/THING_ID: -1 is not a u32' });
});

test('genl: a declaration that could not be a family is refused', (t) => {
  for (const name of ['', 'sixteen-letters-', 7]) {
    t.throws(() => genlFamily(name as string, { version: 1, messages: [] }), {
      message: 'genlFamily: name must be text of 1 to 15 bytes',
    });
  }
  t.throws(() => genlFamily('thing', { version: 1 } as never), {
    message: 'genlFamily: options.messages must be an array',
  });
});
