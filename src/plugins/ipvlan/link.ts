/** The ipvlan link of an attachment: born in the container's namespace under its final name, by one message to the master's. */
import { aliasOf, randomIndex, type Attachment } from '../attachment.ts';
import { send, type Side } from '../network.ts';
import type { Transaction } from '../transaction.ts';
import { EEXIST } from '../../netlink/errno.ts';
import type { NetlinkError } from '../../netlink/errors.ts';
import { CniError, INTERNAL, INVALID_NETWORK_CONFIG } from '../cni/errors.ts';
import type { IpvlanConfig } from './config.ts';
import { addLink, getLink, setLink, type WireLink } from '../wire/link.ts';
import { numberNamespace } from '../wire/nsid.ts';
import { explainBusy, ipvlanData, type Master } from './master.ts';
import { removeLink } from './peers.ts';

/** The namespaces of an attachment. */
export interface Places {
  readonly host: Side;
  readonly container: Side;
  /** Where the master is: one of the two. */
  readonly home: Side;
}

export interface Made {
  readonly index: number;
  readonly mac: string;
}

/** With so many interfaces that three random indexes are taken, something else is wrong. */
const INDEX_ATTEMPTS = 3;

/** Makes the link, gives it its alias and reads it back. */
export function makeLink(
  t: Transaction,
  places: Places,
  master: Master,
  config: IpvlanConfig,
  attachment: Attachment,
): Made {
  const { container } = places;
  const index = bear(t, places, master, config, attachment.ifname);
  const { failed, replies } = t.step('alias', () =>
    send(container.rt, {
      alias: setLink(index, { ifalias: aliasOf(attachment) }),
      link: getLink(index),
    }),
  );
  const error = failed.alias ?? failed.link;
  if (error !== undefined) {
    throw new CniError(
      INTERNAL,
      `failed to refetch ipvlan "${attachment.ifname}": ${error.message}`,
      '',
      error,
    );
  }
  const link = replies.link as WireLink;
  requireMode(link, master, config);
  return { index, mac: link.attrs.address ?? '' };
}

/**
 * The kernel looks for a name in the sender's namespace, where the host may well have a link of that name; it looks for a number there
 * when one is given. So the number is what makes a temporary name needless.
 */
function bear(
  t: Transaction,
  { host, container, home }: Places,
  master: Master,
  config: IpvlanConfig,
  ifname: string,
): number {
  for (let attempt = 1; ; attempt++) {
    const index = randomIndex();
    const requests = {
      link: addLink({
        index,
        ifname,
        link: master.index,
        mtu: config.mtu,
        netNsFd: container.namespace.fd,
        kind: 'ipvlan',
        data: { mode: config.mode, flag: config.flag },
      }),
    };
    const { failed } = t.step(
      'link',
      () => {
        // Without the number DEL and GC would need the path of the namespace; that it has one already is as good.
        const number = { number: numberNamespace(container.namespace.fd) };
        try {
          if (home === host) return send(home.rt, { ...number, ...requests });
          send(host.rt, number);
          return send<'number' | 'link'>(home.rt, requests);
        } catch (error) {
          // No answer: what was made is known by the number that we chose.
          removeOwn(container, index, ifname);
          throw error;
        }
      },
      (sent) => {
        if (sent.failed.link === undefined) removeOwn(container, index, ifname);
      },
    );
    const error = failed.link;
    if (error === undefined) return index;
    explain(error, container, home, master, ifname, attempt === INDEX_ATTEMPTS);
  }
}

function removeOwn(container: Side, index: number, ifname: string): void {
  const { link } = send(container.rt, { link: getLink(index) }).replies as { link?: WireLink };
  if (link?.attrs.ifname === ifname) removeLink(container, index);
}

/** Throws unless another index may help. */
function explain(
  error: NetlinkError,
  container: Side,
  home: Side,
  master: Master,
  ifname: string,
  last: boolean,
): void {
  // Which of the two is taken, number or name?
  if (error.errno === EEXIST) requireFree(container, ifname, error);
  if (error.code === 'EBUSY') explainBusy(home, master, error);
  if (!last && (error.errno === EEXIST || error.code === 'EBUSY')) return;
  const hardware = hardwareOf(master.link);
  throw new CniError(
    INTERNAL,
    `failed to create ipvlan: ${error.message}`,
    hardware === 'ether' ? '' : `"${master.name}" is no Ethernet device but of type ${hardware}`,
    error,
  );
}

/** Throws when the container has a link of that name. */
function requireFree(container: Side, ifname: string, cause: NetlinkError): void {
  const { link } = send(container.rt, { link: getLink(ifname) }).replies as { link?: WireLink };
  if (link === undefined) return;
  const kind = link.attrs.linkinfo?.kind ?? hardwareOf(link);
  throw new CniError(
    INTERNAL,
    `failed to create ipvlan "${ifname}": file exists`,
    `there is a link "${ifname}" of kind ${kind} in the container's namespace`,
    cause,
  );
}

/** ARPHRD_* of links that are met without a kind, or as a master that cannot be one; include/uapi/linux/if_arp.h. */
export function hardwareOf({ type }: WireLink): string {
  const words: Readonly<Record<number, string>> = {
    1: 'ether',
    32: 'infiniband',
    512: 'ppp',
    519: 'rawip',
    768: 'ipip',
    769: 'tunnel6',
    772: 'loopback',
    776: 'sit',
    778: 'gre',
    823: 'gre6',
    0xfffe: 'none',
  };
  return words[type] ?? `ARPHRD ${type}`;
}

/** Mode and flag belong to the master: an ADD at the same time may have set others. */
function requireMode(link: WireLink, master: Master, config: IpvlanConfig): void {
  const found = ipvlanData(link);
  if (found?.mode === config.mode && found.flag === config.flag) return;
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    `failed to create ipvlan: the children of "${master.name}" were switched to mode ${found?.mode} ${found?.flag} meanwhile`,
    `configured is ${config.mode} ${config.flag}; all of a master share one mode`,
  );
}
