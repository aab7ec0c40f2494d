/** Packets that rules log: what a sender sends is what is told. */
import type { ExecutionContext } from 'ava';
import { NetlinkError } from '../../../src/errors.ts';
import { openNflog, type LogEvent, type LoggedPacket } from '../../../src/nflog/index.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const test = needs('nflog');

function setUp(t: ExecutionContext) {
  const ns = freshNamespace(t);
  ns.exec('ip', 'link', 'set', 'lo', 'up');
  const log = openNflog({ netns: ns.path });
  t.teardown(() => log.close());
  const rule = 'iptables -A OUTPUT -p udp -j NFLOG --nflog-group 5 --nflog-prefix out';
  ns.exec(...(rule.split(' ') as [string]));
  return { ns, log };
}

const send = (ns: Namespace, text: string): string =>
  ns.exec('bash', '-c', `printf ${text} >/dev/udp/127.0.0.1/9`);

async function next(events: AsyncIterator<LogEvent>): Promise<LoggedPacket> {
  for (;;) {
    const { value } = (await events.next()) as { value: LogEvent };
    if (value.type === 'packet') return value.packet;
  }
}

const textOf = ({ payload }: LoggedPacket): string =>
  Buffer.from(payload ?? [])
    .subarray(28)
    .toString();

test('nflog: a packet is told with its bytes, its link and the text of the rule', async (t) => {
  const { ns, log } = setUp(t);
  const events = log.packets(5, { flags: ['seq'] });
  send(ns, 'hello');
  send(ns, 'again');
  const first = await next(events);
  t.is(textOf(first), 'hello');
  const { family, hook, hwProtocol, prefix, ifindexOutdev, seq } = first;
  t.deepEqual(
    { family, hook, hwProtocol, prefix, ifindexOutdev, seq },
    { family: 'ip', hook: 'output', hwProtocol: 0x800, prefix: 'out', ifindexOutdev: 1, seq: 0 },
  );
  const second = await next(events);
  t.is(textOf(second), 'again');
  t.is(second.seq, 1);
  events.close();
  t.true((await events.next()).done);
});

test('nflog: as many bytes as wished are sent', async (t) => {
  const { ns, log } = setUp(t);
  const short = log.packets(5, { copyRange: 30 });
  send(ns, 'hello');
  t.is(textOf(await next(short)), 'he');
  short.close();
  const none = log.packets(5, { copyRange: 0 });
  send(ns, 'hello');
  t.is((await next(none)).payload, undefined);
  none.close();
});

test('nflog: a group has one reader, and numbers have a range', (t) => {
  const { log } = setUp(t);
  const events = log.packets(5);
  const error = t.throws(() => log.packets(5), { instanceOf: NetlinkError });
  t.is(error?.code, 'EPERM');
  t.regex(error!.message, /NFULNL_MSG_CONFIG.*group 5/);
  events.close();
  t.throws(() => log.packets(65536), { message: /group must be a number from 0 to 65535/ });
  t.throws(() => log.packets(6, { copyRange: -1 }), { message: /copyRange/ });
});
