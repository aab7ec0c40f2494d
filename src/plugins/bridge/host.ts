/**
 * The host's side of an attachment: the bridge, the pair of links, the port, the gateway addresses, forwarding.
 *
 * Each function sends one datagram, and leaves the inverse of what it did with the transaction.
 */
import { send, type Side } from '../network.ts';
import { randomIndex, randomMac, aliasOf, hostVethName, type Attachment } from '../attachment.ts';
import { readSysctl, tryWriteSysctl, writeSysctl } from '../sysctl.ts';
import type { Transaction } from '../transaction.ts';
import type { NetlinkError } from '../../netlink/errors.ts';
import { EEXIST, ENODEV } from '../../netlink/errno.ts';
import {
  addAddr,
  addrDump,
  addrObject,
  deleteAddr,
  familyOf,
  type AddrSpec,
} from '../../rtnl/addrs.ts';
import type { Link } from '../../rtnl/link.ts';
import { addLink, deleteLink, getLink, linkDump, setLink } from '../../rtnl/links.ts';
import { CniError, INTERNAL } from '../cni/errors.ts';
import type { BridgeConfig } from './config.ts';
import { conflicts } from './addressing.ts';

/** Both ends of the pair. The indexes are ours to choose, so that nothing has to be looked up. */
export interface Pair {
  readonly host: { readonly name: string; readonly index: number; readonly mac: string };
  readonly container: { readonly index: number; readonly mac: string };
}

export interface Bridge {
  readonly index: number;
  readonly mac: string;
  /** We made it in this call. */
  readonly created: boolean;
  readonly flags: Link['flags'];
}

/** With so many interfaces that three random indexes are taken, something else is wrong. */
const INDEX_ATTEMPTS = 3;

/** Makes the bridge unless it is there, and the pair of links, born with its names, addresses and namespaces. */
export function makeLinks(
  t: Transaction,
  host: Side,
  container: Side,
  config: BridgeConfig,
  attachment: Attachment,
): { bridge: Bridge; pair: Pair } {
  const mtu = config.mtu > 0 ? config.mtu : undefined;
  const hostName = hostVethName(attachment);
  for (let attempt = 1; ; attempt++) {
    const pair: Pair = {
      host: { name: hostName, index: randomIndex(), mac: randomMac() },
      container: { index: randomIndex(), mac: config.mac?.toLowerCase() ?? randomMac() },
    };
    const bridgeMac = randomMac();
    const peer = {
      index: pair.container.index,
      attrs: {
        ifname: attachment.ifname,
        address: pair.container.mac,
        mtu,
        netNsFd: container.namespace.fd,
      },
    };
    const { failed, replies } = t.step(
      'bridge and pair',
      () =>
        send(host.rt, {
          // A MAC address that is given stays; one that the kernel chose would follow the ports.
          bridge: addLink({ ifname: config.bridge, kind: 'bridge', address: bridgeMac, mtu }),
          found: getLink(config.bridge),
          pair: addLink({
            ifname: hostName,
            index: pair.host.index,
            address: pair.host.mac,
            mtu,
            kind: 'veth',
            data: { peer },
          }),
        }),
      (sent) => {
        if (sent.failed.pair === undefined) host.rt.request(deleteLink(pair.host.index));
        const made = sent.failed.bridge === undefined ? (sent.replies.found as Link) : undefined;
        if (made !== undefined) removeUnused(host, made.index);
      },
    );
    const bridge = madeOrFound(config.bridge, bridgeMac, failed, replies.found as Link | undefined);
    if (failed.pair === undefined) return { bridge, pair };
    explainPair(failed.pair, host, container, attachment, attempt === INDEX_ATTEMPTS);
  }
}

/** Another ADD may have come to use the bridge that we made. */
function removeUnused(host: Side, bridge: number): void {
  if (host.rt.list(linkDump({ master: bridge })).length > 0) return;
  host.rt.request(deleteLink(bridge));
}

function madeOrFound(
  name: string,
  mac: string,
  failed: { bridge?: NetlinkError; found?: NetlinkError },
  found: Link | undefined,
): Bridge {
  if (failed.bridge !== undefined && failed.bridge.errno !== EEXIST) {
    throw because(`failed to create bridge "${name}": could not add "${name}"`, failed.bridge);
  }
  if (found === undefined) throw because(`could not lookup "${name}"`, failed.found!);
  if (found.attrs.linkinfo?.kind !== 'bridge') {
    const kind = found.attrs.linkinfo?.kind ?? found.type;
    throw new CniError(
      INTERNAL,
      `"${name}" already exists but is not a bridge`,
      `it is of kind ${kind}`,
    );
  }
  const created = failed.bridge === undefined;
  const { index, flags } = found;
  return { index, flags, created, mac: created ? mac : (found.attrs.address ?? '') };
}

/** Throws unless another index may help: which of the three names that may be taken is it? */
function explainPair(
  error: NetlinkError,
  host: Side,
  container: Side,
  { ifname, ...attachment }: Attachment,
  last: boolean,
): void {
  if (error.errno !== EEXIST && error.code !== 'EBUSY')
    throw because('failed to make veth pair', error);
  const hostName = hostVethName({ ifname, ...attachment });
  const taken = send(container.rt, { link: getLink(ifname) }).failed.link === undefined;
  const stale = send(host.rt, { link: getLink(hostName) }).failed.link === undefined;
  if (taken || stale || last) {
    throw new CniError(
      INTERNAL,
      `container veth name ("${ifname}") peer provided ("${hostName}") already exists`,
      taken
        ? `there is an interface "${ifname}" in the container's namespace`
        : `"${hostName}" of this attachment is still there: DEL removes it`,
      error,
    );
  }
}

/**
 * Connects the port, brings both up, and puts the gateway addresses on the bridge. Returns the bridge's MAC address, which may have
 * changed when the bridge was not made by us: one without an address of its own takes that of its first port.
 */
export function connectPort(
  t: Transaction,
  host: Side,
  config: BridgeConfig,
  attachment: Attachment,
  { bridge, pair }: { bridge: Bridge; pair: Pair },
  gateways: readonly string[],
): string {
  // Before anything is up: what routers say on this network is not for the host.
  if (bridge.created) tryWriteSysctl(`net/ipv6/conf/${config.bridge}/accept_ra`, '0');
  tryWriteSysctl(`net/ipv6/conf/${pair.host.name}/accept_ra`, '0');

  const wasUp = bridge.flags.includes('up');
  const wasPromiscuous = bridge.flags.includes('promisc');
  const promiscuous = config.promiscMode && !wasPromiscuous;
  const port = { mode: config.hairpinMode, isolated: config.portIsolation };
  const addresses = gateways.map((local) => gatewayAddress(bridge.index, local));
  const { failed, replies } = t.step(
    'port and gateway',
    () =>
      send<string>(host.rt, {
        port: setLink(pair.host.index, {
          master: bridge.index,
          ifalias: aliasOf(attachment),
          flags: ['up'],
        }),
        flags:
          port.mode || port.isolated
            ? setLink(pair.host.index, { kind: 'veth', slaveKind: 'bridge', slaveData: port })
            : undefined,
        bridge:
          wasUp && !promiscuous
            ? undefined
            : setLink(bridge.index, { flags: promiscuous ? ['up', 'promisc'] : ['up'] }),
        ...Object.fromEntries(addresses.map((spec) => [spec.local, addAddr(spec)])),
        found: getLink(bridge.index),
      }),
    (sent) => {
      // Our own bridge goes as a whole.
      if (bridge.created) return;
      for (const spec of addresses) {
        if (sent.failed[spec.local] === undefined) host.rt.request(deleteAddr(spec));
      }
      if (sent.failed['bridge'] === undefined && (promiscuous || !wasUp)) {
        const change = [
          ...(wasUp ? [] : ['up' as const]),
          ...(promiscuous ? ['promisc' as const] : []),
        ];
        host.rt.request(setLink(bridge.index, { flags: [], change }));
      }
    },
  );
  const { name } = pair.host;
  refuse(failed['port'], `failed to connect "${name}" to bridge ${config.bridge}`);
  refuse(failed['flags'], `failed to set hairpin mode and isolation for ${name}`);
  refuse(failed['bridge'], `failed to set "${config.bridge}" up`);
  for (const { local } of addresses) {
    const error = failed[local];
    if (error?.errno !== EEXIST)
      refuse(error, `could not add IP address ${local} to "${config.bridge}"`);
  }
  const mac = (replies['found'] as Link).attrs.address ?? bridge.mac;
  const added = addresses.filter(({ local }) => failed[local] === undefined);
  if (!bridge.created && added.length > 0)
    settleGateways(t, host, config, bridge.index, mac, added);
  return bridge.created ? bridge.mac : mac;
}

/** Without duplicate address detection: the gateway has to answer from the first packet on. */
const gatewayAddress = (index: number, local: string): AddrSpec =>
  familyOf(local) === 'inet6' ? { index, local, flags: ['nodad'] } : { index, local };

/** A bridge that was there before may have other addresses, and follows its ports unless its MAC address is given. */
function settleGateways(
  t: Transaction,
  host: Side,
  config: BridgeConfig,
  index: number,
  mac: string,
  added: readonly AddrSpec[],
): void {
  const present = host.rt.list(addrDump({ index })).map(addrObject);
  for (const { local } of added) {
    const others = present.filter((each) => each.local !== local && conflicts(each.local, local));
    for (const other of others) {
      if (!config.forceAddress) {
        throw new CniError(
          INTERNAL,
          `failed to set bridge addr: "${config.bridge}" already has an IP address different from ${local}`,
          `it has ${other.local}; forceAddress replaces it`,
        );
      }
      const spec: AddrSpec = { index, local: other.local };
      t.step(
        'replaced address',
        () => host.rt.request(deleteAddr(spec)),
        () => host.rt.request(addAddr(spec)),
      );
    }
  }
  t.step('bridge MAC address', () => host.rt.request(setLink(index, { address: mac })));
}

/** Lets the host pass packets between the bridge and the world, for the families that have a gateway. */
export function enableForwarding(t: Transaction, gateways: readonly string[]): void {
  const names = {
    inet: 'net/ipv4/ip_forward',
    inet6: 'net/ipv6/conf/all/forwarding',
  };
  for (const family of new Set(gateways.map(familyOf))) {
    const name = names[family];
    const before = readSysctl(name);
    if (before === '1') continue;
    t.step(
      name,
      () => writeSysctl(name, '1'),
      () => writeSysctl(name, before),
    );
  }
}

/** Throws with a sentence in front of the kernel's words. */
export function refuse(error: NetlinkError | undefined, sentence: string): void {
  if (error !== undefined) throw because(sentence, error);
}

function because(sentence: string, error: NetlinkError): CniError {
  return new CniError(INTERNAL, `${sentence}: ${error.message}`, '', error);
}

/** Removes a link by name; false when it is not there. */
export function removeLink(on: Side, dev: string): boolean {
  const error = send(on.rt, { link: deleteLink(dev) }).failed.link;
  if (error !== undefined && error.errno !== ENODEV) throw error;
  return error === undefined;
}
