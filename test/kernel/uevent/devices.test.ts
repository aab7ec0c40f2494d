/** Uevents of links, which the kernel sends in their namespace, beside what others send there. */
import { Writer } from '../../../src/netlink/codec/bytes.ts';
import { putFrame } from '../../../src/netlink/codec/datagram.ts';
import { textBytes } from '../../../src/netlink/codec/text.ts';
import {
  NETLINK_KOBJECT_UEVENT,
  NLM_F_REQUEST,
  NLMSG_MIN_TYPE,
} from '../../../src/netlink/constants.ts';
import { monitor } from '../../../src/cli/monitor.ts';
import { open } from '../../../src/rtnl/open.ts';
import { monitorUevents, type UeventEvent } from '../../../src/uevent/index.ts';
import { openForger } from '../../harness/forge.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { until } from '../../harness/until.ts';

const test = needs('bridge');

/** `add d0`: what an event tells of a link; nothing for the queues. */
const told = (event: UeventEvent): string[] =>
  event.type === 'uevent' && event.subsystem === 'net'
    ? [`${event.action} ${event.env['INTERFACE']}`]
    : [];
const tells =
  (words: string) =>
  (event: UeventEvent): boolean =>
    told(event).includes(words);

const inSys = (ns: Namespace, script: string): string =>
  ns.exec('ip', 'netns', 'exec', ns.name, 'sh', '-c', script);

test('uevent: a link that is added, renamed, changed by hand and deleted', async (t) => {
  const ns = freshNamespace(t);
  const events = monitorUevents({ netns: ns.name });
  ns.exec('ip', 'link', 'add', 'd0', 'type', 'bridge');
  ns.exec('ip', 'link', 'set', 'd0', 'name', 'd1');
  inSys(ns, 'echo change fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed A=1 > /sys/class/net/d1/uevent');
  ns.exec('ip', 'link', 'del', 'd1');
  const read = await until(events, tells('remove d1'));
  t.deepEqual(read.flatMap(told), ['add d0', 'move d1', 'change d1', 'remove d1']);
  const [move] = read.filter(tells('move d1'));
  t.like(move, {
    action: 'move',
    devpath: '/devices/virtual/net/d1',
    env: { DEVPATH_OLD: '/devices/virtual/net/d0', DEVTYPE: 'bridge' },
  });
  const [change] = read.filter(tells('change d1'));
  t.like(change, {
    env: { SYNTH_UUID: 'fe4d7c9d-b8c6-4a70-9ef1-3d8a58d18eed', SYNTH_ARG_A: '1' },
  });
  events.close();
  t.true((await events.next()).done);
});

test('uevent: links of another namespace are not told, and a signal ends the loop', async (t) => {
  const [ns, other] = [freshNamespace(t), freshNamespace(t)];
  const end = new AbortController();
  const events = ns.run(() => monitorUevents({ signal: end.signal }));
  other.exec('ip', 'link', 'add', 'd0', 'type', 'bridge');
  ns.exec('ip', 'link', 'add', 'd1', 'type', 'bridge');
  const read = await until(events, tells('add d1'));
  t.deepEqual(read.flatMap(told), ['add d1']);
  for (let done: boolean | undefined = false; done !== true;) {
    const next = events.next();
    end.abort();
    ({ done } = await next);
  }
  t.pass();
});

const FORGED = 'add@/f\0ACTION=add\0DEVPATH=/f\0SUBSYSTEM=net\0INTERFACE=FORGED\0SEQNUM=1\0';

/** A message to the kernel, which it passes on to the group without the header. */
function passedOn(text: string): Uint8Array {
  const writer = new Writer();
  putFrame(writer, { type: NLMSG_MIN_TYPE, flags: NLM_F_REQUEST, seq: 1 }, () =>
    writer.append(textBytes(text)),
  );
  return writer.finish();
}

test('uevent: what a process sends is dropped, in both groups', async (t) => {
  const ns = freshNamespace(t);
  const forger = ns.run(() => openForger(NETLINK_KOBJECT_UEVENT));
  t.teardown(() => forger.close());
  const events = monitorUevents({ netns: ns.path });
  for (const group of [1, 2]) t.true(forger.multicast(group, textBytes(FORGED)) > 0);
  ns.exec('ip', 'link', 'add', 'd0', 'type', 'bridge');
  t.deepEqual((await until(events, tells('add d0'))).flatMap(told), ['add d0']);
  events.close();
});

test('uevent: a datagram that is none is told with its bytes, and the loop goes on', async (t) => {
  const ns = freshNamespace(t);
  const forger = ns.run(() => openForger(NETLINK_KOBJECT_UEVENT));
  t.teardown(() => forger.close());
  const events = monitorUevents({ netns: ns.path });
  t.true(forger.unicast(0, passedOn('junk')) > 0);
  ns.exec('ip', 'link', 'add', 'd0', 'type', 'bridge');
  const [first, ...others] = await until(events, tells('add d0'));
  t.deepEqual(others.flatMap(told), ['add d0']);
  if (first?.type !== 'unreadable') return t.fail(first?.type);
  t.regex(Buffer.from(first.bytes).toString(), /^junkSEQNUM=\d+\0$/);
  t.regex(first.error.message, /^uevent: "junkSEQNUM=\d+" is not ACTION@DEVPATH$/);
  t.is(first.error.code, 'ERR_NETLINK_CODEC');
  events.close();
});

test('uevent: a reader that is too slow is told so, and gets what comes then', async (t) => {
  const ns = freshNamespace(t);
  const events = monitorUevents({ netns: ns.path, receiveBuffer: 8192 });
  using rt = open({ netns: ns.path });
  // Three events each; the buffer has room for some ten.
  for (let i = 0; i < 40; i++) rt.links.add({ ifname: `d${i}`, kind: 'bridge' });
  const [lost] = await until(events, ({ type }) => type === 'lost');
  t.deepEqual(lost, { type: 'lost' });
  rt.links.add({ ifname: 'last', kind: 'bridge' });
  t.true((await until(events, tells('add last'))).every(({ type }) => type === 'uevent'));
  events.close();
});

test('cli: monitor uevents prints them, as lines and as JSON', async (t) => {
  const ns = freshNamespace(t);
  using rt = open({ netns: ns.path });
  for (const more of [[], ['--json']]) {
    let out = '';
    let isOver = false;
    const run = async (): Promise<void> => {
      await monitor.run(['uevents', '--netns', ns.name, '--count', '1', ...more], {
        write: (text) => void (out += text),
        note: (text) => t.fail(text),
        colours: false,
        readInput: () => new Uint8Array(),
      });
      isOver = true;
    };
    const over = run();
    // Nothing tells when the command listens, so links come and go until it has heard of one.
    while (!isOver) {
      rt.links.add({ ifname: 'd0', kind: 'bridge' });
      rt.links.delete('d0');
      await new Promise(setImmediate);
    }
    await over;
    if (more.length === 0) t.regex(out, /^[+-] uevent +action=(add|remove) devpath=\/devices\/v/);
    else t.regex(out, /^\{"type":"uevent","action":"(new|del)","value":\{"action":/);
  }
});
