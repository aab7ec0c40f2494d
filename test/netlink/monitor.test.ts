/** Monitors on a socket whose kernel is a function. */
import test from 'ava';
import { ENOBUFS, EPERM } from '../../src/sys/errno.ts';
import { CodecError, netlinkError } from '../../src/errors.ts';
import { fakeSocket } from '../../src/netlink/fake.ts';
import { encode } from '../../src/netlink/codec/frame.ts';
import { fromHex } from '../../src/netlink/codec/bytes.ts';
import { connect } from '../../src/netlink/connection.ts';
import { monitor, type MonitorOptions, type Unreadable } from '../../src/netlink/monitor.ts';
import { monitorRuleset, type RulesetEvent } from '../../src/nftables/ruleset-monitor.ts';
import { monitorObjects, type MonitorEvent } from '../../src/rtnl/monitor/object-monitor.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';

const link = (index: number, type = 'RTM_NEWLINK'): Uint8Array =>
  encode(rtnetlink, { type, flags: [], seq: 0, pid: 0, payload: { index, attrs: {} } });

const indexes: MonitorOptions<number | string> = {
  groups: [1, 5, 1],
  notice: ({ value, nsid }) => [(value as { index: number }).index + (nsid ?? 0) * 1000],
  lost: () => ['lost'],
};

test('monitor: joins each group once, reports what is there, then the changes', async (t) => {
  const socket = fakeSocket();
  const events = monitor(rtnetlink, socket, { ...indexes, begin: () => ['begin'] });
  t.deepEqual(socket.groups, [1, 5]);
  socket.deliver(link(2));
  t.deepEqual((await events.next()).value, 'begin');
  t.deepEqual((await events.next()).value, 2);
  events.close();
});

test('monitor: several messages of a datagram and several waiting readers keep their order', async (t) => {
  const socket = fakeSocket();
  const events = monitor(rtnetlink, socket, indexes);
  const asked = [events.next(), events.next(), events.next()];
  socket.deliver(Uint8Array.from([...link(1), ...link(2)]));
  socket.deliver(link(3));
  t.deepEqual(
    (await Promise.all(asked)).map(({ value }) => value),
    [1, 2, 3],
  );
  events.close();
});

test('monitor: the namespace of a message comes with it', async (t) => {
  const socket = fakeSocket();
  const events = monitor(rtnetlink, socket, indexes);
  socket.deliver(link(5), 3);
  socket.deliver(link(6));
  t.is((await events.next()).value, 3005);
  t.is((await events.next()).value, 6);
  events.close();
});

test('monitor: a loss is reported, what was still in the buffer is dropped, and it goes on', async (t) => {
  const socket = fakeSocket();
  const events = monitor(rtnetlink, socket, indexes);
  socket.deliver(netlinkError(ENOBUFS, 'recv'));
  socket.deliver(link(1));
  socket.deliver(netlinkError(ENOBUFS, 'recv'));
  socket.deliver(link(2));
  t.is((await events.next()).value, 'lost');
  socket.deliver(link(3));
  t.is((await events.next()).value, 3);
  events.close();
});

test('monitor: closing ends a waiting reader at once, and what comes later is not reported', async (t) => {
  const socket = fakeSocket();
  const events = monitor(rtnetlink, socket, indexes);
  const waiting = events.next();
  events.close();
  t.true((await waiting).done);
  socket.deliver(link(1));
  t.true((await events.next()).done);
});

test('monitor: an aborted signal ends the loop without an error, also before it began', async (t) => {
  const controller = new AbortController();
  const events = monitor(rtnetlink, fakeSocket(), { ...indexes, signal: controller.signal });
  setTimeout(() => controller.abort(), 10);
  for await (const _ of events) t.fail();
  const late = monitor(rtnetlink, fakeSocket(), { ...indexes, signal: controller.signal });
  t.true((await late.next()).done);
});

test('monitor: leaving the loop closes it', async (t) => {
  const socket = fakeSocket();
  const events = monitor(rtnetlink, socket, indexes);
  socket.deliver(link(1));
  for await (const index of events) {
    t.is(index, 1);
    break;
  }
  t.true((await events.next()).done);
});

test('monitor: an error other than a loss, and bytes that cannot be read, end it', async (t) => {
  const socket = fakeSocket();
  const events = monitor(rtnetlink, socket, indexes);
  socket.deliver(netlinkError(EPERM, 'recv'));
  await t.throwsAsync(events.next(), { code: 'EPERM' });
  t.true((await events.next()).done);

  const other = fakeSocket();
  const broken = monitor(rtnetlink, other, indexes);
  other.deliver(link(1).subarray(0, 20));
  await t.throwsAsync(broken.next(), { instanceOf: CodecError });
});

test('monitor: messages of undeclared types, and control messages, are passed over', async (t) => {
  const socket = fakeSocket();
  const events = monitor(rtnetlink, socket, indexes);
  const foreign = link(1);
  foreign[4] = 200;
  socket.deliver(foreign);
  socket.deliver(
    encode(rtnetlink, {
      type: 'NLMSG_ERROR',
      flags: [],
      seq: 1,
      pid: 1,
      payload: { error: 0, request: { len: 16 } },
    }),
  );
  socket.deliver(link(4));
  t.is((await events.next()).value, 4);
  events.close();
});

/** A link whose `IFLA_MTU` has two bytes. */
function unreadable(index: number): Uint8Array {
  const bytes = encode(rtnetlink, {
    type: 'RTM_NEWLINK',
    flags: [],
    seq: 0,
    pid: 0,
    payload: { index, attrs: { mtu: 1500 } },
  }).slice();
  new DataView(bytes.buffer).setUint16(32, 6, true);
  return bytes;
}

test('monitor: a message that cannot be read is reported with its bytes, and so are those beside and behind it', async (t) => {
  const socket = fakeSocket();
  const bad = unreadable(7);
  const events = monitor<number | string | Unreadable>(rtnetlink, socket, {
    ...indexes,
    unreadable: (message) => [message],
  });
  socket.deliver(Uint8Array.from([...link(1), ...bad, ...link(2)]), 4);
  socket.deliver(Uint8Array.from([...link(3), 0xff, 0xff]));
  socket.deliver(link(4));
  t.is((await events.next()).value, 4001);
  const told = (await events.next()).value as Unreadable;
  t.deepEqual(told.bytes, bad);
  t.regex(told.error.message, /^RTM_NEWLINK\/.*IFLA_MTU: 2 bytes/);
  t.is(told.nsid, 4);
  t.is((await events.next()).value, 4002);
  t.is((await events.next()).value, 3);
  t.deepEqual(((await events.next()).value as Unreadable).bytes, Uint8Array.of(0xff, 0xff));
  t.is((await events.next()).value, 4);
  events.close();
});

test('monitor: monitors of rtnetlink and of nf_tables go on behind what they cannot read', async (t) => {
  const socket = fakeSocket();
  const rt = connect(rtnetlink, fakeSocket());
  const links = monitorObjects(rt, () => socket, { links: true });
  socket.deliver(unreadable(7));
  socket.deliver(link(2));
  const event = (await links.next()).value as MonitorEvent;
  t.true(event.type === 'unreadable' && event.bytes.length > 0);
  t.is(((await links.next()).value as MonitorEvent).type, 'links');
  links.close();

  const ruleset = fakeSocket();
  const events = monitorRuleset(() => ruleset);
  // NFT_MSG_NEWTABLE with a flags attribute of one byte, and one that says nothing.
  ruleset.deliver(fromHex('1c000000 000a0000 00000000 00000000 01000000 05000200 01000000'));
  ruleset.deliver(fromHex('14000000 000a0000 00000000 00000000 01000000'));
  t.is(((await events.next()).value as RulesetEvent).type, 'unreadable');
  t.is(((await events.next()).value as RulesetEvent).type, 'table');
  events.close();
});

test('monitor: what the kernel says it could not send is lost', async (t) => {
  const socket = fakeSocket();
  const events = monitor(rtnetlink, socket, indexes);
  socket.deliver(fromHex('10000000 04000000 00000000 00000000'));
  t.is((await events.next()).value, 'lost');
  events.close();
});
