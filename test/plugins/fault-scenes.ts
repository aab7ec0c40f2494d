/**
 * What system calls are made to fail in: each plugin with each back end, on a node where it can be
 * called any number of times.
 */
import type { Feature } from '../harness/features.ts';
import {
  namespaceWithoutProbes,
  type Namespace,
  type Row,
  type Teardown,
} from '../harness/namespace.ts';
import { freshNode, type Node } from '../harness/node.ts';
import { execPlugin, ourPlugin, type PluginCall, type PluginOutput } from '../harness/plugin.ts';
import { iptablesChain } from '../../src/plugins/masquerade/rule-names.ts';
import { ADD_CASES, type AddCase } from './bridge/add-cases.ts';
import { callForeign } from './invocation.ts';
import { addUplink, ipvlanNode, UPLINK, V4, V6 } from './ipvlan/node.ts';

export interface FaultScene {
  readonly plugin: string;
  readonly needs?: readonly Feature[];
  /** Those in which there is something of this plugin to go wrong. */
  readonly commands: readonly PluginCall['command'][];
  prepare(t: Teardown): Stage;
}

/** Two containers on a node, and one network. */
export interface Stage {
  /** Everything that a call may change. */
  snapshot(): string[];
  /** `who` is the first container or the second. */
  run(command: PluginCall['command'], who: 1 | 2, keys?: Row, binary?: string): PluginOutput;
}

type Made = Pick<Node, 'host' | 'snapshot'>;

function stage(
  plugin: string,
  node: Made,
  containers: readonly [Namespace, Namespace],
  config: Row,
  more: Partial<PluginCall> = {},
): Stage {
  return {
    snapshot: () => node.snapshot(...containers),
    run: (command, who, keys = {}, binary = ourPlugin(plugin)) =>
      node.host.run(() => {
        const call = { containerId: `c${who}`, netns: containers[who - 1]!.path, ifname: 'eth0' };
        const all = { ...config, cniVersion: '1.1.0', ...keys };
        return execPlugin(binary, { command, ...call, ...more }, all);
      }),
  };
}

const both = (t: Teardown): [Namespace, Namespace] => [
  namespaceWithoutProbes(t),
  namespaceWithoutProbes(t),
];

const ALL = ['ADD', 'CHECK', 'DEL', 'GC'] as const;

function bridge({ subnets, keys, before, needs = [], foreign = false }: AddCase): FaultScene {
  return {
    plugin: 'bridge',
    needs,
    // What another program does in CHECK and GC is its own business.
    commands: foreign ? ['ADD', 'DEL'] : ALL,
    prepare(t) {
      const node = freshNode(t);
      const containers = both(t);
      before?.(node, containers[0]);
      const config = node.config(subnets, keys);
      if (keys['ipMasqBackend'] === 'iptables') {
        return stage('bridge', withRules(node), containers, config);
      }
      if (!foreign) return stage('bridge', node, containers, config);
      const { path } = callForeign(t, config, containers[0].path);
      return stage('bridge', node, containers, config, { path: path! });
    },
  };
}

/**
 * The rules of the kernel's own iptables as well, which nft(8) does not list. Without those of the
 * second container, which is the one that GC collects: whose a chain is cannot be read from it, so
 * they stay, as the reference's do.
 */
function withRules(node: Node): Made {
  const stale = iptablesChain({ network: 'net1', containerId: 'c2', ifname: 'eth0' });
  const list = 'for t in iptables ip6tables; do $t-save -t nat; done | grep ^-A; true';
  const rules = (): string[] => node.host.exec('sh', '-c', list).split('\n');
  return {
    host: node.host,
    snapshot: (...containers) =>
      [...node.snapshot(...containers), ...rules()].filter((line) => !line.includes(stale)),
  };
}

function ipvlan(keys: Row, subnets: readonly string[]): FaultScene {
  return {
    plugin: 'ipvlan',
    needs: ['ipvlan', 'dummy', 'ipv6'],
    commands: ALL,
    prepare(t) {
      const node = ipvlanNode(t);
      const containers = both(t);
      if (keys['linkInContainer'] === true) {
        for (const each of containers) addUplink(each, UPLINK);
      }
      return stage('ipvlan', node, containers, node.config(keys, subnets));
    },
  };
}

/** Without links: the plugins that only assign addresses, and loopback. */
const plain = (plugin: string, ipam: Row | undefined, commands = [...ALL]): FaultScene => ({
  plugin,
  commands,
  prepare(t) {
    const node = freshNode(t);
    const { dataDir } = node;
    const containers = both(t);
    // The first time up gives `lo` its addresses and its queueing discipline for good.
    for (const each of containers) {
      for (const state of ['up', 'down']) each.exec('ip', 'link', 'set', 'lo', state);
    }
    const config = { name: 'net1', type: plugin, ...(ipam && { ipam: { dataDir, ...ipam } }) };
    return stage(plugin, node, containers, config);
  },
});

const bridges = Object.entries(ADD_CASES).map(([title, wanted]) => {
  return [`bridge, ${title}`, bridge(wanted)] as const;
});

export const FAULT_SCENES: Readonly<Record<string, FaultScene>> = {
  ...Object.fromEntries(bridges),
  'ipvlan in mode l3': ipvlan({ mode: 'l3' }, [V4, V6]),
  'ipvlan over a master in the container': ipvlan({ linkInContainer: true }, [V4]),
  'host-local': plain('host-local', {
    type: 'host-local',
    ranges: [[{ subnet: V4 }], [{ subnet: V6 }]],
  }),
  static: plain('static', { type: 'static', addresses: [{ address: '10.88.0.9/24' }] }, [
    'ADD',
    'CHECK',
    'DEL',
  ]),
  loopback: plain('loopback', undefined, ['ADD', 'CHECK', 'DEL']),
};
