/**
 * The host's own interface in a VLAN of the bridge: a pair with both ends on the host. One end is a
 * port in the VLAN, and the other, named `bridge.vlan`, has the gateway addresses. All containers
 * of the VLAN share it.
 */
import { randomMac, randomPortMac } from '../attach/attachment.ts';
import { sha512 } from '../attach/hash.ts';
import { change, refusal, send, sendAll } from '../attach/send.ts';
import type { Side } from '../attach/side.ts';
import { tryWriteSysctl } from '../attach/sysctl.ts';
import type { Transaction } from '../attach/transaction.ts';
import { withPrefix } from '../../cni/errors.ts';
import { EEXIST, ENODEV, ENOENT } from '../../sys/errno.ts';
import { addLink, deleteLink, getLink, setLink, type Link } from '../wire/rtnl.ts';
import { vlanGatewayName, type BridgeConfig } from './config.ts';
import { IN_VLAN, type Router } from './gateway.ts';
import type { Bridge } from './bridge-link.ts';
import type { Others } from './others.ts';
import { vlanMessages } from './port.ts';

/**
 * The alias of both ends, by which GC recognises them. It has no slash, so it cannot be that of an
 * attachment.
 */
export const vlanGatewayAlias = (name: string): string => `VLAN gateway ${name}`;

/** The name of the port, from the name of the interface. */
export const gatewayPortName = (name: string): string =>
  `veth${sha512(vlanGatewayAlias(name)).slice(0, 11)}`;

/**
 * Makes the interface unless one of that name exists, which is then used. It does not come up here:
 * one of kind vlan cannot before the bridge.
 */
export function vlanGateway(
  t: Transaction,
  host: Side,
  config: BridgeConfig,
  bridge: Bridge,
  onBridge: Others,
  warn: (line: string) => void,
): Router {
  const failure = 'failed to create vlan interface';
  const name = vlanGatewayName(config);
  const port = gatewayPortName(name);
  let { replies, errno } = sendAll(host, {
    found: [getLink(name), `${failure}: "${name}"`, ENODEV],
    port: getLink(port),
  });
  let created = false;
  if (errno.found !== undefined) {
    onBridge.look();
    const { mtu } = bridge;
    const peer = { ifname: port, address: randomPortMac(), mtu };
    const address = randomMac();
    const made = change(
      t,
      'VLAN interface',
      host,
      {
        // Another ADD may have made it meanwhile.
        pair: [
          addLink({ ifname: name, address, mtu, kind: 'veth', data: { peer } }),
          failure,
          EEXIST,
        ],
        found: [getLink(name), `${failure}: "${name}"`],
        port: getLink(port),
      },
      ({ errno: { pair }, replies: { found } }) => {
        if (pair !== undefined || onBridge.haveCome()) return;
        host.rt.request(deleteLink(found?.index ?? name));
      },
    );
    created = made.errno.pair === undefined;
    if (created && made.refused.port !== undefined) {
      throw refusal(`${failure}: "${port}"`, made.refused.port);
    }
    ({ replies } = made);
  }
  const { found, port: made } = replies;
  const { index, flags, attrs } = found!;
  const isOurs = made?.attrs.link === index;
  // Repeated for an existing interface: another ADD may be making it at this moment.
  if (isOurs) {
    withPrefix(`${failure}: `, () => connectPort(host, config, bridge, name, port, made.index));
  } else if (!leadsInto(host, bridge, found!)) {
    warn(`"${name}" is used as the gateway's interface, but does not lead into "${config.bridge}"`);
  }
  return {
    // Its own name, where it was found by an alternative one.
    name: attrs.ifname ?? name,
    index,
    flags,
    failure: IN_VLAN,
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
  const port = send(host, { port: getLink(link) }).replies.port;
  return port?.attrs.master === bridge.index;
}

function connectPort(
  host: Side,
  config: BridgeConfig,
  bridge: Bridge,
  name: string,
  port: string,
  portIndex: number,
): void {
  for (const each of [name, port]) tryWriteSysctl(`net/ipv6/conf/${each}/accept_ra`, '0');
  const ifalias = vlanGatewayAlias(name);
  sendAll(host, {
    alias: [setLink(name, { ifalias }), `could not mark "${name}"`],
    port: [setLink(portIndex, { master: bridge.index, ifalias }), `failed to connect "${port}"`],
    // Another ADD may have removed the port from the default VLAN already.
    ...vlanMessages(portIndex, port, { ...config, trunk: [] }, bridge.defaultVlan, ENOENT),
    up: [setLink(portIndex, { flags: ['up'] }), `could not set "${port}" up`],
  });
}
