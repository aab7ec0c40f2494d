/** The ipvlan link of an attachment: born in the container's namespace under its final name, by one message to the master's. */
import { aliasOf, randomIndex, type Attachment } from '../attachment.ts';
import { send, type Side } from '../network.ts';
import type { Transaction } from '../transaction.ts';
import { EEXIST, ENODEV } from '../../netlink/errno.ts';
import type { NetlinkError } from '../../netlink/errors.ts';
import type { Link } from '../../rtnl/link.ts';
import { addLink, deleteLink, getLink, setLink } from '../../rtnl/links.ts';
import { CniError, INTERNAL, INVALID_NETWORK_CONFIG } from '../cni/errors.ts';
import type { IpvlanConfig } from './config.ts';
import { explainBusy, ipvlanData, type Master } from './master.ts';
import { numberNamespace } from './peers.ts';

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
  const link = replies.link as Link;
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
        data: { mode: config.mode, flags: config.flag === 'bridge' ? [] : [config.flag] },
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
  const { link } = send(container.rt, { link: getLink(index) }).replies as { link?: Link };
  if (link?.attrs.ifname === ifname) removeByIndex(container, index);
}

/** Removes a link; does nothing when it is gone. */
export function removeByIndex(container: Side, index: number): void {
  const error = send(container.rt, { link: deleteLink(index) }).failed.link;
  if (error !== undefined && error.errno !== ENODEV) throw error;
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
  if (error.errno === EEXIST) requireFree(container, ifname, error);
  if (error.code === 'EBUSY') explainBusy(home, master, error);
  if (!last && (error.errno === EEXIST || error.code === 'EBUSY')) return;
  const { type, flags } = master.link;
  const isEthernet = type === 'ether' && !flags.includes('loopback');
  throw new CniError(
    INTERNAL,
    `failed to create ipvlan: ${error.message}`,
    isEthernet ? '' : `"${master.name}" is no Ethernet device but of type ${type}`,
    error,
  );
}

/** Throws when the container has a link of that name. */
export function requireFree(container: Side, ifname: string, cause?: NetlinkError): void {
  const { link } = send(container.rt, { link: getLink(ifname) }).replies as { link?: Link };
  if (link === undefined) return;
  const kind = link.attrs.linkinfo?.kind ?? link.type;
  throw new CniError(
    INTERNAL,
    `failed to create ipvlan "${ifname}": file exists`,
    `there is a link "${ifname}" of kind ${kind} in the container's namespace`,
    cause,
  );
}

/** Mode and flag belong to the master: an ADD at the same time may have set others. */
function requireMode(link: Link, master: Master, config: IpvlanConfig): void {
  const found = ipvlanData(link);
  if (found?.mode === config.mode && found.flag === config.flag) return;
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    `failed to create ipvlan: the children of "${master.name}" were switched to mode ${found?.mode} ${found?.flag} meanwhile`,
    `configured is ${config.mode} ${config.flag}; all of a master share one mode`,
  );
}
