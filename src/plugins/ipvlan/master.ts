/** The master: which link it is, and whether it can have the configured child. */
import { send } from '../attach/send.ts';
import type { Side } from '../attach/side.ts';
import { ENODEV } from '../../sys/errno.ts';
import type { NetlinkError } from '../../errors.ts';
import { CniError, INTERNAL, INVALID_NETWORK_CONFIG } from '../../cni/errors.ts';
import type { Result } from '../../cni/result.ts';
import { getLink, listRoutes, type Link } from '../wire/rtnl.ts';
import type { IpvlanConfig, IpvlanFlag, IpvlanMode } from './config.ts';
import { findChild } from './peers.ts';

export interface Master {
  readonly name: string;
  readonly index: number;
  readonly link: Link;
}

/** The namespace in which the master is looked for, for messages. */
export const whereOf = (
  { linkInContainer }: Pick<IpvlanConfig, 'linkInContainer'>,
  netns: string,
): string =>
  linkInContainer
    ? `the container's namespace ${netns} (linkInContainer)`
    : 'the namespace that the plugin runs in';

/**
 * Finds the configured link, or else the single interface of the preceding plugin, or else the one
 * of the default route. `home` is the namespace that it is in.
 */
export function findMaster(
  home: Side,
  config: Pick<IpvlanConfig, 'master'>,
  previous: Result | undefined,
  where: string,
): Master {
  const dev = config.master || chained(previous) || defaultRouteDevice(home, where);
  const { refused, replies } = send(home, { link: getLink(dev) });
  if (refused.link !== undefined) throw notFound(dev, refused.link, where);
  const link = replies.link!;
  return { name: link.attrs.ifname ?? String(dev), index: link.index, link };
}

function chained(previous: Result | undefined): string | undefined {
  if (previous === undefined) return undefined;
  const [first, ...others] = previous.interfaces ?? [];
  if (first !== undefined && first.name !== '' && others.length === 0) return first.name;
  const names = (previous.interfaces ?? []).map(({ name }) => name).join(', ');
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    'chained master failure. PrevResult lacks a single named interface',
    `it has ${names === '' ? 'none' : names}; "master" names the one to use`,
  );
}

/**
 * Index of the interface of the first default route: IPv4 before IPv6, low metrics before high
 * ones.
 */
export function defaultRouteDevice(home: Side, where: string): number {
  for (const { dstLen, type, attrs } of home.rt.dump(listRoutes({ table: 'main' }))) {
    const oif = attrs.oif ?? attrs.multipath?.[0]?.ifindex;
    if (dstLen === 0 && type === 'unicast' && oif !== undefined) return oif;
  }
  throw new CniError(
    INTERNAL,
    'no default route interface found',
    `looked in ${where}; "master" names a link`,
  );
}

function notFound(dev: string | number, error: NetlinkError, where: string): CniError {
  const reason = error.errno === ENODEV ? 'Link not found' : error.message;
  return new CniError(
    INTERNAL,
    `failed to lookup master "${dev}": ${reason}`,
    `looked in ${where}`,
    error,
  );
}

/**
 * Throws when the configured child would not fit the master, or would change the existing children.
 */
export function requireFitting(home: Side, master: Master, config: IpvlanConfig): void {
  const { name, link } = master;
  const { mtu = 0 } = config;
  if (link.attrs.mtu !== undefined && mtu > link.attrs.mtu) {
    throw new CniError(
      INVALID_NETWORK_CONFIG,
      `mtu ${mtu} is larger than that of master "${name}", which is ${link.attrs.mtu}`,
    );
  }
  const sibling = anyChild(home, master);
  const data = ipvlanData(sibling);
  if (data === undefined) return;
  const { mode, flag } = data;
  if (mode === config.mode && flag === config.flag) return;
  const of = sibling!.attrs.ifalias === undefined ? '' : ` of ${sibling!.attrs.ifalias}`;
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    `failed to create ipvlan: "${name}" already has ipvlan children in mode ${mode} ${flag}`,
    `all children of a master share one mode: the kernel would switch "${sibling!.attrs.ifname}"${of} to ${config.mode} ${config.flag}`,
  );
}

/**
 * One ipvlan link of this master. A child of an ipvlan link is a child of that link's own master.
 */
const anyChild = (home: Side, { link, index }: Master): Link | undefined =>
  link.attrs.linkinfo?.kind === 'ipvlan' ? link : findChild(home, 'ipvlan', index);

/**
 * Both belong to the master and are the same for all of its links; a later kernel may have other
 * modes.
 */
interface IpvlanData {
  readonly mode: IpvlanMode | number;
  readonly flag: IpvlanFlag | number;
}

/** Mode and flag of an ipvlan link; undefined for a link of another kind. */
export function ipvlanData(link: Link | undefined): IpvlanData | undefined {
  const info = link?.attrs.linkinfo;
  if (info?.kind !== 'ipvlan' || info.data === undefined) return undefined;
  const { mode = 'l2', flags: [flag = 'bridge'] = [] } = info.data;
  return { mode, flag };
}

/**
 * Throws an error that explains what prevents a first ipvlan child: the kernel only says that the
 * master is busy.
 */
export function explainBusy(home: Side, { name, link, index }: Master, error?: NetlinkError): void {
  const fail = (why: string, details: string): never => {
    throw new CniError(INTERNAL, `failed to create ipvlan: ${why}`, details, error);
  };
  for (const kind of ['macvlan', 'macvtap']) {
    const child = findChild(home, kind, index);
    if (child === undefined) continue;
    const { ifname, ifalias } = child.attrs;
    const of = ifalias === undefined ? '' : ` of ${ifalias}`;
    fail(
      `"${name}" has the ${kind} child "${ifname}"${of}`,
      'a master cannot have both macvlan and ipvlan children',
    );
  }
  const { master, linkinfo } = link.attrs;
  if (master === undefined) return;
  const above = send(home, { link: getLink(master) }).replies.link;
  const kind = linkinfo?.slaveKind ?? above?.attrs.linkinfo?.kind ?? 'master';
  fail(
    `"${name}" is a port of the ${kind} "${above?.attrs.ifname ?? master}"`,
    `a port cannot be a master of ipvlan links; the ${kind} itself can`,
  );
}

/** Mode and flag belong to the master: a simultaneous ADD may have set others. */
export function requireMode(link: Link, master: Master, config: IpvlanConfig): void {
  const found = ipvlanData(link);
  if (found?.mode === config.mode && found.flag === config.flag) return;
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    `failed to create ipvlan: the children of "${master.name}" were switched to mode ${found?.mode} ${found?.flag} meanwhile`,
    `configured is ${config.mode} ${config.flag}; all children of a master share one mode`,
  );
}
