/**
 * The host's own interface in a VLAN of the bridge: a pair with both ends on the host, of which one is a port in the VLAN and the
 * other, named `bridge.vlan`, has the gateway addresses. All containers of the VLAN share it.
 */
import { randomMac, type Attachment } from '../attachment.ts';
import { sha512 } from '../hash.ts';
import { refuse, send, type Side } from '../network.ts';
import { tryWriteSysctl } from '../sysctl.ts';
import type { Transaction } from '../transaction.ts';
import { EEXIST, ENOENT } from '../../netlink/errno.ts';
import { addLink, deleteLink, getLink, setLink, type WireLink } from '../wire/link.ts';
import { vlanGatewayName, type BridgeConfig } from './config.ts';
import { hasOthers, type Router } from './gateway.ts';
import type { Bridge } from './links.ts';
import { vlanRequests } from './port.ts';

/** The alias of both ends, by which GC knows them. It has no slash, so it is never that of an attachment. */
export const vlanGatewayAlias = (name: string): string => `VLAN gateway ${name}`;

/** Name of the end that is the port. */
const portName = (name: string): string => `veth${sha512(vlanGatewayAlias(name)).slice(0, 11)}`;

/** Makes the interface unless one of that name is there, which is then used as it is. */
export function vlanGateway(
  t: Transaction,
  host: Side,
  config: BridgeConfig,
  attachment: Attachment,
  bridge: Bridge,
): Router {
  const name = vlanGatewayName(config);
  const port = portName(name);
  const { mtu } = bridge;
  const peer = { attrs: { ifname: port, address: randomMac(), mtu } };
  const { failed, replies } = t.step(
    'VLAN interface',
    () =>
      send(host.rt, {
        pair: addLink({
          ifname: name,
          address: randomMac(),
          mtu,
          kind: 'veth',
          data: { peer },
        }),
        found: getLink(name),
        port: getLink(port),
      }),
    (sent) => {
      const made = sent.replies.found as WireLink | undefined;
      if (sent.failed.pair !== undefined || hasOthers(host, attachment, bridge.index)) return;
      host.rt.request(deleteLink(made?.index ?? name));
    },
  );
  const created = failed.pair === undefined;
  if (failed.pair?.errno !== EEXIST) refuse(failed.pair, 'failed to create vlan interface');
  refuse(failed.found, `failed to create vlan interface: "${name}"`);
  if (created) refuse(failed.port, `failed to create vlan interface: "${port}"`);
  const { index, attrs } = replies.found as WireLink;
  const made = replies.port as WireLink | undefined;
  // Done once more for one that was there: another ADD may just be making it.
  if (made?.attrs.link === index) connect(host, config, bridge, name, port, made.index);
  refuse(
    send(host.rt, { up: setLink(index, { flags: ['up'] }) }).failed.up,
    `failed to create vlan interface: could not set "${name}" up`,
  );
  return { name, index, created, mac: attrs.address ?? '' };
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
    port: setLink(portIndex, { master: bridge.index, ifalias, flags: ['up'] }),
    ...vlanRequests(portIndex, { ...config, trunk: [] }, bridge.defaultVlan),
  });
  refuse(failed.alias, `failed to create vlan interface: could not mark "${name}"`);
  refuse(failed.port, `failed to create vlan interface: failed to connect "${port}"`);
  refuse(failed.vlans, `failed to create vlan interface: failed to setup vlan tag on "${port}"`);
  // Another ADD may have taken the port out of it already.
  if (failed.untag?.errno !== ENOENT) {
    refuse(
      failed.untag,
      `failed to create vlan interface: failed to remove default vlan on "${port}"`,
    );
  }
}
