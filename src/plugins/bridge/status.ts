/**
 * STATUS: can an ADD succeed? CNI SPEC 1.1.0, section 2 "STATUS".
 *
 * A runtime that gets an error starts no more containers on the node, so ADD, which would repair
 * much, is not called either. Therefore only what makes every ADD fail until an administrator acts
 * is an error, with code 50. What the next ADD repairs is reported on stderr.
 */
import { addressing, conflicts } from '../attach/addressing.ts';
import { attachmentOf } from '../attach/attachment.ts';
import { change, send } from '../attach/send.ts';
import { closeAll, hostSide, type Side } from '../attach/side.ts';
import { declaredProtocol } from '../attach/declared.ts';
import { upkeepOf, UNKNOWN, type Candidates, type Prospect } from '../attach/ipam-upkeep.ts';
import { mayWriteSysctl, tryReadSysctl } from '../attach/sysctl.ts';
import { requireAccepted, type Trial } from '../attach/trial.ts';
import * as wire from '../wire/rtnl.ts';
import { familyOf } from '../../ip.ts';
import { listAddrs, addrObject } from '../../rtnl/addr/verbs.ts';
import type { Link } from '../../rtnl/link/message.ts';
import { getLink, listLinks } from '../../rtnl/link/verbs.ts';
import { CniError, PLUGIN_NOT_AVAILABLE } from '../../cni/errors.ts';
import type { Invocation } from '../../cni/skel.ts';
import {
  bridgeConfig,
  masquerades,
  requireConsistent,
  vlanGatewayName,
  type BridgeConfig,
} from './config.ts';
import { openWholeMasquerade } from '../masquerade/nftables.ts';
import { bridgeOf } from './bridge-link.ts';
import { FORWARDING, gatewayMessages, IN_VLAN, ON_BRIDGE } from './gateway.ts';
import { portFlags, requireLock, vlanMessages } from './port.ts';
import { withoutFiltering } from './vlan.ts';

export function status(invocation: Invocation): void {
  const { warn } = invocation;
  const config = bridgeConfig(invocation);
  requireConsistent(config);
  const { type } = config.ipam;
  const prospect = type === '' ? UNKNOWN : upkeepOf(type, invocation).status();
  const { candidates } = prospect;
  const masquerade = masquerades(config) ? openWholeMasquerade(config.ipMasqBackend) : undefined;
  const host = hostSide(declaredProtocol);
  try {
    const bridge = findBridge(host, config);
    if (bridge !== undefined) {
      warnOfBridge(host, bridge, config, warn);
      const backend = masquerade?.backend;
      if (backend?.knows(config.name) === false && hasOwnPorts(host, bridge, config)) {
        warn(`the ${backend.name} rules of network "${config.name}" are gone, ADD restores them`);
      }
    }
    if (config.isGateway) requireRouter(host, config, bridge, candidates, warn);
    requireAccepted(trialOf(config, prospect));
  } finally {
    closeAll(host);
    masquerade?.close();
  }
}

/** Undefined when the first ADD will make it. */
function findBridge(host: Side, { bridge }: BridgeConfig): Link | undefined {
  const link = send(host, { link: getLink(bridge) }).replies.link as Link | undefined;
  const kind = link?.attrs.linkinfo?.kind ?? link?.type;
  if (link === undefined || kind === 'bridge') return link;
  throw unavailable(`"${bridge}" already exists but is not a bridge`, `it is of kind ${kind}`);
}

function warnOfBridge(
  host: Side,
  link: Link,
  config: BridgeConfig,
  warn: Invocation['warn'],
): void {
  const info = link.attrs.linkinfo;
  if (config.vlanFiltering && info?.kind === 'bridge' && !info.data?.vlanFiltering) {
    warn(withoutFiltering(config.bridge));
  }
  if (!link.flags.includes('up') && host.rt.list(listLinks({ master: link.index })).length > 0) {
    warn(`bridge "${config.bridge}" is down, ADD brings it up`);
  }
}

const hasOwnPorts = (host: Side, { index }: Link, { name }: BridgeConfig): boolean =>
  host.rt
    .list(listLinks({ master: index }))
    .some(({ attrs: { ifalias = '' } }) => attachmentOf(ifalias)?.network === name);

const BRIDGE = 'bridge0';
const PORT = 'port0';

/** The bridge, the pair and the port as ADD makes them. */
function trialOf(config: BridgeConfig, prospect: Prospect): Trial {
  const mtu = config.mtu > 0 ? config.mtu : undefined;
  return {
    prospect,
    options: config,
    mtu,
    make(t, side, ifname) {
      const failure = `failed to create bridge "${config.bridge}"`;
      const data = config.vlanFiltering ? { vlanFiltering: true } : undefined;
      const peer = { ifname, mtu };
      const { replies } = change(t, 'bridge and pair', side, {
        // The configured name may be taken here.
        bridge: [wire.addLink({ ifname: BRIDGE, mtu, kind: 'bridge', data }), failure],
        up: [wire.setLink(BRIDGE, { flags: ['up'] }), failure],
        found: [wire.getLink(BRIDGE), failure],
        pair: [
          wire.addLink({ ifname: PORT, mtu, kind: 'veth', data: { peer } }),
          'failed to make veth pair',
        ],
        port: [wire.getLink(PORT), `failed to lookup "${PORT}"`],
      });
      const { index, defaultVlan } = bridgeOf(replies.found!, config, true);
      const port = replies.port!.index;
      const guards = portFlags(config);
      const { replies: guarded } = change(t, 'port', side, {
        port: [
          wire.setLink(port, { master: index }),
          `failed to connect "${PORT}" to bridge ${config.bridge}`,
        ],
        guards: guards && [
          wire.setLink(port, { kind: 'veth', slaveKind: 'bridge', slaveData: guards }),
          `failed to set hairpin mode, isolation or lock for ${PORT}`,
        ],
        ...vlanMessages(port, PORT, config, defaultVlan),
        up: [wire.setLink(port, { flags: ['up'] }), `failed to set "${PORT}" up`],
        locked: [wire.getLink(port), `failed to lookup "${PORT}"`],
      });
      if (config.macspoofchk) requireLock(guarded.locked!);
    },
    route(t, side, gateways) {
      const [name, failure] =
        config.vlan === 0 ? [config.bridge, ON_BRIDGE] : [vlanGatewayName(config), IN_VLAN];
      const { index } = send(side, { bridge: wire.getLink(BRIDGE) }).replies.bridge!;
      const plan = { missing: gateways, inTheWay: [], present: [] };
      change(t, 'gateway', side, gatewayMessages({ name, index, failure }, plan));
    },
  };
}

/** The host as router: do the gateway addresses fit, and may the host forward? */
function requireRouter(
  host: Side,
  config: BridgeConfig,
  bridge: Link | undefined,
  candidates: readonly Candidates[],
  warn: Invocation['warn'],
): void {
  const inVlan = config.vlan !== 0;
  const name = inVlan ? vlanGatewayName(config) : config.bridge;
  const router = inVlan
    ? (send(host, { link: getLink(name) }).replies.link as Link | undefined)
    : bridge;
  const present =
    router === undefined
      ? []
      : host.rt
          .list(listAddrs({ index: router.index }))
          .map(({ ...each }) => addrObject(each).local);
  const settled: string[] = [];
  for (const each of candidates) {
    const gateways = new Set(each.flatMap((ip) => addressing({ ips: [ip] }, config).gateways));
    if (gateways.size === 0) continue;
    if (!config.forceAddress) {
      const reasons = [...gateways].map((local) => obstacle(local, present, settled));
      if (!reasons.includes(undefined)) {
        const [local] = gateways;
        throw unavailable(
          `"${name}" already has an IP address different from ${local}`,
          reasons[0]!,
        );
      }
    }
    if (gateways.size === 1) settled.push(...gateways);
    // All ranges of a set are of one family.
    const [local] = gateways;
    requireForwarding(familyOf(local!), router?.attrs.ifname, warn);
  }
}

/** Why a gateway address cannot be set; undefined when it can. */
function obstacle(
  local: string,
  present: readonly string[],
  settled: readonly string[],
): string | undefined {
  // As in ADD: an address after the gateway was added by somebody else.
  for (const each of present) {
    if (each === local) break;
    if (conflicts(each, local)) return `it has ${each}; forceAddress replaces it`;
  }
  const before = settled.find((each) => each !== local && conflicts(each, local));
  if (before === undefined) return undefined;
  return `${before} is a gateway of the same network; forceAddress keeps the last`;
}

/** Without a router the default settings for new interfaces will apply. */
function requireForwarding(
  family: keyof typeof FORWARDING,
  router: string | undefined,
  warn: Invocation['warn'],
): void {
  const name = FORWARDING[family];
  const now = tryReadSysctl(name);
  if (now === undefined) throw unavailable('the kernel has no IPv6', `${name} is missing`);
  if (now === '0') {
    if (!mayWriteSysctl(name)) {
      throw unavailable(`the host does not forward: ${name} is ${now}`, 'it cannot be written');
    }
    warn(`the host does not forward: ${name} is ${now}, ADD sets it`);
  }
  if (family === 'inet') return;
  const disabled = `net/ipv6/conf/${router ?? 'default'}/disable_ipv6`;
  if (tryReadSysctl(disabled) !== '1') return;
  throw unavailable(`IPv6 is off for the gateway: ${disabled} is 1`, 'no address can be set');
}

const unavailable = (msg: string, details: string): CniError =>
  new CniError(PLUGIN_NOT_AVAILABLE, msg, details);
