/**
 * The links of an attachment: the bridge, made unless it is there, and the pair that leads into the container.
 *
 * One datagram makes all of it, and everything is born with its final name, address and namespace.
 */
import { because, refuse, send, type Outcome, type Side } from '../network.ts';
import { aliasOf, randomIndex, randomMac, hostVethName, type Attachment } from '../attachment.ts';
import type { Transaction } from '../transaction.ts';
import type { NetlinkError } from '../../netlink/errors.ts';
import { EEXIST, ENODEV } from '../../netlink/errno.ts';
import { CniError, INTERNAL } from '../cni/errors.ts';
import { addLink, deleteLink, getLink, linkDump, setLink, type WireLink } from '../wire/link.ts';
import type { BridgeConfig } from './config.ts';

/** Both ends of the pair. The indexes are ours to choose, so that nothing has to be looked up. */
export interface Pair {
  readonly host: { readonly name: string; readonly index: number; readonly mac: string };
  readonly container: { readonly index: number; readonly mac: string };
}

export interface Bridge {
  readonly index: number;
  readonly mac: string;
  readonly mtu: number;
  /** We made it in this call. */
  readonly created: boolean;
  /** It had a port that carries packets before: somebody else is attached. */
  readonly inUse: boolean;
  readonly flags: WireLink['flags'];
  readonly vlanFiltering: boolean;
  /** The VLAN that new ports are in; 0 for none. */
  readonly defaultVlan: number;
}

export interface Links {
  readonly bridge: Bridge;
  readonly pair: Pair;
}

/** ARPHRD_* of links that have no kind, include/uapi/linux/if_arp.h. */
const HARDWARE: Readonly<Record<number, string>> = { 1: 'ether', 772: 'loopback' };

/** With so many interfaces that three random indexes are taken, something else is wrong. */
const INDEX_ATTEMPTS = 3;

/** Makes the bridge unless it is there, and the pair of links, born with its names, addresses and namespaces. */
export function makeLinks(
  t: Transaction,
  host: Side,
  container: Side,
  config: BridgeConfig,
  attachment: Attachment,
): Links {
  const hostName = hostVethName(attachment);
  for (let attempt = 1; ; attempt++) {
    const pair: Pair = {
      host: { name: hostName, index: randomIndex(), mac: randomMac() },
      container: { index: randomIndex(), mac: config.mac ?? randomMac() },
    };
    const bridgeMac = randomMac();
    const sent = t.step(
      'bridge and pair',
      () => create(host, container, config, attachment, pair, bridgeMac),
      ({ errno, replies }) => {
        const found = replies.found as WireLink | undefined;
        try {
          if (errno.pair === undefined) removePair(host, pair);
        } finally {
          if (errno.bridge === undefined) removeUnused(host, found?.index ?? config.bridge);
          else if (found !== undefined) restoreAddress(host, found);
        }
      },
    );
    const bridge = madeOrFound(config, sent);
    if (sent.errno.pair === undefined) {
      refuse(sent.failed.alias, `failed to mark "${hostName}"`);
      return { bridge, pair };
    }
    explainPair(sent.failed.pair!, host, container, attachment, attempt === INDEX_ATTEMPTS);
  }
}

function create(
  host: Side,
  container: Side,
  config: BridgeConfig,
  attachment: Attachment,
  pair: Pair,
  bridgeMac: string,
): Outcome<'bridge' | 'found' | 'pair' | 'alias'> {
  const mtu = config.mtu > 0 ? config.mtu : undefined;
  const { index, mac: address } = pair.container;
  const { ifname } = attachment;
  const peer = { index, attrs: { ifname, address, mtu, netNsFd: container.namespace.fd } };
  try {
    return send(host.rt, {
      bridge: addLink({
        ifname: config.bridge,
        kind: 'bridge',
        // An address that is given stays; one that the kernel chose would follow the ports.
        address: bridgeMac,
        mtu,
        data: config.vlanFiltering ? { vlanFiltering: true } : undefined,
      }),
      found: getLink(config.bridge),
      pair: addLink({
        ifname: pair.host.name,
        index: pair.host.index,
        address: pair.host.mac,
        mtu,
        kind: 'veth',
        data: { peer },
      }),
      // A link is not born with it, and without it GC would not know whose the pair is that a killed ADD leaves. By name, which is this
      // attachment's also when the pair is there already; another link may have the number.
      alias: setLink(pair.host.name, { ifalias: aliasOf(attachment) }),
    });
  } catch (error) {
    // No answer: what was made is known by the numbers that we chose.
    const { replies } = send(host.rt, {
      bridge: getLink(config.bridge),
      pair: getLink(pair.host.index),
    });
    const isOurs = (replies.pair as WireLink | undefined)?.attrs.ifname === pair.host.name;
    if (isOurs) removePair(host, pair);
    const made = replies.bridge as WireLink | undefined;
    if (made?.attrs.address === bridgeMac) removeUnused(host, made.index);
    throw error;
  }
}

/** It may have gone with the container's namespace. */
function removePair(host: Side, { host: { index } }: Pair): void {
  const { errno, failed } = send(host.rt, { pair: deleteLink(index) });
  if (errno.pair !== undefined && errno.pair !== ENODEV) throw failed.pair!;
}

/** Another ADD may have come to use the bridge that we made. */
function removeUnused(host: Side, bridge: number | string): void {
  const { index } = host.rt.get(getLink(bridge)) as WireLink;
  if (host.rt.list(linkDump({ master: index })).length > 0) return;
  host.rt.request(deleteLink(bridge));
}

/** A bridge without an address of its own loses the one it had with its last port. */
function restoreAddress(host: Side, { index, attrs: { address, linkinfo } }: WireLink): void {
  if (linkinfo?.kind !== 'bridge') return;
  const now = host.rt.get(getLink(index));
  if (now.attrs.address !== address) host.rt.request(setLink(index, { address }));
}

function madeOrFound(
  { bridge: name }: BridgeConfig,
  { errno, failed, replies }: Outcome<'bridge' | 'found' | 'pair'>,
): Bridge {
  if (errno.bridge !== undefined && errno.bridge !== EEXIST) {
    throw because(`failed to create bridge "${name}": could not add "${name}"`, failed.bridge!);
  }
  const found = replies.found as WireLink | undefined;
  if (found === undefined) throw because(`could not lookup "${name}"`, failed.found!);
  const info = found.attrs.linkinfo;
  if (info?.kind !== 'bridge') {
    const kind = info?.kind ?? HARDWARE[found.type] ?? `ARPHRD ${found.type}`;
    throw new CniError(
      INTERNAL,
      `"${name}" already exists but is not a bridge`,
      `it is of kind ${kind}`,
    );
  }
  const { index, flags, attrs } = found;
  return {
    index,
    flags,
    mac: attrs.address ?? '',
    mtu: attrs.mtu ?? 0,
    created: errno.bridge === undefined,
    inUse: attrs.operstate === 'up',
    vlanFiltering: info.data?.vlanFiltering === true,
    defaultVlan: info.data?.vlanDefaultPvid ?? 0,
  };
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
