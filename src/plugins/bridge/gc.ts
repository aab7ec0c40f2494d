/**
 * GC: removes what belongs to attachments of this network that the runtime does not list. Links are
 * known by their alias, so neither their namespaces nor any record of ours is needed; rules and
 * leases name their owners too. CNI SPEC 1.1.0, section 2 "GC".
 */
import { aliasOf } from '../attach/attachment.ts';
import { cleanUp, type Attempt } from '../attach/cleanup.ts';
import { namedUpkeep } from '../attach/ipam-upkeep.ts';
import { forgetEnd } from '../attach/ended.ts';
import { keptAttachments, looking, youngAttachments, type Before } from '../attach/gc.ts';
import { send } from '../attach/send.ts';
import type { Side } from '../attach/side.ts';
import { onHost } from '../attach/on-host.ts';
import { addsUnderWay } from '../attach/under-way.ts';
import { RTM_DELLINK } from '../../rtnl/constants.ts';
import type { Attachment } from '../../cni/config.ts';
import type { Command, Environment, Invocation } from '../../cni/skel.ts';
import { detachConfig, gatewayVlan, vlanGatewayName } from './config.ts';
import { openConnection, whereNftables } from '../masquerade/nft-connection.ts';
import { ownerOf, ownerOfAlias } from '../masquerade/rule-names.ts';
import { collect } from '../masquerade/remove.ts';
import { vlansByPort } from './port-vlans.ts';
import { vlanGatewayAlias } from './vlan-gateway.ts';
import {
  deleteLink,
  getLink,
  link as linkMessage,
  listLinks,
  setLink,
  type Link,
} from '../wire/rtnl.ts';

export const loadGc = (env: Environment): Command =>
  looking(env, () => onHost((host) => veths(host).map(identity)), gc);

async function gc(invocation: Invocation, before: Before): Promise<void> {
  const { name: network } = invocation.config;
  const { flushStale } = detachConfig(invocation).flushConntrack
    ? await import('./flush-conntrack.ts')
    : {};
  const kept = keptAttachments(invocation, before);
  cleanUp((attempt) => {
    if (kept === undefined) {
      invocation.warn('GC without cni.dev/valid-attachments: nothing counts as stale');
    } else {
      kept.push(...youngAttachments(invocation));
      attempt(() =>
        onHost((host) => {
          attempt(() => removeRules(host, invocation, before, kept));
          attempt(() => removeStale(host, network, before, kept, attempt));
          attempt(() => removeVlanGateway(host, invocation, before));
        }),
      );
      if (flushStale !== undefined) attempt(() => flushStale(invocation, kept));
    }
    attempt(() => namedUpkeep(invocation)?.gc(kept));
  });
}

const veths = ({ rt }: Side): Link[] => rt.list(listLinks({ kind: 'veth' }));

const isVeth = ({ attrs }: Link): boolean => attrs.linkinfo?.kind === 'veth';

/** Each pair has a MAC address of its own, even if it is the next pair of the same attachment. */
const identity = ({ index, attrs: { address, ifalias } }: Link): string =>
  `${index} ${address} ${ifalias}`;

const isNew = (link: Link, { links }: Before): boolean => !links.has(identity(link));

/**
 * ADD makes the link before the rule: an attachment whose link is younger than this GC may have a
 * rule that is younger, too.
 */
function removeRules(
  host: Side,
  { config: { name: network }, path }: Invocation,
  before: Before,
  kept: readonly Attachment[],
): void {
  const connection = openConnection();
  if (connection === undefined) return;
  const owners = (): Set<string> => {
    const found = new Set<string>();
    for (const each of [...kept, ...addsUnderWay(path)]) found.add(ownerOf({ network, ...each }));
    for (const link of veths(host)) {
      const { ifalias } = link.attrs;
      if (ifalias !== undefined && isNew(link, before)) found.add(ownerOfAlias(ifalias));
    }
    return found;
  };
  try {
    whereNftables(() => collect(connection, network, owners));
  } finally {
    connection.close();
  }
}

/**
 * Deleting a link waits until all processors have seen the change; for a group the kernel waits
 * only once. The links in the group are read again first, because another link may have got one of
 * the indexes meanwhile.
 */
function removeStale(
  host: Side,
  network: string,
  before: Before,
  kept: readonly Attachment[],
  attempt: Attempt,
): void {
  const aliases = new Set(kept.map((each) => aliasOf({ network, ...each })));
  const isStale = (link: Link): boolean => {
    const { ifalias } = link.attrs;
    if (ifalias === undefined || !ifalias.startsWith(`${network}/`)) return false;
    return !aliases.has(ifalias) && !isNew(link, before);
  };
  const links = host.rt.list(listLinks());
  const stale = links.filter((link) => isVeth(link) && isStale(link));
  if (stale.length === 0) return;
  const group = freeGroup(links);
  for (const { error } of host.rt.batch(stale.map(({ index }) => setLink(index, { group })))) {
    // A link that has just gone is no failure; links that stay behind are reported.
    attempt(() => {
      if (error && error.code !== 'ENODEV') throw error;
    });
  }
  const grouped = veths(host).filter(({ attrs }) => attrs.group === group);
  const others = grouped.filter((link) => !isStale(link));
  host.rt.batch(others.map(({ index }) => setLink(index, { group: 0 })));
  if (grouped.length === others.length) return;
  host.rt.request({ message: linkMessage, type: RTM_DELLINK, value: { attrs: { group } } });
  for (const { attrs } of stale) forgetEnd(attrs.ifalias!);
}

/** A group that no link is in; 0 is the default group. */
function freeGroup(links: readonly Link[]): number {
  const taken = new Set(links.map(({ attrs }) => attrs.group ?? 0));
  for (;;) {
    const group = 0x10000000 + Math.floor(Math.random() * 0x60000000);
    if (!taken.has(group)) return group;
  }
}

/**
 * The host's interface in a VLAN serves all containers in it, and is removed when no port is left
 * there. It stays while any ADD is under way, which may have found it but not yet made its port.
 */
function removeVlanGateway(host: Side, invocation: Invocation, before: Before): void {
  const vlan = gatewayVlan(invocation.config);
  if (vlan === 0) return;
  const { bridge } = detachConfig(invocation);
  const name = vlanGatewayName({ bridge, vlan });
  const { replies } = send(host, { own: getLink(name), bridge: getLink(bridge) });
  const own = replies.own as Link | undefined;
  const { index } = (replies.bridge as Link | undefined) ?? { index: 0 };
  if (own?.attrs.ifalias !== vlanGatewayAlias(name) || index === 0 || isNew(own, before)) return;
  const ports = host.rt.list(listLinks({ master: index }));
  const vlans = vlansByPort(host);
  const used = ports.some((port) => {
    return port.index !== own.attrs.link && vlans.get(port.index)?.has(vlan) === true;
  });
  if (used || before.underWay.length > 0 || addsUnderWay(invocation.path).length > 0) return;
  host.rt.request(deleteLink(own.index));
}
