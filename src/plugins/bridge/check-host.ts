/**
 * CHECK, the host's side: the bridge, the port, its VLANs and its lock, the gateway, forwarding.
 */
import { addressing } from '../attach/addressing.ts';
import type { Differences } from '../attach/check.ts';
import { send } from '../attach/send.ts';
import type { Side } from '../attach/side.ts';
import { tryReadSysctl } from '../attach/sysctl.ts';
import type { Request } from '../../netlink/connection.ts';
import { familyOf } from '../../ip.ts';
import { listAddrs, addrObject } from '../../rtnl/addr/verbs.ts';
import { RTM_GETNEIGH } from '../../rtnl/constants.ts';
import type { Link } from '../../rtnl/link/message.ts';
import { getLink } from '../../rtnl/link/verbs.ts';
import { neigh, type Neigh, type NeighInput } from '../../rtnl/neigh/message.ts';
import type { Invocation } from '../../cni/skel.ts';
import type { ContainerLink } from './check-container.ts';
import type { Expected } from './expectation.ts';
import { vlanGatewayName } from './config.ts';
import { FORWARDING } from './gateway.ts';
import { listPortVlans } from './port-vlans.ts';
import { guardsByReference } from '../masquerade/reference-check.ts';
import { portVlans, withoutFiltering } from './vlan.ts';

export function checkHost(
  host: Side,
  expected: Expected,
  container: ContainerLink | undefined,
  differences: Differences,
  warn: Invocation['warn'],
): void {
  const { config } = expected;
  const { bridge, vlan, isGateway } = config;
  const inVlan = isGateway && vlan !== 0;
  const { replies } = send(host, {
    bridge: getLink(bridge),
    router: inVlan ? getLink(vlanGatewayName(config)) : undefined,
    port: container?.peer === undefined ? undefined : getLink(container.peer),
  });
  const link = replies.bridge as Link | undefined;
  checkBridge(link, expected, differences, warn);
  const port = replies.port as Link | undefined;
  checkPort(host, port, link, container, expected, differences);
  if (!isGateway) return;
  const router = inVlan ? (replies.router as Link | undefined) : link;
  if (inVlan) checkVlanGateway(router, vlanGatewayName(config), expected, differences);
  checkGateways(host, router, expected, differences);
}

function checkBridge(
  link: Link | undefined,
  { config, onHost }: Expected,
  differences: Differences,
  warn: Invocation['warn'],
): void {
  const { bridge } = config;
  if (link === undefined) {
    differences.note(`bridge ${bridge} is missing`);
    return;
  }
  const info = link.attrs.linkinfo;
  differences.expect(`kind of ${bridge}`, 'bridge', info?.kind ?? 'none');
  differences.expect(`state of ${bridge}`, 'up', link.flags.includes('up') ? 'up' : 'down');
  const told = onHost.find(({ name }) => name === bridge || name === link.attrs.ifname);
  if (told === undefined) differences.note(`prevResult has no interface ${bridge} on the host`);
  // Without a gateway on it nothing relies on the address, and a bridge may take that of a port.
  if (told?.mac && config.isGateway && config.vlan === 0) {
    differences.expect(`MAC address of ${bridge}`, told.mac.toLowerCase(), link.attrs.address);
  }
  // Something else may want it to be promiscuous too, such as a packet capture.
  if (config.promiscMode && !link.flags.includes('promisc')) {
    differences.note(`promiscuous mode of ${bridge} is off, expected on`);
  }
  // ADD does not set this on an existing bridge, and it is not recorded whether the bridge existed.
  if (config.vlanFiltering && info?.kind === 'bridge' && !info.data?.vlanFiltering) {
    warn(withoutFiltering(bridge));
  }
}

function checkPort(
  host: Side,
  port: Link | undefined,
  bridge: Link | undefined,
  container: ContainerLink | undefined,
  expected: Expected,
  differences: Differences,
): void {
  const { config, onHost, ifname } = expected;
  if (container === undefined) return;
  const info = port?.attrs.linkinfo;
  if (port === undefined || info?.kind !== 'veth' || port.attrs.link !== container.index) {
    differences.note(`the other end of ${ifname} is not on the host`);
    return;
  }
  const { attrs, flags, index } = port;
  const name = attrs.ifname ?? '';
  const told = onHost.find((each) => each.name === name);
  if (told === undefined) {
    differences.note(`prevResult does not name ${name}, the other end of ${ifname}`);
  }
  if (told?.mac)
    differences.expect(`MAC address of ${name}`, told.mac.toLowerCase(), attrs.address);
  differences.expect(`state of ${name}`, 'up', flags.includes('up') ? 'up' : 'down');
  // The port's MTU must be large enough for what the container sends, and at least the configured
  // one unless the container's is smaller.
  const mtu = Math.min(config.mtu, container.mtu);
  if (config.mtu > 0) differences.atLeast(`MTU of ${name}`, mtu, attrs.mtu);
  if (bridge === undefined || attrs.master !== bridge.index) {
    differences.note(`${name} is not a port of ${config.bridge}`);
    return;
  }
  const slave = info.slaveKind === 'bridge' ? info.slaveData : undefined;
  // A spanning tree keeps the port listening and learning for half a minute, which may outlast ADD,
  // and may block a port for good. Nobody disables a port on purpose, but the port of an interface
  // that stays down is disabled.
  if (slave?.state === 'disabled' && !config.disableContainerInterface) {
    differences.note(`spanning tree state of ${name} is disabled`);
  }
  if (config.hairpinMode) differences.expect(`hairpin mode of ${name}`, true, slave?.mode);
  if (config.portIsolation) differences.expect(`isolation of ${name}`, true, slave?.isolated);
  if (config.macspoofchk) {
    checkSender(host, port, slave?.locked === true, container.mac, expected, differences);
  }
  checkVlans(host, index, name, config, differences);
}

/** By our lock, or by the reference's rules. */
function checkSender(
  host: Side,
  { index, attrs }: Link,
  isLocked: boolean,
  mac: string,
  { config, containerId, ifname }: Expected,
  differences: Differences,
): void {
  const name = attrs.ifname ?? '';
  const entry = send(host, { entry: getSender(index, mac) }).replies.entry as Neigh | undefined;
  const isKnown = entry?.ifindex === index;
  const attachment = { network: config.name, containerId, ifname };
  if ((!isLocked || !isKnown) && guardsByReference(attachment, name, mac)) return;
  differences.expect(`lock of ${name}`, true, isLocked);
  if (!isKnown) differences.note(`${name} does not let in packets of ${mac}`);
}

/** Asks the bridge for one entry of its forwarding database. */
const getSender = (port: number, lladdr: string): Request<Neigh, NeighInput> => ({
  message: neigh,
  type: RTM_GETNEIGH,
  value: { family: 'bridge', ifindex: port, flags: ['master'], attrs: { lladdr } },
});

function checkVlans(
  host: Side,
  index: number,
  name: string,
  config: Expected['config'],
  differences: Differences,
): void {
  const wanted = portVlans(config);
  if (wanted === undefined) return;
  const actual = listPortVlans(host, index);
  const expected = new Map(wanted.tagged.map((vlan) => [vlan, 'tagged']));
  expected.set(wanted.native, 'native');
  for (const [vlan, how] of expected) {
    differences.expect(`VLAN ${vlan} of ${name}`, how, actual.get(vlan) ?? 'missing');
  }
}

function checkVlanGateway(
  router: Link | undefined,
  name: string,
  { onHost }: Expected,
  differences: Differences,
): void {
  if (router === undefined) {
    differences.note(`interface ${name} is missing on the host`);
    return;
  }
  differences.expect(`state of ${name}`, 'up', router.flags.includes('up') ? 'up' : 'down');
  const told = onHost.find((each) => each.name === name || each.name === router.attrs.ifname);
  if (told?.mac) {
    differences.expect(`MAC address of ${name}`, told.mac.toLowerCase(), router.attrs.address);
  }
}

/** Any number other than 0 has the same effect as 1. */
const isOff = (name: string): boolean => (tryReadSysctl(name) ?? '0') === '0';

function checkGateways(
  host: Side,
  router: Link | undefined,
  { config, ips }: Expected,
  differences: Differences,
): void {
  const { gateways } = addressing({ ips }, config);
  if (router !== undefined && gateways.length > 0) {
    const { index, attrs } = router;
    const present = host.rt.list(listAddrs({ index })).map(addrObject);
    for (const gateway of gateways) {
      if (present.some(({ local }) => local === gateway)) continue;
      const others = present.map(({ local }) => local).join(', ') || 'none';
      differences.note(`gateway ${gateway} is missing on ${attrs.ifname}, which has ${others}`);
    }
  }
  for (const family of new Set(gateways.map(familyOf))) {
    const name = FORWARDING[family];
    // IPv4 checks the setting of the interface that a packet arrives on.
    const own = `net/ipv4/conf/${router?.attrs.ifname ?? ''}/forwarding`;
    if (isOff(name) && (family === 'inet6' || isOff(own))) {
      differences.note(`${name} is 0, expected 1`);
    }
  }
}
