/**
 * ADD: one transaction over leases, links, addresses, routes and settings. Three datagrams make the
 * attachment. The code has beside each what takes it back when a later step fails:
 *
 *     make        on the host        the bridge, and the pair that leads into the container
 *                 undo               deletes the pair, and the bridge if it is new and unused
 *     connect     on the host        the port, the bridge up, the gateway addresses
 *                 undo               addresses and flags as before, unless others have come
 *     configure   in the container   the addresses, the interface up, the routes
 *                 undo               none: all of it goes with the pair
 *
 * A guarded port, a VLAN with a gateway, and IPAM that needs the interface take further ones.
 */
import { EEXIST } from '../../sys/errno.ts';
import { RTNLGRP_LINK } from '../../rtnl/constants.ts';
import type { DelegateOptions } from '../../cni/delegate.ts';
import { parsePrevResult } from '../../cni/config.ts';
import { checkIpamType } from '../../cni/ipam-config.ts';
import { requireNetns } from '../../cni/netns.ts';
import { requireAddressesFor } from '../../cni/result-text.ts';
import { resultAfter, type Interface, type IpConfig, type Result } from '../../cni/result.ts';
import type { Invocation } from '../../cni/skel.ts';
import { addressing, chosenDns, type Addressing } from '../attach/addressing.ts';
import {
  aliasOf,
  hostVethName,
  randomMac,
  randomPortMac,
  type Attachment,
} from '../attach/attachment.ts';
import {
  addressMessages,
  addSettled,
  enableInet6,
  inet6Need,
  requireInet6Mtu,
  routeMessages,
} from '../attach/container.ts';
import { assign, complete, ipamOf, type Ipam } from '../attach/ipam.ts';
import { subscribe } from '../attach/notifications.ts';
import { change, send } from '../attach/send.ts';
import { closeAll, hostSide, side, type Side } from '../attach/side.ts';
import { holdSignals, throwIfSignalled } from '../attach/signals.ts';
import { tryWriteSysctl } from '../attach/sysctl.ts';
import { transaction, type Transaction, type TransactionOptions } from '../attach/transaction.ts';
import type { OpenMasquerade } from '../masquerade/masquerade.ts';
import { addLink, addSender, attachProtocol, getLink, setLink } from '../wire/rtnl.ts';
import { awaitPort } from './await-port.ts';
import {
  bridgeOf,
  missingFlags,
  quietRouters,
  removeUnused,
  restoreMac,
  takeFlags,
  type Bridge,
} from './bridge-link.ts';
import { lastingMac, macMessages, settleMac } from './bridge-mac.ts';
import {
  bridgeConfig,
  masquerades,
  requireConsistent,
  vlanGatewayName,
  type BridgeConfig,
} from './config.ts';
import {
  changes,
  enableForwarding,
  gatewayMessages,
  ON_BRIDGE,
  planGateways,
  requireGateways,
  undoGateways,
  type Router,
} from './gateway.ts';
import { others, type Others } from './others.ts';
import { pairRefusal, removePair, type Pair } from './pair.ts';
import { portFlags, requireLock, vlanMessages } from './port.ts';
import { portVlans, withoutFiltering } from './vlan.ts';
import { gatewayPortName, vlanGateway } from './vlan-gateway.ts';

/** What an ADD asks for, when nothing is wrong with it. */
export interface Wanted {
  readonly invocation: Invocation;
  readonly config: BridgeConfig;
  readonly attachment: Attachment;
  /** What the plugins before this one in the list have made. */
  readonly previous: Result | undefined;
  /** Undefined without IPAM: then addresses and settings are up to the container. */
  readonly ipam: Ipam | undefined;
}

/** Each mistake in the input is an error here, before anything is changed. */
export function wantedBy(invocation: Invocation, delegate?: DelegateOptions): Wanted {
  const config = bridgeConfig(invocation);
  requireConsistent(config);
  const { containerId, ifname, netns } = invocation;
  const isManaged = config.ipam.type !== '';
  if (!isManaged) {
    requireAddressesFor(invocation.config.cniVersion, {});
    checkIpamType(invocation.config, invocation.warn);
  }
  const previous = parsePrevResult(invocation.config);
  requireNetns(netns);
  return {
    invocation,
    config,
    attachment: { network: config.name, containerId, ifname },
    previous,
    ipam: isManaged ? ipamOf(config.ipam.type, invocation, delegate) : undefined,
  };
}

export async function add(invocation: Invocation): Promise<void> {
  holdSignals();
  const wanted = wantedBy(invocation);
  const { config } = wanted;
  // Most networks do without, and its code would cost each ADD a tenth of its instructions.
  const masquerade = masquerades(config)
    ? (await import('../masquerade/masquerade.ts')).openMasquerade(config, invocation.config)
    : undefined;
  attach(wanted, masquerade, { afterStep: throwIfSignalled });
}

/** What every part of ADD needs. */
interface Attaching {
  readonly t: Transaction;
  readonly host: Side;
  readonly container: Side;
  readonly config: BridgeConfig;
  readonly attachment: Attachment;
  readonly warn: Invocation['warn'];
}

/** The addressing before IPAM has answered. */
const NOTHING_YET = { ips: [], routes: [] };

/**
 * Index of the container's end in the result's list of interfaces, after the bridge and the host's
 * end.
 */
const CONTAINER = 2;

/** Closes `masquerade` at the end. */
export function attach(
  { invocation, config, attachment, previous, ipam }: Wanted,
  masquerade: OpenMasquerade | undefined,
  { afterStep }: Pick<TransactionOptions, 'afterStep'>,
): void {
  const { netns, warn } = invocation;
  const container = side(netns, attachProtocol);
  const host = hostSide(attachProtocol);
  try {
    transaction({ warn, afterStep }, (t) => {
      const a: Attaching = { t, host, container, config, attachment, warn };
      // It may send packets over the interface, as dhcp does.
      const isLate = ipam?.needsLink === true;
      let assigned = ipam === undefined || isLate ? undefined : assign(t, ipam);
      let wanted = addressing(assigned?.result ?? {}, config);
      requireInet6Mtu(config.mtu, wanted);
      const links = make(a);
      let onHost = connect(a, links, wanted.gateways);
      if (isLate) {
        t.step('first settings', () => applySettings(a, NOTHING_YET, false));
        assigned = assign(t, ipam);
        wanted = addressing(assigned.result, config);
        requireInet6Mtu(config.mtu, wanted);
        onHost = addGateways(a, links, onHost, wanted.gateways);
      }
      const addresses: string[] = [];
      const ips: IpConfig[] = [];
      for (const each of wanted.ips) {
        addresses.push(each.address);
        ips.push({ ...each, interface: CONTAINER });
      }
      const { bridge, pair } = links;
      if (masquerade !== undefined) {
        t.step(
          'masquerade',
          () => masquerade.add({ ...attachment, addresses }, bridge.inUse),
          (undo) => undo(),
        );
      }
      if (!config.disableContainerInterface) {
        configure(a, links, wanted, ipam !== undefined);
        awaitPort(host, pair.host.index, isLate);
      }
      const dns = chosenDns(config.dns, assigned?.result.dns);
      const result: Result = {
        interfaces: [
          { name: bridge.name, mac: onHost.bridgeMac },
          { name: pair.host.name, mac: pair.host.mac },
          { name: attachment.ifname, mac: pair.container.mac, sandbox: netns },
          ...(onHost.vlanInterface === undefined ? [] : [onHost.vlanInterface]),
        ],
        ips,
        routes: wanted.routes,
        ...(dns === undefined ? {} : { dns }),
      };
      complete(t, ipam, assigned, attachment);
      // Last, because a printed result cannot be taken back.
      invocation.print(resultAfter(previous, result));
    });
  } finally {
    closeAll(host, container);
    masquerade?.close();
  }
}

interface Links {
  readonly bridge: Bridge;
  readonly pair: Pair;
}

/**
 * Makes the bridge if it does not exist, and the pair, every link with its final name, address and
 * namespace. The kernel chooses the indexes and counts up in each namespace: some programs keep an
 * index in a byte, and take the order of the indexes for the order of the interfaces.
 */
function make({ t, host, container, config, attachment, warn }: Attaching): Links {
  const { bridge: name, vlanFiltering } = config;
  const hostName = hostVethName(attachment);
  const { ifname } = attachment;
  const bridgeMac = randomMac();
  const hostMac = randomPortMac();
  const containerMac = config.mac ?? randomMac();
  const mtu = config.mtu > 0 ? config.mtu : undefined;
  const netNsFd = container.namespace.fd;
  const failure = `failed to create bridge "${name}"`;
  const { errno, replies } = change(
    t,
    'bridge and pair',
    host,
    {
      bridge: [
        addLink({
          ifname: name,
          kind: 'bridge',
          // An address that is set stays; one that the kernel chose would follow the ports.
          address: bridgeMac,
          mtu,
          data: vlanFiltering ? { vlanFiltering } : undefined,
        }),
        `${failure}: could not add "${name}"`,
        EEXIST,
      ],
      found: [getLink(name), `${failure}: could not lookup "${name}"`],
      pair: [
        addLink({
          ifname: hostName,
          address: hostMac,
          mtu,
          kind: 'veth',
          data: { peer: { ifname, address: containerMac, mtu, netNsFd } },
        }),
        (error) => pairRefusal(error, container, attachment),
      ],
      // A link cannot be created with an alias, and without it GC would not know who owns the pair
      // that a killed ADD leaves. The name is this attachment's even if the pair exists already.
      alias: [setLink(hostName, { ifalias: aliasOf(attachment) }), `failed to mark "${hostName}"`],
      // Both indexes: that of the other end is the answer's link index (IFLA_LINK).
      host: [getLink(hostName), `failed to lookup "${hostName}"`],
    },
    (made) => {
      const { found, host: hostEnd } = made.replies;
      try {
        if (made.errno.pair === undefined) removePair(host, hostEnd?.index ?? hostName);
      } finally {
        if (made.errno.bridge === undefined) removeUnused(host, found?.index ?? name);
        else if (found !== undefined) restoreMac(host, found);
      }
    },
    () => {
      // What was made is recognised by the addresses that we chose.
      const { bridge, pair } = send(host, {
        bridge: getLink(name),
        pair: getLink(hostName),
      }).replies;
      if (pair?.attrs.address === hostMac) removePair(host, pair.index);
      if (bridge?.attrs.address === bridgeMac) removeUnused(host, bridge.index);
    },
  );
  const bridge = bridgeOf(replies.found!, config, errno.bridge === undefined);
  if (vlanFiltering && !bridge.created && !bridge.vlanFiltering) warn(withoutFiltering(name));
  const { index, attrs } = replies.host!;
  return {
    bridge,
    pair: {
      host: { name: hostName, index, mac: hostMac },
      container: { index: attrs.link!, mac: containerMac },
    },
  };
}

/** What the rest of ADD has to know about the host. */
interface OnHost {
  readonly bridgeMac: string;
  readonly vlanInterface?: Interface;
  /** The interface that gets the gateway addresses. */
  readonly router: Router;
  readonly onBridge: Others;
}

/**
 * Connects the port, brings it and the bridge up, and sets the gateway addresses. A port with any
 * guard comes up by a datagram of its own, when the kernel has confirmed them all.
 */
function connect(a: Attaching, { bridge, pair }: Links, gateways: readonly string[]): OnHost {
  const { t, host, config, warn } = a;
  const { macspoofchk, forceAddress } = config;
  const { name, index } = pair.host;
  const inVlan = config.isGateway && config.vlan !== 0;
  const gatewayPort = inVlan ? gatewayPortName(vlanGatewayName(config)) : undefined;
  const onBridge = others(host, index, bridge, gatewayPort);
  const ofBridge: Router = { ...bridge, failure: ON_BRIDGE, follows: !bridge.created };
  // Conflicts are reported before anything is changed.
  const early = inVlan ? undefined : planGateways(host, ofBridge, gateways, forceAddress);
  quietRouters(t, host, config, bridge, name, onBridge);
  const router = inVlan ? vlanGateway(t, host, config, bridge, onBridge, warn) : ofBridge;
  const plan = early ?? planGateways(host, router, gateways, forceAddress);
  const routes = gateways.length > 0;
  const guards = portFlags(config);
  const isGuarded = guards !== undefined || portVlans(config) !== undefined;
  const flags = missingFlags(bridge, config);
  const isDown = inVlan && !router.flags.includes('up');
  if (changes(plan) || flags.length > 0 || isDown) onBridge.look();
  enableForwarding(t, host, index, gateways);
  const { replies, errno } = change(
    t,
    'port and gateway',
    host,
    {
      port: [
        setLink(index, { master: bridge.index, flags: isGuarded ? undefined : ['up'] }),
        `failed to connect "${name}" to bridge ${config.bridge}`,
      ],
      guards: guards && [
        setLink(index, { kind: 'veth', slaveKind: 'bridge', slaveData: guards }),
        `failed to set hairpin mode, isolation or lock for ${name}`,
      ],
      ...vlanMessages(index, name, config, bridge.defaultVlan),
      // After the VLANs: the entry is made in each of them.
      sender: macspoofchk
        ? [
            addSender(index, pair.container.mac),
            `failed to setup spoof-check: the container's MAC address for ${name}`,
          ]
        : undefined,
      locked: macspoofchk ? [getLink(index), `failed to lookup "${name}"`] : undefined,
      ...(routes ? macMessages(router) : {}),
      bridge:
        flags.length > 0
          ? [setLink(bridge.index, { flags }), `failed to set "${config.bridge}" up`]
          : undefined,
      router: isDown
        ? [
            setLink(router.index, { flags: ['up'] }),
            `failed to create vlan interface: could not set "${router.name}" up`,
          ]
        : undefined,
      ...gatewayMessages(router, plan),
      // Without a gateway its MAC address may follow its ports, and there is one more port now.
      found:
        bridge.created || (routes && !inVlan)
          ? undefined
          : [getLink(bridge.index), `could not lookup "${config.bridge}"`],
    },
    (made) => {
      if (onBridge.haveCome()) return;
      undoGateways(host, router, plan, made.errno);
      if (isDown && made.errno.router === undefined) takeFlags(host, router, ['up']);
      if (made.errno.bridge === undefined) takeFlags(host, bridge, flags);
    },
  );
  if (macspoofchk) requireLock(replies.locked!);
  requireGateways(host, router, plan, errno);
  if (routes) settleMac(host, router, replies);
  if (isGuarded) {
    const up = setLink(index, { flags: ['up'] });
    change(t, 'port', host, { up: [up, `failed to set "${name}" up`] });
  }
  return {
    bridgeMac:
      replies.found?.attrs.address ?? (routes && !inVlan ? lastingMac(router) : bridge.mac),
    router,
    onBridge,
    ...(inVlan ? { vlanInterface: { name: router.name, mac: router.mac } } : {}),
  };
}

/** Sets gateway addresses that were not yet known when the port was connected. */
function addGateways(
  { t, host, config }: Attaching,
  { pair }: Links,
  onHost: OnHost,
  gateways: readonly string[],
): OnHost {
  if (gateways.length === 0) return onHost;
  const { router, onBridge, vlanInterface } = onHost;
  const plan = planGateways(host, router, gateways, config.forceAddress);
  if (changes(plan)) onBridge.look();
  enableForwarding(t, host, pair.host.index, gateways);
  const { replies, errno } = change(
    t,
    'gateway',
    host,
    { ...macMessages(router), ...gatewayMessages(router, plan) },
    (made) => {
      if (!onBridge.haveCome()) undoGateways(host, router, plan, made.errno);
    },
  );
  requireGateways(host, router, plan, errno);
  settleMac(host, router, replies);
  return vlanInterface === undefined ? { ...onHost, bridgeMac: lastingMac(router) } : onHost;
}

/** Nothing here has an undo step of its own: it goes with the link. */
function configure(a: Attaching, { pair }: Links, wanted: Addressing, isManaged: boolean): void {
  const { t, host, container, config, attachment } = a;
  const { enabledad } = config;
  const { ifname } = attachment;
  const { index } = pair.container;
  subscribe(t, 'notifications of links', host, RTNLGRP_LINK);
  if (isManaged) t.step('settings', () => applySettings(a, wanted, enabledad));
  addSettled(container, { ifname, index }, wanted, enabledad, () =>
    change(t, 'addresses and routes', container, {
      ...addressMessages({ ifname, index }, wanted, enabledad),
      up: [setLink(index, { flags: ['up'] }), `failed to set "${ifname}" UP`],
      ...routeMessages({ ifname, index }, wanted),
    }),
  );
}

/**
 * Kernel settings of the container's interface, made before it comes up. IPv6 is on when an IPv6
 * address was assigned, off when nothing needs it, and never accepts router advertisements: a
 * neighbour must not be able to give the container addresses and routes (CVE-2020-10749 was the
 * same on the host's side). If only a route needs IPv6, it stays at the default for new interfaces.
 */
function applySettings(
  { t, container, attachment: { ifname } }: Attaching,
  wanted: Pick<Addressing, 'ips' | 'routes'>,
  detectDuplicates: boolean,
): void {
  const inet6 = `net/ipv6/conf/${ifname}`;
  container.within(() => {
    tryWriteSysctl(`${inet6}/accept_ra`, '0');
    const need = inet6Need(wanted);
    if (need === 'address') {
      enableInet6(t, container, ifname);
      tryWriteSysctl(`${inet6}/accept_dad`, detectDuplicates ? '1' : '0');
      if (detectDuplicates) tryWriteSysctl(`${inet6}/enhanced_dad`, '1');
      tryWriteSysctl(`${inet6}/ndisc_notify`, '1');
    } else if (need === undefined && wanted.ips.length > 0) {
      tryWriteSysctl(`${inet6}/disable_ipv6`, '1');
    }
    // Neighbours learn at once that the address has moved here.
    tryWriteSysctl(`net/ipv4/conf/${ifname}/arp_notify`, '1');
  });
}
