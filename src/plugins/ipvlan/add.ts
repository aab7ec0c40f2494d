/**
 * ADD: one transaction over leases, the link, addresses, routes and settings. The code has beside
 * each datagram what takes it back when a later step fails:
 *
 *     make        to the master's namespace   the link, which is born in the container
 *                 undo                        deletes the link
 *     make        in the container            its alias
 *     configure   in the container            the addresses, the interface up, the routes
 *                 undo                        none: all of it goes with the link
 */
import { EEXIST, ENODEV } from '../../sys/errno.ts';
import type { NetlinkError } from '../../errors.ts';
import { familyOf } from '../../ip.ts';
import { parsePrevResult } from '../../cni/config.ts';
import { CniError, INTERNAL, INVALID_NETWORK_CONFIG } from '../../cni/errors.ts';
import { checkIpamType } from '../../cni/ipam-config.ts';
import { requireNetns } from '../../cni/netns.ts';
import { resultAfter, type IpConfig, type Result } from '../../cni/result.ts';
import type { Invocation } from '../../cni/skel.ts';
import { addressing, chosenDns, type Addressing } from '../attach/addressing.ts';
import { aliasOf, randomMac, type Attachment } from '../attach/attachment.ts';
import {
  addressMessages,
  addSettled,
  enableInet6,
  inet6Need,
  requireInet6Mtu,
  routeMessages,
} from '../attach/container.ts';
import { assign, complete, ipamOf, type Ipam } from '../attach/ipam.ts';
import { change, refusal, send } from '../attach/send.ts';
import { closeAll, hostSide, side, type Side } from '../attach/side.ts';
import { holdSignals, throwIfSignalled } from '../attach/signals.ts';
import { tryWriteSysctl } from '../attach/sysctl.ts';
import { transaction, type Transaction, type TransactionOptions } from '../attach/transaction.ts';
import {
  addLink,
  attachProtocol,
  getLink,
  hardwareOf,
  numberNamespace,
  setLink,
} from '../wire/rtnl.ts';
import { flagsOf, ipvlanConfig, NO_GATEWAY, type IpvlanConfig } from './config.ts';
import {
  explainBusy,
  findMaster,
  requireFitting,
  requireMode,
  whereOf,
  type Master,
} from './master.ts';
import { removeLink } from './peers.ts';

export function add(invocation: Invocation): void {
  holdSignals();
  attach(invocation, { afterStep: throwIfSignalled });
}

/** What every part of ADD needs. */
interface Attaching {
  readonly t: Transaction;
  readonly container: Side;
  readonly host: Side;
  /** The namespace of the master: one of the two. */
  readonly home: Side;
  readonly master: Master;
  readonly config: IpvlanConfig;
  readonly attachment: Attachment;
}

/** The only interface of the plugin's own part of the result. */
const CONTAINER = 0;

export function attach(
  invocation: Invocation,
  { afterStep }: Pick<TransactionOptions, 'afterStep'> = {},
): void {
  const config = ipvlanConfig(invocation);
  const previous = parsePrevResult(invocation.config);
  const { netns, containerId, ifname, warn } = invocation;
  requireNetns(netns);
  const attachment = { network: config.name, containerId, ifname };

  const container = side(netns, attachProtocol);
  const host = hostSide(attachProtocol);
  const home = config.linkInContainer ? container : host;
  try {
    const master = findMaster(home, config, previous, whereOf(config, netns));
    requireFitting(home, master, config);
    const ipam = ipamOrPrevious(invocation, config, previous);
    transaction({ warn, afterStep }, (t) => {
      const a: Attaching = { t, container, host, home, master, config, attachment };
      const early = ipam?.needsLink === false ? assign(t, ipam) : undefined;
      const { index, mac } = make(a);
      const assigned = early ?? (ipam && assign(t, ipam));
      const given = assigned?.result ?? previous!;
      const wanted = addressing(given, NO_GATEWAY);
      requireInet6Mtu(config.mtu ?? master.link.attrs.mtu, wanted);
      configure(a, index, wanted);
      const dns = chosenDns(config.dns, given.dns);
      const ips: IpConfig[] = [];
      for (const each of wanted.ips) ips.push({ ...each, interface: CONTAINER });
      const result: Result = {
        interfaces: [{ name: ifname, mac, sandbox: netns }],
        ips,
        routes: wanted.routes,
        ...(dns === undefined ? {} : { dns }),
      };
      complete(t, ipam, assigned, attachment);
      // Last, because a printed result cannot be taken back.
      invocation.print(resultAfter(kept(config, previous), result));
    });
  } finally {
    closeAll(host, container);
  }
}

/**
 * What the plugins before this one have made, less what this one takes over. Without `master` their
 * interface is the master and is left out of the result: the reference's DEL expects a single one
 * in prevResult. Without IPAM their addresses and routes become this plugin's own.
 */
function kept(
  { master, ipam: { type } }: IpvlanConfig,
  previous: Result | undefined,
): Result | undefined {
  if (previous === undefined) return undefined;
  const { interfaces = [], ips = [], routes = [], ...rest } = previous;
  const isMaster = master === '';
  return {
    interfaces: isMaster ? [] : interfaces,
    ips: isMaster || type === '' ? [] : ips,
    routes: type === '' ? [] : routes,
    ...rest,
  };
}

/** Undefined without IPAM: then the addresses are those that the preceding plugin has got. */
function ipamOrPrevious(
  invocation: Invocation,
  { ipam: { type } }: IpvlanConfig,
  previous: Result | undefined,
): Ipam | undefined {
  if (type !== '') return ipamOf(type, invocation);
  checkIpamType(invocation.config, invocation.warn);
  if (previous !== undefined && (previous.ips ?? []).length > 0) return undefined;
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    'no plugin name provided',
    previous === undefined
      ? 'ipam.type is missing, and there is no prevResult with addresses'
      : 'ipam.type is missing, and prevResult has no addresses',
  );
}

/** Makes the link, gives it its alias and reads it back. */
function make(a: Attaching): { readonly index: number; readonly mac: string } {
  const { t, container, master, config, attachment } = a;
  const { ifname } = attachment;
  // Checked first: if a link has the name afterwards, even if the kernel's answer was lost, it is
  // ours.
  requireFree(container, ifname);
  let name = ifname;
  if (!makeLink(a, name)) {
    requireFree(container, ifname);
    // 48 random bits, so that no other link has the name.
    name = `ip${randomMac().replaceAll(':', '')}`;
    makeLink(a, name);
  }
  const failure = `failed to refetch ipvlan "${ifname}"`;
  const { replies } = change(t, 'alias', container, {
    alias: [setLink(name, { ifalias: aliasOf(attachment) }), failure],
    link: [getLink(name), failure],
  });
  const link = replies.link!;
  requireMode(link, master, config);
  const { index } = link;
  if (name !== ifname) {
    change(t, 'name', container, {
      name: [
        setLink(index, { ifname }),
        (error) => {
          if (error.errno === EEXIST) requireFree(container, ifname, error);
          return refusal(`failed to rename ipvlan to "${ifname}"`, error);
        },
      ],
    });
  }
  return { index, mac: link.attrs.address ?? '' };
}

/**
 * Makes the link in the container's namespace, under its final name. False where the host has a
 * link of that name, which kernels before 6.14 look for in the sender's namespace. An index of our
 * choice would also avoid that, but some programs keep an index in a byte, and take the order of
 * the indexes for the order of the interfaces.
 */
function makeLink(a: Attaching, name: string): boolean {
  const { t, container, host, home, master, config, attachment } = a;
  const { ifname } = attachment;
  const netNsFd = container.namespace.fd;
  // Without an id DEL and GC would need the path of the namespace. It is fine if it has one
  // already.
  const number = numberNamespace(netNsFd);
  if (home !== host) send(host, { number });
  const { errno } = change(
    t,
    'link',
    home,
    {
      number: home === host ? number : undefined,
      link: [
        addLink({
          ifname: name,
          link: master.index,
          mtu: config.mtu,
          netNsFd,
          kind: 'ipvlan',
          data: { mode: config.mode, flags: flagsOf(config.flag) },
        }),
        (error) => linkRefusal(error, home, master),
        name === ifname ? EEXIST : undefined,
      ],
    },
    (made) => {
      // When this is undone, the link may already have its final name.
      if (made.errno.link === undefined) removeOwn(container, [name, ifname]);
    },
    () => removeOwn(container, [name]),
  );
  return errno.link === undefined;
}

/** Throws when the container has a link of that name. */
function requireFree(container: Side, ifname: string, cause?: NetlinkError): void {
  const { errno, refused, replies } = send(container, { link: getLink(ifname) });
  if (errno.link === ENODEV) return;
  if (refused.link !== undefined) {
    throw refusal(`failed to look for "${ifname}" in the container`, refused.link);
  }
  const link = replies.link!;
  const kind = link.attrs.linkinfo?.kind ?? hardwareOf(link);
  throw new CniError(
    INTERNAL,
    `failed to create ipvlan "${ifname}": file exists`,
    `there is a link "${ifname}" of kind ${kind} in the container's namespace`,
    cause,
  );
}

/** Removes what was made under one of these names, which were free before. */
function removeOwn(container: Side, names: readonly string[]): void {
  for (const name of names) {
    const { link } = send(container, { link: getLink(name) }).replies;
    if (link?.attrs.linkinfo?.kind === 'ipvlan') return removeLink(container, link.index);
  }
}

/** Explains why the kernel did not make it. */
function linkRefusal(error: NetlinkError, home: Side, master: Master): CniError {
  if (error.code === 'EBUSY') explainBusy(home, master, error);
  const hardware = hardwareOf(master.link);
  return new CniError(
    INTERNAL,
    `failed to create ipvlan: ${error.message}`,
    hardware === 'ether'
      ? ''
      : `"${master.name}" is not an Ethernet device but of type ${hardware}`,
    error,
  );
}

/** Nothing here has an undo step of its own: it goes with the link. */
function configure(a: Attaching, index: number, wanted: Addressing): void {
  const { t, container, attachment } = a;
  const { ifname } = attachment;
  t.step('settings', () => applySettings(a, wanted));
  const detectDuplicates = settles(a, wanted.ips);
  addSettled(container, { ifname, index }, wanted, detectDuplicates, () =>
    change(t, 'addresses and routes', container, {
      ...addressMessages({ ifname, index }, wanted, detectDuplicates),
      up: [setLink(index, { flags: ['up'] }), `failed to set "${ifname}" UP`],
      ...routeMessages({ ifname, index }, wanted),
    }),
  );
}

/**
 * Kernel settings of the container's interface, made before it comes up. IPv6 is on when an IPv6
 * address was assigned, and off when nothing needs it: otherwise any host on the master's network
 * could send router advertisements and give the container addresses and a route that nobody
 * configured (CVE-2024-32473). With an IPv6 address router advertisements are accepted, as on any
 * host of that network. If only a route needs IPv6, it stays at the default for new interfaces, and
 * router advertisements are not accepted.
 */
function applySettings({ t, container, attachment }: Attaching, wanted: Addressing): void {
  const { ifname } = attachment;
  const inet6 = `net/ipv6/conf/${ifname}`;
  container.within(() => {
    const need = inet6Need(wanted);
    if (need === 'address') enableInet6(t, container, ifname);
    else if (need === 'route') tryWriteSysctl(`${inet6}/accept_ra`, '0');
    else tryWriteSysctl(`${inet6}/disable_ipv6`, '1');
    // Neighbours learn at once that the addresses have moved here.
    tryWriteSysctl(`net/ipv4/conf/${ifname}/arp_notify`, '1');
    tryWriteSysctl(`${inet6}/ndisc_notify`, '1');
  });
}

/**
 * Whether ADD waits for duplicate address detection, after which an IPv6 address carries packets.
 * In mode l2 the kernel asks the network whether another host has the address, and without a
 * carrier there would be no answer; in the other modes it does not ask.
 */
function settles(
  { config: { mode }, master: { link } }: Attaching,
  ips: readonly { readonly address: string }[],
): boolean {
  if (mode === 'l2' && !link.flags.includes('lower_up')) return false;
  for (const { address } of ips) if (familyOf(address) === 'inet6') return true;
  return false;
}
