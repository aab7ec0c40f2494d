/** Packets that rules hold: what is decided about them is what becomes of them. */
import type { ExecutionContext } from 'ava';
import { NetlinkError } from '../../../src/errors.ts';
import { openNfqueue, type HeldPacket, type HeldPackets } from '../../../src/nfqueue/index.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const test = needs('nfqueue');

function setUp(t: ExecutionContext) {
  const ns = freshNamespace(t);
  ns.exec('ip', 'link', 'set', 'lo', 'up');
  const queue = openNfqueue({ netns: ns.path });
  t.teardown(() => queue.close());
  const rule = 'iptables -A OUTPUT -p udp -j NFQUEUE --queue-num 5';
  ns.exec(...(rule.split(' ') as [string]));
  return { ns, queue };
}

const send = (ns: Namespace, text: string): string =>
  ns.exec('bash', '-c', `printf ${text} >/dev/udp/127.0.0.1/9`);

async function next(packets: HeldPackets): Promise<HeldPacket> {
  for (;;) {
    const { value } = await packets.next();
    if (value.type === 'packet') return value.packet;
  }
}

const textOf = ({ payload }: HeldPacket): string =>
  Buffer.from(payload ?? [])
    .subarray(28)
    .toString();

/** Accepted packets in a second queue, behind the first: what has passed, and how. */
const behind = (ns: Namespace): string =>
  ns.exec(
    ...('iptables -A INPUT -p udp -j NFQUEUE --queue-num 6'.split(' ') as [string, ...string[]]),
  );

test('nfqueue: packets are accepted, changed, marked and dropped', async (t) => {
  const { ns, queue } = setUp(t);
  behind(ns);
  const packets = queue.packets(5);
  const passed = queue.packets(6);
  send(ns, 'hello');
  const first = await next(packets);
  t.is(textOf(first), 'hello');
  t.deepEqual([first.family, first.hook, first.hwProtocol], ['ip', 'output', 0x800]);
  packets.verdict(first.id, 'accept', { mark: 7 });
  const accepted = await next(passed);
  t.is(textOf(accepted), 'hello');
  t.is(accepted.mark, 7);

  send(ns, 'drop');
  packets.verdict((await next(packets)).id, 'drop');
  send(ns, 'other');
  const third = await next(packets);
  const payload = Uint8Array.from(third.payload!);
  payload.set(Buffer.from('OTHER'), 28);
  packets.verdict(third.id, 'accept', { payload });
  t.is(textOf(await next(passed)), 'OTHER');
  packets.close();
  passed.close();
});

test('nfqueue: one verdict decides about all packets up to a number', async (t) => {
  const { ns, queue } = setUp(t);
  behind(ns);
  const packets = queue.packets(5, { copyRange: 29 });
  const passed = queue.packets(6);
  for (const text of ['aa', 'bb', 'cc']) send(ns, text);
  const held = [await next(packets), await next(packets), await next(packets)];
  t.deepEqual(held.map(textOf), ['a', 'b', 'c']);
  t.is(held[0]!.capLen, 30);
  packets.verdictBatch(held[1]!.id, 'drop');
  packets.verdictBatch(held[2]!.id, 'accept', { mark: 9 });
  const only = await next(passed);
  t.is(textOf(only), 'cc');
  t.is(only.mark, 9);
  packets.close();
  passed.close();
});

test('nfqueue: mistakes are refused before anything is sent', (t) => {
  const { queue } = setUp(t);
  const packets = queue.packets(5, { flags: ['failOpen', 'gso'], queueMaxlen: 10 });
  const error = t.throws(() => queue.packets(5), { instanceOf: NetlinkError });
  t.is(error?.code, 'EPERM');
  t.throws(() => packets.verdict(1, 'maybe' as never), { message: /"maybe" is not one of drop/ });
  t.throws(() => queue.packets(-1), { message: /queue must be a number from 0 to 65535/ });
  packets.close();
  t.throws(() => packets.verdict(1, 'accept'), { message: /closed/ });
});
