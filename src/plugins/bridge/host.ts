/**
 * The host's side of an attachment once the links exist: the port connected, the bridge up, the
 * gateway addresses set.
 */
import { refuse, send, type Outcome, type Requests, type Side } from '../attach/network.ts';
import { tryReadSysctl, tryWriteSysctl } from '../attach/sysctl.ts';
import type { Transaction } from '../attach/transaction.ts';
import type { Interface } from '../../cni/result.ts';
import { listAddrs, getLink, setLink, type Link } from '../wire/rtnl.ts';
import { lastingMac, macRequests, settleMac, type MacOutcome } from './bridge-mac.ts';
import { vlanGatewayName, type BridgeConfig } from './config.ts';
import {
  changes,
  enableForwarding,
  gatewayRequests,
  planGateways,
  restore,
  settleGateways,
  undoGateways,
  type Router,
} from './gateway.ts';
import type { Bridge, Links } from './links.ts';
import { others, type Others } from './others.ts';
import { bringPortUp, isGuarded, portRequests, refusePort, type PortOutcome } from './port.ts';
import { gatewayPortName, vlanGateway } from './vlan-gateway.ts';

/** What the rest of ADD has to know about the host. */
export interface HostEnd {
  readonly bridgeMac: string;
  readonly vlanInterface?: Interface;
  /** The interface that gets the gateway addresses. */
  readonly router: Router;
  readonly onBridge: Others;
}

/**
 * Connects the port, brings it and the bridge up, and sets the gateway addresses; all in one
 * datagram, except for guards and VLANs.
 */
export function connect(
  t: Transaction,
  host: Side,
  config: BridgeConfig,
  { bridge, pair }: Links,
  gateways: readonly string[],
  warn: (line: string) => void,
): HostEnd {
  const inVlan = config.isGateway && config.vlan !== 0;
  const gatewayPort = inVlan ? gatewayPortName(vlanGatewayName(config)) : undefined;
  const onBridge = others(host, pair.host.index, bridge, gatewayPort);
  const ofBridge: Router = { ...bridge, follows: !bridge.created };
  // Conflicts are reported before anything is changed.
  const early = inVlan ? undefined : planGateways(host, ofBridge, gateways, config.forceAddress);
  quietRouters(t, host, config, bridge, pair.host.name, onBridge);
  const router = inVlan ? vlanGateway(t, host, config, bridge, onBridge, warn) : ofBridge;
  const plan = early ?? planGateways(host, router, gateways, config.forceAddress);
  const routes = gateways.length > 0;
  const requests: Requests<string> = {
    ...portRequests(config, { bridge, pair }),
    ...(routes ? macRequests(router) : {}),
    bridge: bridgeFlags(bridge, config),
    ...gatewayRequests(router, plan),
    // Without a gateway its MAC address may follow its ports, and there is one more port now.
    found: bridge.created || (routes && !inVlan) ? undefined : getLink(bridge.index),
  };
  if (changes(plan) || requests['bridge'] !== undefined) onBridge.look();
  const sent = t.step(
    'port and gateway',
    () => send(host.rt, requests),
    (made) => {
      if (onBridge.haveCome()) return;
      undoGateways(host, router, plan, made);
      undoBridgeFlags(host, bridge, config, made);
    },
  );
  refusePort(sent as PortOutcome, config, pair.host.name);
  refuse(sent.failed['bridge'], `failed to set "${config.bridge}" up`);
  refuse(sent.failed['found'], `could not lookup "${config.bridge}"`);
  settleGateways(host, router, plan, sent);
  if (routes) settleMac(host, router, sent as MacOutcome);
  if (isGuarded(config)) t.step('port', () => bringPortUp(host, pair.host));
  enableForwarding(t, host, pair.host.index, gateways);
  const found = sent.replies['found'] as Link | undefined;
  return {
    bridgeMac: found?.attrs.address ?? (routes && !inVlan ? lastingMac(router) : bridge.mac),
    router,
    onBridge,
    ...(inVlan ? { vlanInterface: { name: router.name, mac: router.mac } } : {}),
  };
}

/** For gateways that were not yet known when the port was connected. */
export function addGateways(
  t: Transaction,
  host: Side,
  config: BridgeConfig,
  { pair }: Links,
  hostEnd: HostEnd,
  gateways: readonly string[],
): HostEnd {
  if (gateways.length === 0) return hostEnd;
  const { router, onBridge, vlanInterface } = hostEnd;
  const plan = planGateways(host, router, gateways, config.forceAddress);
  if (changes(plan)) onBridge.look();
  const sent = t.step(
    'gateway',
    () => send(host.rt, { ...macRequests(router), ...gatewayRequests(router, plan) }),
    (made) => {
      if (!onBridge.haveCome()) undoGateways(host, router, plan, made);
    },
  );
  settleGateways(host, router, plan, sent);
  settleMac(host, router, sent as MacOutcome);
  enableForwarding(t, host, pair.host.index, gateways);
  return vlanInterface === undefined ? { ...hostEnd, bridgeMac: lastingMac(router) } : hostEnd;
}

const bringsUp = ({ flags }: Bridge): boolean => !flags.includes('up');

const becomesPromiscuous = ({ flags }: Bridge, { promiscMode }: BridgeConfig): boolean =>
  promiscMode && !flags.includes('promisc');

function bridgeFlags(bridge: Bridge, config: BridgeConfig): ReturnType<typeof setLink> | undefined {
  const promiscuous = becomesPromiscuous(bridge, config);
  if (!bringsUp(bridge) && !promiscuous) return undefined;
  return setLink(bridge.index, { flags: promiscuous ? ['up', 'promisc'] : ['up'] });
}

/**
 * A bridge that we made is removed completely. Taking another one down removes its IPv6 addresses,
 * which are then restored.
 */
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
  const before = down ? host.rt.list(listAddrs({ index, family: 'inet6' })) : [];
  host.rt.request(setLink(index, { flags: [], change }));
  restore(
    host,
    before.filter(({ scope }) => scope !== 'link'),
  );
}

/**
 * Called before anything is up: router advertisements on this network are not for the host
 * (CVE-2020-10749). An existing bridge that gets no gateway may be the host's own uplink, and is
 * not changed.
 */
function quietRouters(
  t: Transaction,
  host: Side,
  config: BridgeConfig,
  bridge: Bridge,
  port: string,
  onBridge: Others,
): void {
  tryWriteSysctl(`net/ipv6/conf/${port}/accept_ra`, '0');
  const name = `net/ipv6/conf/${bridge.name}/accept_ra`;
  if (bridge.created) tryWriteSysctl(name, '0');
  if (bridge.created || !config.isGateway) return;
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
