/** ADD of the bridge plugin is a transaction: made to fail after each of its steps, it leaves everything as it was. */
import test, { type ExecutionContext } from 'ava';
import { add } from '../../src/plugins/bridge/add.ts';
import * as firewall from '../../src/plugins/bridge/firewall.ts';
import { callForeign, invocation } from '../plugins/invocation.ts';
import type { Feature } from '../harness/features.ts';
import { freshNamespace, type Namespace, type Row } from '../harness/namespace.ts';
import { needs } from '../harness/needs.ts';
import { changes, freshNode, type Node, succeeded } from '../harness/node.ts';

interface Case {
  readonly subnets: readonly string[];
  readonly keys: Row;
  /** What is there before. */
  readonly before?: (node: Node, container: Namespace) => void;
  readonly needs?: readonly Feature[];
  /** Addresses come from a program that needs the interface. */
  readonly foreign?: boolean;
  /** Steps that must be among those that were walked. */
  readonly steps: readonly string[];
}

const BOTH = ['10.88.0.0/24', 'fd88::/64'];

const CASES: Readonly<Record<string, Case>> = {
  'both families over a new bridge': {
    subnets: BOTH,
    keys: { isDefaultGateway: true, hairpinMode: true, portIsolation: true, enabledad: true },
    steps: ['addresses', 'bridge and pair', 'net/ipv4/ip_forward', 'settings', 'commit'],
  },
  'a bridge that was there': {
    subnets: BOTH,
    keys: { isGateway: true, forceAddress: true, promiscMode: true },
    before: (node) => {
      node.host.exec('ip', 'link', 'add', 'br0', 'type', 'bridge');
      // The first time up changes its queueing discipline for good.
      for (const state of ['up', 'down']) node.host.exec('ip', 'link', 'set', 'br0', state);
      node.host.exec('ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'br0');
      node.host.exec('ip', 'addr', 'add', 'fd88::1/48', 'dev', 'br0');
    },
    steps: ['replaced address', 'replacing address', 'bridge MAC address'],
  },
  'a bridge with another attachment': {
    subnets: BOTH,
    keys: { isDefaultGateway: true },
    before: (node, container) => {
      const config = node.config(BOTH, { isDefaultGateway: true });
      succeeded(
        node.call('ADD', config, { netns: container.path, containerId: 'first', ifname: 'eth9' }),
      );
    },
    steps: ['port and gateway'],
  },
  'addresses of another program': {
    subnets: BOTH,
    keys: { isDefaultGateway: true },
    foreign: true,
    steps: ['port and gateway', 'first settings', 'addresses', 'gateway', 'net/ipv4/ip_forward'],
  },
  'no addresses': { subnets: [], keys: {}, steps: ['addresses and routes'] },
  'a VLAN with a gateway': {
    subnets: BOTH,
    keys: { isDefaultGateway: true, vlan: 100, vlanTrunk: [{ minID: 200, maxID: 210 }] },
    needs: ['vlan-filtering'],
    steps: ['VLAN interface'],
  },
  masquerade: {
    subnets: BOTH,
    keys: { isDefaultGateway: true, ipMasq: true, ipMasqBackend: 'nftables' },
    needs: ['nftables-inet'],
    steps: ['masquerade'],
  },
  'masquerade by iptables': {
    subnets: BOTH,
    keys: { isDefaultGateway: true, ipMasq: true, ipMasqBackend: 'iptables' },
    needs: ['iptables-legacy', 'ip6tables-legacy'],
    // The programs make table and chain when they first change them, and leave them behind.
    before: (node) => {
      for (const each of ['iptables', 'ip6tables']) {
        for (const change of ['-A', '-D']) {
          node.host.exec(each, '-t', 'nat', change, 'POSTROUTING', '-j', 'ACCEPT');
        }
      }
    },
    steps: ['masquerade'],
  },
  'a locked port': {
    subnets: BOTH,
    keys: { isDefaultGateway: true, macspoofchk: true },
    steps: ['port and gateway'],
  },
};

class Injected extends Error {}

for (const [title, wanted] of Object.entries(CASES)) {
  const declare = wanted.needs === undefined ? test.serial : needs(...wanted.needs);
  declare(`bridge ADD: failing after any step leaves everything as it was: ${title}`, (t) => {
    walk(t, wanted);
  });
}

function walk(t: ExecutionContext, { subnets, keys, before, foreign, steps }: Case): void {
  t.timeout(300_000);
  const node = freshNode(t);
  const container = freshNamespace(t);
  before?.(node, container);
  const config = node.config(subnets, keys);
  const environment = foreign ? callForeign(t, config, container.path) : {};
  const untouched = node.snapshot(container);
  const walked: string[] = [];
  for (let failing = 0; ; failing++) {
    let step = 0;
    const call = invocation(config, { netns: container.path, ...environment });
    const afterStep = (name: string): void => {
      if (step++ !== failing) return;
      walked.push(name);
      throw new Injected(name);
    };
    try {
      node.host.run(() => add(call, { afterStep, firewall }));
    } catch (error) {
      if (!(error instanceof Injected)) throw error;
      t.deepEqual(changes(untouched, node.snapshot(container)), [], `after ${walked.at(-1)}`);
      t.deepEqual(call.warnings, [], `after ${walked.at(-1)}`);
      continue;
    }
    break;
  }
  t.log(walked.join(', '));
  for (const step of steps) t.true(walked.includes(step), `${step} among ${walked.join(', ')}`);
  t.true(changes(untouched, node.snapshot(container)).length > 0);
}
