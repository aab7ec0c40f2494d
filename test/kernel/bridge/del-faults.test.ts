/**
 * DEL of the bridge plugin while one single thing goes wrong: each message that it sends over
 * netlink is refused in turn, each call on files fails in turn. It tells that and does the rest,
 * and the next DEL finishes; or it does without, and nothing is left.
 */
import { readFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { bridgeAdd, bridgeDel } from '../../harness/bridge-calls.ts';
import { failedFileCall, type Fault, refusedRouteMessage } from '../../harness/faults.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { freshNode, type Node } from '../../harness/node.ts';
import { invocation } from '../../plugins/invocation.ts';

/** Each system call is a dozen times as dear there. */
const isUml = readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');

/** What is still there of the attachment, by kind. */
function left(node: Node): string[] {
  const rules = node.host.exec('nft', 'list', 'ruleset');
  return [
    ...node.host.ip<{ ifname: string }[]>('link', 'show', 'type', 'veth').map(() => 'link'),
    ...Object.keys(node.leases()).map(() => 'lease'),
    ...(/10\.88|fd88/.test(rules) ? ['rules'] : []),
  ];
}

/** How often DEL told that something went wrong, and how often it did without. */
function walk(t: ExecutionContext, fault: Fault, stride: number): { told: number; spared: number } {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const keys = { isDefaultGateway: true, ipMasq: true };
  const config = node.config(['10.88.0.0/24', 'fd88::/64'], keys);
  const call = () => invocation(config, { netns: container.path });
  const counts = { told: 0, spared: 0 };
  for (let ordinal = 1; ; ordinal += stride) {
    node.host.run(() => bridgeAdd(call()));
    const { met, error } = node.host.run(() => fault(ordinal, () => bridgeDel(call())));
    const after = left(node);
    if (error === undefined) t.deepEqual(after, [], met);
    // One thing went wrong, so at most one kind of things is left.
    t.true(new Set(after).size <= 1, `${met}: ${after.join(', ')}`);
    t.notThrows(() => node.host.run(() => bridgeDel(call())), met);
    t.deepEqual(left(node), [], met);
    if (met === undefined) return counts;
    counts[error === undefined ? 'spared' : 'told']++;
  }
}

for (const [what, fault, stride] of [
  ['a refused message', refusedRouteMessage, 1],
  ['a failing call on files', failedFileCall, isUml ? 5 : 1],
] as const) {
  needs('nftables-inet')(`bridge DEL: ${what} is told, the rest is done, and DEL finishes`, (t) => {
    const counts = walk(t, fault, stride);
    t.log(JSON.stringify(counts));
    t.true(counts.told >= 1);
  });
}
