/** The way of a packet through the rules. */
import { openNftables } from '../../../src/nftables/open.ts';
import { ruleText } from '../../../src/nftables/rules/print-rule.ts';
import type { TraceObject } from '../../../src/nftables/trace/monitor-traces.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const RULESET = `table inet t {
  chain p { type filter hook prerouting priority 0; udp dport 9 meta nftrace set 1 mark set 5; }
  chain sub { return; }
  chain c { type filter hook input priority 0; policy drop; udp dport 9 jump sub; }
}`;

needs('nftables-inet')('traces: what a packet comes to, until the policy drops it', async (t) => {
  const ns = freshNamespace(t);
  ns.exec('ip', 'link', 'set', 'lo', 'up');
  ns.exec('nft', RULESET);
  using nft = openNftables({ netns: ns.path });
  await using monitor = nft.traces.monitor();
  ns.exec('bash', '-c', 'echo -n traced >/dev/udp/127.0.0.1/9');
  const seen: TraceObject[] = [];
  for await (const event of monitor) {
    if (event.type !== 'trace') return t.fail(event.type);
    seen.push(event.value);
    if (event.value.policy === 'drop') break;
  }
  const handles = nft.rules.list().map(({ handle, ...rule }) => [handle, ruleText(rule)] as const);
  const texts = new Map(handles);
  // The end of a chain is an event too, without a rule.
  const told = seen.filter(({ handle, policy }) => (handle ?? policy) !== undefined);
  t.deepEqual(
    told.map(({ chain, type, verdict, handle, policy }) => [
      ...[chain, type, verdict?.code, verdict?.chain],
      handle === undefined ? policy : texts.get(handle),
    ]),
    [
      [
        'p',
        'rule',
        'continue',
        undefined,
        'udp dport 9 meta nftrace set 1 meta mark set 0x00000005',
      ],
      ['p', 'policy', undefined, undefined, 'accept'],
      ['c', 'rule', 'jump', 'sub', 'udp dport 9 jump sub'],
      ['sub', 'rule', 'return', undefined, 'return'],
      ['c', 'policy', undefined, undefined, 'drop'],
    ],
  );
  t.is(new Set(seen.map(({ id }) => id)).size, 1);
  const [first] = seen;
  t.like(first, { family: 'inet', table: 't', nfproto: 'ip', iif: 1, iiftype: 772, mark: 5 });
  // The destination of the IP header, and the destination port of the UDP header.
  t.deepEqual([...first!.networkHeader!.subarray(16, 20)], [127, 0, 0, 1]);
  t.deepEqual([...first!.transportHeader!.subarray(2, 4)], [0, 9]);
});
