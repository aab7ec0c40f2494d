/** The bridge: what ADD has to know of it, and what it changes and restores. */
import { CniError, INTERNAL } from '../../cni/errors.ts';
import type { Side } from '../attach/side.ts';
import { tryReadSysctl, tryWriteSysctl } from '../attach/sysctl.ts';
import type { Transaction } from '../attach/transaction.ts';
import {
  deleteLink,
  getLink,
  hardwareOf,
  listAddrs,
  listLinks,
  setLink,
  type Link,
} from '../wire/rtnl.ts';
import { hasAddress } from './bridge-mac.ts';
import type { BridgeConfig } from './config.ts';
import { restoreAddrs } from './gateway.ts';
import type { Others } from './others.ts';

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

/** The link under the configured name, if it is a bridge. `created`: this call made it. */
export function bridgeOf(link: Link, { bridge: name }: BridgeConfig, created: boolean): Bridge {
  const { index, flags, attrs } = link;
  const info = attrs.linkinfo;
  if (info?.kind !== 'bridge') {
    const kind = info?.kind ?? hardwareOf(link);
    throw new CniError(
      INTERNAL,
      `failed to create bridge "${name}": "${name}" already exists but is not a bridge`,
      `it is of kind ${kind}`,
    );
  }
  return {
    name: attrs.ifname ?? name,
    index,
    flags,
    mac: attrs.address ?? '',
    mtu: attrs.mtu ?? 0,
    created,
    inUse: flags.includes('lower_up'),
    vlanFiltering: info.data?.vlanFiltering === true,
    defaultVlan: info.data?.vlanDefaultPvid ?? 0,
  };
}

/** Another ADD may have begun to use the bridge that we made. */
export function removeUnused(host: Side, bridge: number | string): void {
  const { index } = host.rt.get(getLink(bridge));
  if (host.rt.list(listLinks({ master: index })).length > 0) return;
  host.rt.request(deleteLink(bridge));
}

/** A bridge without an address of its own loses the one it had when its last port is removed. */
export function restoreMac(host: Side, { index, attrs: { address, linkinfo } }: Link): void {
  if (linkinfo?.kind !== 'bridge' || !hasAddress(address)) return;
  const now = host.rt.get(getLink(index));
  if (now.attrs.address !== address) host.rt.request(setLink(index, { address }));
}

type Flag = 'up' | 'promisc';

/** The flags that the bridge has to get. */
export function missingFlags({ flags }: Bridge, { promiscMode }: BridgeConfig): Flag[] {
  const missing: Flag[] = [];
  if (!flags.includes('up')) missing.push('up');
  if (promiscMode && !flags.includes('promisc')) missing.push('promisc');
  return missing;
}

/**
 * Takes flags away again. A link that we made is removed completely. Taking another one down
 * removes its IPv6 addresses, which are then restored.
 */
export function takeFlags(
  host: Side,
  { index, created }: Pick<Bridge, 'index' | 'created'>,
  flags: readonly Flag[],
): void {
  if (created || flags.length === 0) return;
  const before = flags.includes('up') ? host.rt.list(listAddrs({ index, family: 'inet6' })) : [];
  host.rt.request(setLink(index, { flags: [], change: flags }));
  restoreAddrs(
    host,
    before.filter(({ scope }) => scope !== 'link'),
  );
}

/**
 * Called before anything is up: router advertisements on this network are not for the host
 * (CVE-2020-10749). An existing bridge that gets no gateway may be the host's own uplink, and is
 * not changed.
 */
export function quietRouters(
  t: Transaction,
  host: Side,
  { isGateway }: BridgeConfig,
  bridge: Bridge,
  port: string,
  onBridge: Others,
): void {
  tryWriteSysctl(`net/ipv6/conf/${port}/accept_ra`, '0');
  const name = `net/ipv6/conf/${bridge.name}/accept_ra`;
  if (bridge.created) tryWriteSysctl(name, '0');
  if (bridge.created || !isGateway) return;
  const before = tryReadSysctl(name) ?? '0';
  if (before === '0') return;
  onBridge.look();
  t.step(
    name,
    () => tryWriteSysctl(name, '0'),
    () => {
      if (!onBridge.haveCome()) host.within(() => tryWriteSysctl(name, before));
    },
  );
}
