/**
 * The host's own interface in a VLAN of the bridge: a pair with both ends on the host. One end is a
 * port in the VLAN, and the other, named `bridge.vlan`, has the gateway addresses. All containers
 * of the VLAN share it.
 */
import { randomMac, randomPortMac } from '../attach/attachment.ts';
import { sha512 } from '../attach/hash.ts';
import { refuse, send, type Side } from '../attach/network.ts';
import { tryWriteSysctl } from '../attach/sysctl.ts';
import type { Transaction } from '../attach/transaction.ts';
import { EEXIST, ENODEV, ENOENT } from '../../sys/errno.ts';
import { addLink, deleteLink, getLink, setLink, type Link } from '../wire/rtnl.ts';
import { vlanGatewayName, type BridgeConfig } from './config.ts';
import type { Router } from './gateway.ts';
import type { Bridge } from './links.ts';
import type { Others } from './others.ts';
import { vlanRequests } from './port.ts';

/**
 * The alias of both ends, by which GC recognises them. It has no slash, so it cannot be that of an
 * attachment.
 */
export const vlanGatewayAlias = (name: string): string => `VLAN gateway ${name}`;

/** The name of the port, from the name of the interface. */
export const gatewayPortName = (name: string): string =>
  `veth${sha512(vlanGatewayAlias(name)).slice(0, 11)}`;

/** Makes the interface unless one of that name exists, which is then used unchanged. */
export function vlanGateway(
  t: Transaction,
  host: Side,
  config: BridgeConfig,
  bridge: Bridge,
  onBridge: Others,
  warn: (line: string) => void,
): Router {
  const name = vlanGatewayName(config);
  const port = gatewayPortName(name);
  const question = { found: getLink(name), port: getLink(port) };
  let { failed, replies } = send(host.rt, { pair: undefined, ...question });
  let created = false;
  if (failed.found?.errno === ENODEV) {
    onBridge.look();
    const { mtu } = bridge;
    const peer = { ifname: port, address: randomPortMac(), mtu };
    const spec = { ifname: name, address: randomMac(), mtu, kind: 'veth', data: { peer } } as const;
    const sent = t.step(
      'VLAN interface',
      () => send(host.rt, { pair: addLink(spec), ...question }),
      (made) => {
        const link = made.replies.found;
        if (made.failed.pair !== undefined || onBridge.haveCome()) return;
        host.rt.request(deleteLink(link?.index ?? name));
      },
    );
    ({ failed, replies } = sent);
    created = failed.pair === undefined;
    // Another ADD may have made it meanwhile.
    if (failed.pair?.errno !== EEXIST) refuse(failed.pair, 'failed to create vlan interface');
    if (created) refuse(failed.port, `failed to create vlan interface: "${port}"`);
  }
  refuse(failed.found, `failed to create vlan interface: "${name}"`);
  const found = replies.found!;
  const made = replies.port;
  const { index, attrs } = found;
  const isOurs = made?.attrs.link === index;
  // Repeated for an existing interface: another ADD may be making it at this moment.
  if (isOurs) connect(host, config, bridge, name, port, made.index);
  else if (!leadsInto(host, bridge, found)) {
    warn(`"${name}" is used as the gateway's interface, but does not lead into "${config.bridge}"`);
  }
  const up = { flags: ['up'] } as const;
  const sent = send(host.rt, {
    port: isOurs ? setLink(made.index, up) : undefined,
    up: setLink(index, up),
  });
  const failure = `failed to create vlan interface: could not set`;
  refuse(sent.failed.port, `${failure} "${port}" up`);
  refuse(sent.failed.up, `${failure} "${name}" up`);
  return {
    name,
    index,
    created,
    mac: attrs.address ?? '',
    follows: attrs.linkinfo?.kind !== 'veth',
  };
}

/**
 * Whether the interface of this name belongs to the bridge, as a link of kind vlan or as a pair
 * like the reference's.
 */
function leadsInto(
  host: Side,
  bridge: Bridge,
  { attrs: { link, linkNetnsid, linkinfo } }: Link,
): boolean {
  if (link === undefined || linkNetnsid !== undefined) return false;
  if (link === bridge.index) return true;
  if (linkinfo?.kind !== 'veth') return false;
  const port = send(host.rt, { port: getLink(link) }).replies.port;
  return port?.attrs.master === bridge.index;
}

function connect(
  host: Side,
  config: BridgeConfig,
  bridge: Bridge,
  name: string,
  port: string,
  portIndex: number,
): void {
  for (const each of [name, port]) tryWriteSysctl(`net/ipv6/conf/${each}/accept_ra`, '0');
  const ifalias = vlanGatewayAlias(name);
  const { failed } = send(host.rt, {
    alias: setLink(name, { ifalias }),
    port: setLink(portIndex, { master: bridge.index, ifalias }),
    ...vlanRequests(portIndex, { ...config, trunk: [] }, bridge.defaultVlan),
  });
  refuse(failed.alias, `failed to create vlan interface: could not mark "${name}"`);
  refuse(failed.port, `failed to create vlan interface: failed to connect "${port}"`);
  refuse(failed.vlans, `failed to create vlan interface: failed to setup vlan tag on "${port}"`);
  // Another ADD may have removed the port from it already.
  if (failed.untag?.errno !== ENOENT) {
    refuse(
      failed.untag,
      `failed to create vlan interface: failed to remove default vlan on "${port}"`,
    );
  }
}
