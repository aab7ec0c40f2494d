/**
 * Attachments by the bridge plugin that are made to fail in every way: what is asked for, and what
 * is there before.
 */
import { invocation, callForeign, type Recorded } from '../invocation.ts';
import type { Feature } from '../../harness/features.ts';
import {
  namespaceWithoutProbes,
  type Namespace,
  type Row,
  type Teardown,
} from '../../harness/namespace.ts';
import { freshNode, type Node, succeeded } from '../../harness/node.ts';

export interface AddCase {
  readonly subnets: readonly string[];
  readonly keys: Row;
  /** What is there before. */
  readonly before?: (node: Node, container: Namespace) => void;
  readonly needs?: readonly Feature[];
  /** Addresses come from a program that needs the interface. */
  readonly foreign?: boolean;
  /** Steps that must be among those that ADD takes. */
  readonly steps: readonly string[];
}

const BOTH = ['10.88.0.0/24', 'fd88::/64'];

/** The case with the most changes. */
export const NEW_BRIDGE = 'both families over a new bridge';

export const ADD_CASES: Readonly<Record<string, AddCase>> = {
  [NEW_BRIDGE]: {
    subnets: BOTH,
    keys: { isDefaultGateway: true, hairpinMode: true, portIsolation: true, enabledad: true },
    steps: ['addresses', 'bridge and pair', 'net/ipv4/ip_forward', 'settings', 'commit'],
  },
  'a bridge that was there': {
    subnets: BOTH,
    keys: { isGateway: true, forceAddress: true, promiscMode: true },
    before: (node, container) => {
      container.exec('sysctl', '-qw', 'net.ipv6.conf.lo.disable_ipv6=1');
      node.host.exec('ip', 'link', 'add', 'br0', 'type', 'bridge');
      // The first time up changes its queueing discipline for good.
      for (const state of ['up', 'down']) node.host.exec('ip', 'link', 'set', 'br0', state);
      node.host.exec('ip', 'addr', 'add', '192.0.2.1/24', 'dev', 'br0');
      node.host.exec('ip', 'addr', 'add', 'fd88::1/48', 'dev', 'br0');
    },
    steps: ['net/ipv6/conf/br0/accept_ra', 'port and gateway', 'net/ipv6/conf/lo/disable_ipv6'],
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

/**
 * A node on which an ADD can be tried, any number of times as long as it leaves everything as it
 * was.
 */
export interface Scene {
  readonly node: Node;
  readonly container: Namespace;
  readonly config: Row;
  readonly untouched: readonly string[];
  /** One more try; to be run on the host. */
  call(): Recorded;
}

export function prepare(t: Teardown, { subnets, keys, before, foreign }: AddCase): Scene {
  const node = freshNode(t);
  const container = namespaceWithoutProbes(t);
  before?.(node, container);
  const config = node.config(subnets, keys);
  const environment = foreign ? callForeign(t, config, container.path) : {};
  return {
    node,
    container,
    config,
    untouched: node.snapshot(container),
    call: () => invocation(config, { netns: container.path, ...environment }),
  };
}
