/** The host's side of an attachment once the links are there: the port connected, the bridge up, the gateway in place. */
import type { Attachment } from '../attachment.ts';
import { refuse, send, type Outcome, type Requests, type Side } from '../network.ts';
import { tryReadSysctl, tryWriteSysctl } from '../sysctl.ts';
import type { Transaction } from '../transaction.ts';
import type { Interface } from '../cni/result.ts';
import { addAddr, addrDump } from '../wire/addr.ts';
import { getLink, setLink, type WireLink } from '../wire/link.ts';
import type { BridgeConfig } from './config.ts';
import {
  enableForwarding,
  gatewayRequests,
  hasOthers,
  settleGateways,
  undoGateways,
  type Router,
} from './gateway.ts';
import type { Bridge, Links } from './links.ts';
import { portRequests, refusePort, type PortStep } from './port.ts';
import { vlanGateway } from './vlan-gateway.ts';

/** What the result says of the host. */
export interface HostEnd {
  /** May have changed: a bridge without an address of its own takes that of its first port. */
  readonly bridgeMac: string;
  readonly vlanInterface?: Interface;
  /** Where gateway addresses go. */
  readonly router: Router;
}

/** Connects the port, brings it and the bridge up, and puts the gateway addresses on; in one datagram but for VLANs. */
export function connect(
  t: Transaction,
  host: Side,
  config: BridgeConfig,
  attachment: Attachment,
  links: Links,
  gateways: readonly string[],
): HostEnd {
  const { bridge, pair } = links;
  quietRouters(t, host, config, bridge, pair.host.name);
  const inVlan = config.isGateway && config.vlan !== 0;
  const router: Router = inVlan
    ? vlanGateway(t, host, config, attachment, bridge)
    : { ...bridge, name: config.bridge };
  const requests: Requests<string> = {
    ...portRequests(config, links),
    bridge: bridgeFlags(bridge, config),
    ...gatewayRequests(router, gateways),
    found: getLink(bridge.index),
  };
  const sent = t.step(
    'port and gateway',
    () => send(host.rt, requests),
    (made) => {
      // What another attachment has come to rely on meanwhile stays.
      if (hasOthers(host, attachment, bridge.index)) return;
      undoGateways(host, router, gateways, made);
      undoBridgeFlags(host, bridge, config, made);
    },
  );
  refusePort(sent as Outcome<PortStep>, config, pair.host.name);
  refuse(sent.failed['bridge'], `failed to set "${config.bridge}" up`);
  refuse(sent.failed['found'], `could not lookup "${config.bridge}"`);
  const bridgeMac = bridge.created
    ? bridge.mac
    : ((sent.replies['found'] as WireLink).attrs.address ?? '');
  const settled = inVlan ? router : { ...router, mac: bridgeMac };
  settleGateways(t, host, config, settled, gateways, sent);
  enableForwarding(t, host, attachment, gateways);
  return {
    bridgeMac,
    router: settled,
    ...(inVlan ? { vlanInterface: { name: router.name, mac: router.mac } } : {}),
  };
}

/** For gateways that were not known yet when the port was connected. */
export function addGateways(
  t: Transaction,
  host: Side,
  config: BridgeConfig,
  attachment: Attachment,
  { bridge, router }: Pick<Links, 'bridge'> & Pick<HostEnd, 'router'>,
  gateways: readonly string[],
): void {
  const sent = t.step(
    'gateway',
    () => send(host.rt, gatewayRequests(router, gateways)),
    (made) => {
      if (!hasOthers(host, attachment, bridge.index)) undoGateways(host, router, gateways, made);
    },
  );
  settleGateways(t, host, config, router, gateways, sent);
  enableForwarding(t, host, attachment, gateways);
}

const bringsUp = ({ flags }: Bridge): boolean => !flags.includes('up');

const becomesPromiscuous = ({ flags }: Bridge, { promiscMode }: BridgeConfig): boolean =>
  promiscMode && !flags.includes('promisc');

function bridgeFlags(bridge: Bridge, config: BridgeConfig): ReturnType<typeof setLink> | undefined {
  const promiscuous = becomesPromiscuous(bridge, config);
  if (!bringsUp(bridge) && !promiscuous) return undefined;
  return setLink(bridge.index, { flags: promiscuous ? ['up', 'promisc'] : ['up'] });
}

/** A bridge that we made goes as a whole. Taking another one down costs it its IPv6 addresses, which it gets back. */
function undoBridgeFlags(
  host: Side,
  bridge: Bridge,
  config: BridgeConfig,
  { failed }: Outcome<string>,
): void {
  const promiscuous = becomesPromiscuous(bridge, config);
  const down = bringsUp(bridge);
  if (bridge.created || !(down || promiscuous) || failed['bridge'] !== undefined) return;
  const { index } = bridge;
  const change = [
    ...(down ? (['up'] as const) : []),
    ...(promiscuous ? (['promisc'] as const) : []),
  ];
  const before = down ? host.rt.list(addrDump(index, 'inet6')) : [];
  host.rt.request(setLink(index, { flags: [], change }));
  for (const { local, isLinkLocal, flags } of before) {
    if (isLinkLocal) continue;
    const kept = flags.filter((flag) => flag !== 'tentative' && flag !== 'permanent');
    send(host.rt, { address: addAddr({ index, local, flags: kept }) });
  }
}

/**
 * Before anything is up: what routers say on this network is not for the host (CVE-2020-10749). A bridge that was there and gets
 * no gateway may be the host's own way to the world, and stays as it is.
 */
function quietRouters(
  t: Transaction,
  host: Side,
  config: BridgeConfig,
  bridge: Bridge,
  port: string,
): void {
  tryWriteSysctl(`net/ipv6/conf/${port}/accept_ra`, '0');
  const name = `net/ipv6/conf/${config.bridge}/accept_ra`;
  if (bridge.created) tryWriteSysctl(name, '0');
  if (bridge.created || !config.isGateway) return;
  const before = tryReadSysctl(name) ?? '0';
  if (before === '0') return;
  t.step(
    name,
    () => tryWriteSysctl(name, '0'),
    () => host.within(() => tryWriteSysctl(name, before)),
  );
}
