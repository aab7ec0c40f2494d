/**
 * DEL of the bridge plugin with every combination of what may be missing, twice each, beside an
 * attachment that has to stay.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { bridgeAdd, bridgeDel } from '../../harness/bridge-calls.ts';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { freshNode, type Node } from '../../harness/node.ts';
import { invocation } from '../../plugins/invocation.ts';

/** Each system call is a dozen times as dear there. */
const isUml = readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');

interface Attached {
  readonly node: Node;
  readonly container: Namespace;
  readonly port: string;
  /** What DEL is going to get. */
  call: { config: Row; netns: string };
}

/** What takes something away between ADD and DEL. */
const MISSING: Readonly<Record<string, (attached: Attached) => void>> = {
  CNI_NETNS: (attached) => void (attached.call.netns = ''),
  bridge: ({ node }) => void node.host.exec('ip', 'link', 'del', 'br0'),
  master: ({ node, port }) => void node.host.exec('ip', 'link', 'set', port, 'nomaster'),
  lease: ({ node }) => {
    for (const name of Object.keys(node.leases())) {
      if (name.startsWith('net1/')) rmSync(join(node.dataDir, name));
    }
  },
  rule: ({ node }) => void node.host.exec('nft', 'flush', 'ruleset'),
  prevResult: ({ call }) => void delete call.config['prevResult'],
  'all keys but ipam': ({ call }) => {
    const { cniVersion, name, ipam, prevResult } = call.config;
    call.config = { cniVersion, name, ipam, prevResult };
  },
  // The last, because the links follow it at a time of the kernel's choice.
  namespace: ({ container }) => container.remove(),
};

const NAMES = Object.keys(MISSING);

/** All sets of names; in user-mode Linux those of at most two. */
function combinations(): string[][] {
  const all = Array.from({ length: 1 << NAMES.length }, (_, bits) =>
    NAMES.filter((_name, i) => (bits >> i) & 1),
  );
  return isUml ? all.filter(({ length }) => length <= 2) : all;
}

needs('nftables-inet')('bridge DEL: every combination of what may be missing, twice', (t) => {
  const node = freshNode(t);
  const live = attach(t, node, 'net2', 'br1', 'live');
  const all = combinations();
  for (const [i, missing] of all.entries()) {
    const attached = attach(t, node, 'net1', 'br0', `c${i}`);
    for (const name of missing) MISSING[name]!(attached);
    const { config, netns } = attached.call;
    for (const attempt of ['first', 'second']) {
      const call = invocation(config, { netns, containerId: `c${i}` });
      const without = `${attempt}, without ${missing.join(', ') || 'nothing missing'}`;
      t.notThrows(() => node.host.run(() => bridgeDel(call)), without);
      t.deepEqual(left(node), [], without);
    }
    stays(t, live, missing);
    attached.container.remove();
    if (missing.includes('rule')) {
      node.host.run(() => bridgeDel(invocation(live.call.config, { containerId: 'live' })));
      live.container.remove();
      Object.assign(live, attach(t, node, 'net2', 'br1', 'live'));
    }
  }
  t.log(`${all.length} combinations`);
});

function attach(
  t: ExecutionContext,
  node: Node,
  name: string,
  bridge: string,
  containerId: string,
): Attached {
  const container = freshNamespace(t);
  const subnets = name === 'net1' ? ['10.88.0.0/16', 'fd88::/64'] : ['10.99.0.0/16', 'fd99::/64'];
  const config = node.config(subnets, { name, bridge, isDefaultGateway: true, ipMasq: true });
  const netns = container.path;
  const call = invocation(config, { netns, containerId });
  node.host.run(() => bridgeAdd(call));
  const prevResult = JSON.parse(call.printed[0]!) as { interfaces: { name: string }[] };
  const port = prevResult.interfaces[1]!.name;
  return { node, container, port, call: { config: { ...config, prevResult }, netns } };
}

/** What is still there of any attachment to the first network. */
function left(node: Node): string[] {
  const text = node.host.exec(
    'sh',
    '-c',
    `ip -o -d link show type veth | grep net1/ | cut -d: -f2; nft list ruleset | grep -E '10[.]88|fd88'; true`,
  );
  return [
    ...text.split('\n').filter(Boolean),
    ...Object.keys(node.leases()).filter((name) => name.startsWith('net1/')),
  ];
}

/** The other attachment has its link, its leases and, unless somebody flushed them, its rules. */
function stays(t: ExecutionContext, { node, port }: Attached, missing: readonly string[]): void {
  const without = missing.join(', ');
  t.is(node.host.ip('link', 'show', 'dev', port, 'master', 'br1').length, 1, without);
  t.is(Object.keys(node.leases()).filter((name) => name.startsWith('net2/')).length, 2, without);
  if (missing.includes('rule')) return;
  const rules = node.host.exec('nft', 'list', 'ruleset');
  t.regex(rules, /10\.99[^]*fd99|fd99[^]*10\.99/, without);
}
