/**
 * The links of an attachment: the bridge, which is created if it does not exist, and the pair that
 * leads into the container.
 *
 * One datagram makes all of them, and every link is created with its final name, address and
 * namespace. The kernel chooses the indexes and counts up in each namespace: some programs keep an
 * index in a byte, and take the order of the indexes for the order of the interfaces.
 */
import { because, refuse, send, type Outcome, type Side } from '../attach/network.ts';
import {
  aliasOf,
  randomMac,
  randomPortMac,
  hostVethName,
  type Attachment,
} from '../attach/attachment.ts';
import type { Transaction } from '../attach/transaction.ts';
import type { NetlinkError } from '../../errors.ts';
import { EEXIST, ENODEV } from '../../sys/errno.ts';
import { CniError, INTERNAL } from '../../cni/errors.ts';
import {
  addLink,
  deleteLink,
  getLink,
  hardwareOf,
  listLinks,
  setLink,
  type Link,
} from '../wire/rtnl.ts';
import { hasAddress } from './bridge-mac.ts';
import type { BridgeConfig } from './config.ts';

/** Both ends of the pair. */
export interface Pair {
  readonly host: { readonly name: string; readonly index: number; readonly mac: string };
  readonly container: { readonly index: number; readonly mac: string };
}

export interface Bridge {
  /** The kernel's name; the configuration may have an alternative one. */
  readonly name: string;
  readonly index: number;
  readonly mac: string;
  readonly mtu: number;
  /** True when this call made it. */
  readonly created: boolean;
  /**
   * True when it carries packets, as it does with another attachment, or when it never had a port.
   */
  readonly inUse: boolean;
  readonly flags: Link['flags'];
  readonly vlanFiltering: boolean;
  /** The VLAN of new ports; 0 for none. */
  readonly defaultVlan: number;
}

export interface Links {
  readonly bridge: Bridge;
  readonly pair: Pair;
}

/** What is chosen before anything is made. */
interface Choice {
  readonly hostName: string;
  readonly bridgeMac: string;
  readonly hostMac: string;
  readonly containerMac: string;
}

/**
 * Makes the bridge if it does not exist, and the pair of links with its names, addresses and
 * namespaces.
 */
export function makeLinks(
  t: Transaction,
  host: Side,
  container: Side,
  config: BridgeConfig,
  attachment: Attachment,
): Links {
  const choice: Choice = {
    hostName: hostVethName(attachment),
    bridgeMac: randomMac(),
    hostMac: randomPortMac(),
    containerMac: config.mac ?? randomMac(),
  };
  const sent = t.step(
    'bridge and pair',
    () => create(host, container, config, attachment, choice),
    ({ errno, replies }) => {
      const { found, host: made } = replies;
      try {
        if (errno.pair === undefined) removePair(host, made?.index ?? choice.hostName);
      } finally {
        if (errno.bridge === undefined) removeUnused(host, found?.index ?? config.bridge);
        else if (found !== undefined) restoreAddress(host, found);
      }
    },
  );
  const bridge = madeOrFound(config, sent);
  if (sent.failed.pair !== undefined) throw refusedPair(sent.failed.pair, container, attachment);
  refuse(sent.failed.alias, `failed to mark "${choice.hostName}"`);
  refuse(sent.failed.host, `failed to lookup "${choice.hostName}"`);
  const { index, attrs } = sent.replies.host!;
  return {
    bridge,
    pair: {
      host: { name: choice.hostName, index, mac: choice.hostMac },
      container: { index: attrs.link!, mac: choice.containerMac },
    },
  };
}

function create(
  host: Side,
  container: Side,
  config: BridgeConfig,
  attachment: Attachment,
  { hostName, bridgeMac, hostMac, containerMac }: Choice,
): Outcome<'bridge' | 'found' | 'pair' | 'alias' | 'host', { found?: Link; host?: Link }> {
  const mtu = config.mtu > 0 ? config.mtu : undefined;
  const { ifname } = attachment;
  const peer = { ifname, address: containerMac, mtu, netNsFd: container.namespace.fd };
  try {
    return send(host.rt, {
      bridge: addLink({
        ifname: config.bridge,
        kind: 'bridge',
        // An address that is set stays; one that the kernel chose would follow the ports.
        address: bridgeMac,
        mtu,
        data: config.vlanFiltering ? { vlanFiltering: true } : undefined,
      }),
      found: getLink(config.bridge),
      pair: addLink({ ifname: hostName, address: hostMac, mtu, kind: 'veth', data: { peer } }),
      // A link cannot be created with an alias, and without it GC would not know who owns the pair
      // that a killed ADD leaves. The name is this attachment's even if the pair exists already.
      alias: setLink(hostName, { ifalias: aliasOf(attachment) }),
      // Both indexes: that of the other end is the answer's link index (IFLA_LINK).
      host: getLink(hostName),
    });
  } catch (error) {
    // There was no answer: what was made is recognised by the addresses that we chose.
    const { replies } = send(host.rt, { bridge: getLink(config.bridge), pair: getLink(hostName) });
    const { pair, bridge: made } = replies;
    if (pair?.attrs.address === hostMac) removePair(host, pair.index);
    if (made?.attrs.address === bridgeMac) removeUnused(host, made.index);
    throw error;
  }
}

/** The pair may have been removed with the container's namespace. */
function removePair(host: Side, hostEnd: number | string): void {
  const { errno, failed } = send(host.rt, { pair: deleteLink(hostEnd) });
  if (errno.pair !== undefined && errno.pair !== ENODEV) throw failed.pair!;
}

/** Another ADD may have begun to use the bridge that we made. */
function removeUnused(host: Side, bridge: number | string): void {
  const { index } = host.rt.get(getLink(bridge));
  if (host.rt.list(listLinks({ master: index })).length > 0) return;
  host.rt.request(deleteLink(bridge));
}

/** A bridge without an address of its own loses the one it had when its last port is removed. */
function restoreAddress(host: Side, { index, attrs: { address, linkinfo } }: Link): void {
  if (linkinfo?.kind !== 'bridge' || !hasAddress(address)) return;
  const now = host.rt.get(getLink(index));
  if (now.attrs.address !== address) host.rt.request(setLink(index, { address }));
}

function madeOrFound(
  { bridge: name }: BridgeConfig,
  { errno, failed, replies }: Outcome<'bridge' | 'found' | 'pair', { found?: Link }>,
): Bridge {
  const failure = `failed to create bridge "${name}"`;
  if (errno.bridge !== undefined && errno.bridge !== EEXIST) {
    throw because(`${failure}: could not add "${name}"`, failed.bridge!);
  }
  const { found } = replies;
  if (found === undefined) throw because(`${failure}: could not lookup "${name}"`, failed.found!);
  const info = found.attrs.linkinfo;
  if (info?.kind !== 'bridge') {
    const kind = info?.kind ?? hardwareOf(found);
    throw new CniError(
      INTERNAL,
      `${failure}: "${name}" already exists but is not a bridge`,
      `it is of kind ${kind}`,
    );
  }
  const { index, flags, attrs } = found;
  return {
    name: attrs.ifname ?? name,
    index,
    flags,
    mac: attrs.address ?? '',
    mtu: attrs.mtu ?? 0,
    created: errno.bridge === undefined,
    inUse: flags.includes('lower_up'),
    vlanFiltering: info.data?.vlanFiltering === true,
    defaultVlan: info.data?.vlanDefaultPvid ?? 0,
  };
}

/** Finds out which of the two names is taken. */
function refusedPair(error: NetlinkError, container: Side, attachment: Attachment): CniError {
  if (error.errno !== EEXIST) return because('failed to make veth pair', error);
  const { ifname } = attachment;
  const hostName = hostVethName(attachment);
  const taken = send(container.rt, { link: getLink(ifname) }).failed.link === undefined;
  return new CniError(
    INTERNAL,
    `container veth name ("${ifname}") peer provided ("${hostName}") already exists`,
    taken
      ? `there is an interface "${ifname}" in the container's namespace`
      : `"${hostName}" of this attachment is still there: DEL removes it`,
    error,
  );
}
