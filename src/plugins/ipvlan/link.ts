/**
 * The ipvlan link of an attachment: created in the container's namespace, by one message to the
 * master's namespace.
 */
import { aliasOf, randomMac, type Attachment } from '../attach/attachment.ts';
import { refuse, send, type Outcome, type Side } from '../attach/network.ts';
import type { Transaction } from '../attach/transaction.ts';
import { EEXIST, ENODEV } from '../../sys/errno.ts';
import type { NetlinkError } from '../../errors.ts';
import { CniError, INTERNAL, INVALID_NETWORK_CONFIG } from '../../cni/errors.ts';
import type { IpvlanConfig } from './config.ts';
import { addLink, getLink, hardwareOf, numberNamespace, setLink, type Link } from '../wire/rtnl.ts';
import { explainBusy, ipvlanData, type Master } from './master.ts';
import { removeLink } from './peers.ts';

/** The namespaces of an attachment. */
export interface Places {
  readonly host: Side;
  readonly container: Side;
  /** The namespace of the master: one of the two. */
  readonly home: Side;
}

export interface Made {
  readonly index: number;
  readonly mac: string;
}

/** Makes the link, gives it its alias and reads it back. */
export function makeLink(
  t: Transaction,
  places: Places,
  master: Master,
  config: IpvlanConfig,
  attachment: Attachment,
): Made {
  const { container } = places;
  const { ifname } = attachment;
  // Checked first: if a link has the name afterwards, even if the kernel's answer was lost, it is
  // ours.
  requireFree(container, ifname);
  const name = bear(t, places, master, config, ifname);
  const { failed, replies } = t.step('alias', () =>
    send(container.rt, {
      alias: setLink(name, { ifalias: aliasOf(attachment) }),
      link: getLink(name),
    }),
  );
  refuse(failed.alias ?? failed.link, `failed to refetch ipvlan "${ifname}"`);
  const link = replies.link!;
  requireMode(link, master, config);
  const { index } = link;
  if (name !== ifname) t.step('name', () => rename(container, index, ifname));
  return { index, mac: link.attrs.address ?? '' };
}

/**
 * Creates the link and returns its name: the final one, or a temporary one where the host has a
 * link of that name. Kernels before 6.14 check the name in the sender's namespace. An index of our
 * choice would also avoid that, but some programs keep an index in a byte, and take the order of
 * the indexes for the order of the interfaces.
 */
function bear(
  t: Transaction,
  places: Places,
  master: Master,
  config: IpvlanConfig,
  ifname: string,
): string {
  const { container, home } = places;
  for (let name = ifname; ; name = temporaryName()) {
    const { failed } = t.step(
      'link',
      () => create(places, master, config, name),
      (sent) => {
        // When this is undone, the link may already have its final name.
        if (sent.failed.link === undefined) removeOwn(container, [name, ifname]);
      },
    );
    const error = failed.link;
    if (error === undefined) return name;
    if (error.errno !== EEXIST || name !== ifname) throw refusal(error, home, master);
    requireFree(container, ifname, error);
  }
}

/** 48 random bits, so that no other link has the name. */
const temporaryName = (): string => `ip${randomMac().replaceAll(':', '')}`;

function create(
  { host, container, home }: Places,
  master: Master,
  config: IpvlanConfig,
  ifname: string,
): Outcome<'number' | 'link'> {
  const requests = {
    link: addLink({
      ifname,
      link: master.index,
      mtu: config.mtu,
      netNsFd: container.namespace.fd,
      kind: 'ipvlan',
      data: { mode: config.mode, flags: config.flag === 'bridge' ? [] : [config.flag] },
    }),
  };
  // Without an id DEL and GC would need the path of the namespace. It is fine if it has one
  // already.
  const number = { number: numberNamespace(container.namespace.fd) };
  try {
    if (home === host) return send(home.rt, { ...number, ...requests });
    send(host.rt, number);
    return send(home.rt, { number: undefined, ...requests });
  } catch (error) {
    removeOwn(container, [ifname]);
    throw error;
  }
}

/** Removes what was made under one of these names, which were free before. */
function removeOwn(container: Side, names: readonly string[]): void {
  for (const name of names) {
    const { link } = send(container.rt, { link: getLink(name) }).replies;
    if (link?.attrs.linkinfo?.kind === 'ipvlan') return removeLink(container, link.index);
  }
}

function rename(container: Side, index: number, ifname: string): void {
  const error = send(container.rt, { name: setLink(index, { ifname }) }).failed.name;
  if (error?.errno === EEXIST) requireFree(container, ifname, error);
  refuse(error, `failed to rename ipvlan to "${ifname}"`);
}

/** Explains why the kernel did not make it. */
function refusal(error: NetlinkError, home: Side, master: Master): CniError {
  if (error.code === 'EBUSY') explainBusy(home, master, error);
  const hardware = hardwareOf(master.link);
  return new CniError(
    INTERNAL,
    `failed to create ipvlan: ${error.message}`,
    hardware === 'ether' ? '' : `"${master.name}" is no Ethernet device but of type ${hardware}`,
    error,
  );
}

/** Throws when the container has a link of that name. */
function requireFree(container: Side, ifname: string, cause?: NetlinkError): void {
  const { errno, failed, replies } = send(container.rt, { link: getLink(ifname) });
  if (errno.link === ENODEV) return;
  refuse(failed.link, `failed to look for "${ifname}" in the container`);
  const link = replies.link!;
  const kind = link.attrs.linkinfo?.kind ?? hardwareOf(link);
  throw new CniError(
    INTERNAL,
    `failed to create ipvlan "${ifname}": file exists`,
    `there is a link "${ifname}" of kind ${kind} in the container's namespace`,
    cause,
  );
}

/** Mode and flag belong to the master: a simultaneous ADD may have set others. */
function requireMode(link: Link, master: Master, config: IpvlanConfig): void {
  const found = ipvlanData(link);
  if (found?.mode === config.mode && found.flag === config.flag) return;
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    `failed to create ipvlan: the children of "${master.name}" were switched to mode ${found?.mode} ${found?.flag} meanwhile`,
    `configured is ${config.mode} ${config.flag}; all of a master share one mode`,
  );
}
