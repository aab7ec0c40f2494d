/**
 * A node whose uplink is shared by containers: a dummy link, or one end of a pair whose other end
 * is in a namespace called world.
 */
import {
  freshNamespace,
  type Namespace,
  type Row,
  type Teardown,
} from '../../harness/namespace.ts';
import { type Attached, freshNode, type Node } from '../../harness/node.ts';
import {
  ourPlugin,
  referencePlugin,
  type PluginCall,
  type PluginOutput,
} from '../../harness/plugin.ts';

export const UPLINK = 'uplink0';
export const V4 = '10.88.0.0/24';
export const V6 = 'fd88::/64';

export interface IpvlanNode extends Omit<Node, 'config' | 'call' | 'attach'> {
  /** Reaches the node over the wire; only with a pair. */
  readonly world: Namespace | undefined;
  /**
   * A configuration with `host-local` ranges; `keys` are added to it, undefined ones removed from
   * it.
   */
  config(keys?: Row, subnets?: readonly string[]): Row;
  call(command: PluginCall['command'], config: unknown, call?: Partial<PluginCall>): PluginOutput;
  /** The same by the reference's plugin. */
  reference(
    command: PluginCall['command'],
    config: unknown,
    call?: Partial<PluginCall>,
  ): PluginOutput;
  /** ADD in a new namespace. */
  attach(config: unknown, call?: Partial<PluginCall>): Attached;
}

export function ipvlanNode(t: Teardown, uplink: 'dummy' | 'veth' = 'dummy'): IpvlanNode {
  const { config, call, attach, ...node } = freshNode(t);
  const world = uplink === 'veth' ? freshNamespace(t) : undefined;
  addUplink(node.host, UPLINK, world);
  const made: IpvlanNode = {
    ...node,
    world,
    config(keys = {}, subnets = [V4]) {
      const { bridge, ...common } = config(subnets);
      const all = { ...common, type: 'ipvlan', master: UPLINK, ...keys };
      return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    },
    call: (command, conf, more) => call(command, conf, more, ourPlugin('ipvlan')),
    reference: (command, conf, more) => call(command, conf, more, referencePlugin('ipvlan')),
    attach: (conf, more) => attach(conf, more, ourPlugin('ipvlan')),
  };
  return made;
}

/** A link that can be a master, up. */
export function addUplink(where: Namespace, name: string, world?: Namespace): void {
  if (world === undefined) where.exec('ip', 'link', 'add', name, 'type', 'dummy');
  else {
    const peer = ['peer', 'name', 'wire0', 'netns', world.name];
    where.exec('ip', 'link', 'add', name, 'type', 'veth', ...peer);
    world.exec('ip', 'link', 'set', 'wire0', 'up');
  }
  where.exec('ip', 'link', 'set', name, 'up');
}

export interface KernelLink extends Row {
  readonly ifname: string;
  readonly ifindex: number;
  readonly link_index?: number;
  readonly address: string;
  readonly mtu: number;
  readonly flags: string[];
  readonly ifalias?: string;
  readonly linkinfo?: { info_kind?: string; info_data?: Row };
}

export const linksOf = (where: Namespace): KernelLink[] => where.ip<KernelLink[]>('-d', 'link');

export const linkOf = (where: Namespace, name: string): KernelLink | undefined =>
  linksOf(where).find(({ ifname }) => ifname === name);

interface KernelAddress extends Row {
  readonly local: string;
  readonly prefixlen: number;
  readonly scope: string;
}

/** Addresses with prefix length that are not link-local. */
export function addressesOf(where: Namespace, name: string): string[] {
  const [link] = where.ip<{ addr_info: KernelAddress[] }[]>('addr', 'show', 'dev', name);
  return link!.addr_info
    .filter(({ scope }) => scope !== 'link')
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`);
}

export const routesOf = (where: Namespace, family: '-4' | '-6'): Row[] => where.ip(family, 'route');

export const readSysctl = (where: Namespace, name: string): string =>
  where.exec('cat', `/proc/sys/net/${name}`).trim();
