/**
 * Configuration of the bridge plugin: keys, defaults, and conflicts between keys.
 *
 * The keys and their meaning are the reference's; docs/compatibility.md lists our additions.
 */
import { byteLength, namesInterface } from '../../ipam/policy/names.ts';
import { parseArgs } from '../../cni/args.ts';
import { commonProperties, decodeConfig, type NetworkConfig } from '../../cni/config.ts';
import { member } from '../../cni/decode.ts';
import { CniError, INVALID_NETWORK_CONFIG } from '../../cni/errors.ts';
import type { JsonNode } from '../../cni/json-text.ts';
import {
  boolean,
  integer,
  list,
  object,
  OPEN,
  optional,
  string,
  type Static,
} from '../../cni/schema.ts';
import type { Invocation } from '../../cni/skel.ts';
import { requireMtu } from '../attach/mtu.ts';
import { requireVlan, trunkVlans } from './vlan.ts';

const macHolder = optional(object({ mac: string({ default: '' }) }, OPEN));
const vlanRange = object({
  minID: optional(integer()),
  maxID: optional(integer()),
  id: optional(integer()),
});

const DEFAULT_BRIDGE = 'cni0';

/** The keys, for the pages that list them. */
export const bridgeSchema = object({
  ...commonProperties,
  /** Name of the bridge; it is created if it does not exist. */
  bridge: string({ default: DEFAULT_BRIDGE }),
  /** The bridge gets the gateway addresses, and the host forwards. */
  isGateway: boolean({ default: false }),
  /** The container gets default routes over the bridge; implies `isGateway`. */
  isDefaultGateway: boolean({ default: false }),
  /** Another address on the bridge is replaced instead of causing an error. */
  forceAddress: boolean({ default: false }),
  /** Packets that leave the subnet get the host's address. */
  ipMasq: boolean({ default: false }),
  /** `nftables` or `iptables`; by default nftables where the kernel has it. */
  ipMasqBackend: optional(string()),
  /** DEL and GC delete the tracked connections of the container's addresses. */
  flushConntrack: boolean({ default: false }),
  /** Bytes; 0 lets the kernel choose. */
  mtu: integer({ default: 0, maximum: 65535 }),
  /** Packets may leave through the port that they came in by. */
  hairpinMode: boolean({ default: false }),
  /** The bridge receives all packets; not together with `hairpinMode`. */
  promiscMode: boolean({ default: false }),
  /** VLAN of the container's untagged packets; 0 for none. */
  vlan: integer({ default: 0 }),
  /** Further VLANs, tagged. */
  vlanTrunk: optional(list(vlanRange)),
  /** The port stays in the default VLAN of the bridge. */
  preserveDefaultVlan: boolean({ default: false }),
  /** Packets with another source MAC address than the container's are dropped. */
  macspoofchk: boolean({ default: false }),
  /** The container's end stays down; only without IPAM. */
  disableContainerInterface: boolean({ default: false }),
  /** The container reaches no other isolated port of the bridge. */
  portIsolation: boolean({ default: false }),
  /** Duplicate address detection on the container's interface. */
  enabledad: boolean({ default: false }),
  args: optional(object({ cni: macHolder }, OPEN)),
  runtimeConfig: macHolder,
});

export type BridgeConfig = Omit<
  Static<typeof bridgeSchema>,
  'args' | 'runtimeConfig' | 'vlanTrunk'
> & {
  /** The MAC address for the container's end, in lower case with colons. */
  readonly mac: string | undefined;
  /** The tagged VLANs, ascending. */
  readonly trunk: readonly number[];
  /** A new bridge filters VLANs. */
  readonly vlanFiltering: boolean;
};

/** Whether containers are masqueraded: without IPAM their addresses are not known. */
export const masquerades = ({ ipMasq, ipam }: BridgeConfig): boolean => ipMasq && ipam.type !== '';

/** Reads the configuration of one call. Nothing has been changed when it throws. */
export function bridgeConfig({ config, args, warn }: Invocation): BridgeConfig {
  const {
    args: inConfig,
    runtimeConfig,
    vlanTrunk,
    ...decoded
  } = decodeConfig(bridgeSchema, config.document, warn);
  requireVlan(decoded.vlan);
  const trunk = vlanTrunk === undefined ? [] : trunkVlans(vlanTrunk);
  const inEnvironment = parseArgs(args, { MAC: String });
  const mac = runtimeConfig?.mac || inConfig?.cni?.mac || inEnvironment.MAC || undefined;
  requireInterfaceName(decoded.bridge);
  return {
    ...decoded,
    // Without IPAM nobody has an address, so there is none for a gateway either.
    isGateway: (decoded.isGateway || decoded.isDefaultGateway) && decoded.ipam.type !== '',
    mac: mac === undefined ? undefined : parseMac(mac),
    trunk,
    vlanFiltering: decoded.vlan !== 0 || vlanTrunk !== undefined,
  };
}

/**
 * What DEL has to know. It uses whatever part of the configuration is valid, because nothing else
 * will clean up.
 */
export interface DetachConfig {
  readonly name: string;
  readonly bridge: string;
  readonly flushConntrack: boolean;
}

export function detachConfig({ config }: Invocation): DetachConfig {
  const { document, name } = config;
  return {
    name,
    bridge: textOr(member(document, 'bridge'), DEFAULT_BRIDGE),
    flushConntrack: member(document, 'flushConntrack') === true,
  };
}

/** The VLAN in which GC looks for an interface of the host; 0 for none. */
export function gatewayVlan({ document }: NetworkConfig): number {
  const vlan = member(document, 'vlan') ?? null;
  return typeof vlan === 'object' && vlan !== null && 'number' in vlan ? Number(vlan.number) : 0;
}

const textOr = (node: JsonNode | undefined, fallback: string): string =>
  typeof node === 'string' ? node : fallback;

/** Refuses keys that contradict each other. */
export function requireConsistent(config: BridgeConfig): void {
  const managed = config.ipam.type !== '';
  if (managed && config.disableContainerInterface) {
    throw invalid('cannot use IPAM when DisableContainerInterface flag is set');
  }
  if (config.hairpinMode && config.promiscMode) {
    throw invalid('cannot set hairpin mode and promiscuous mode at the same time');
  }
  requireMtu(config.mtu);
  const backend = config.ipMasqBackend;
  if (managed && config.ipMasq && !BACKENDS.includes(backend)) {
    throw invalid(
      `unknown ipmasq backend ${JSON.stringify(backend)}`,
      'ipMasqBackend is "nftables" or "iptables"',
    );
  }
  if (config.isGateway && config.vlan !== 0) requireInterfaceName(vlanGatewayName(config));
}

const BACKENDS: readonly (string | undefined)[] = [undefined, 'nftables', 'iptables'];

/** The interface that has the gateway addresses of a VLAN. */
export const vlanGatewayName = ({ bridge, vlan }: { bridge: string; vlan: number }): string =>
  `${bridge}.${vlan}`;

/**
 * A MAC address in one of the spellings that the reference accepts: pairs with `:` or `-`, groups
 * of four digits with `.`, or digits alone.
 */
function parseMac(text: string): string {
  const digits =
    /^[0-9a-f]{2}(([:-])[0-9a-f]{2}(\2[0-9a-f]{2}){4})$|^([0-9a-f]{4}\.){2}[0-9a-f]{4}$|^[0-9a-f]{12}$/i;
  if (!digits.test(text)) {
    throw invalid(
      `failed to make veth pair: address ${text}: invalid MAC address`,
      'six pairs of hexadecimal digits are expected',
    );
  }
  const mac = text
    .toLowerCase()
    .replaceAll(/[^0-9a-f]/g, '')
    .match(/../g)!
    .join(':');
  // is_valid_ether_addr() of the kernel, include/linux/etherdevice.h.
  if (parseInt(mac.slice(0, 2), 16) % 2 === 1 || mac === '00:00:00:00:00:00') {
    throw invalid(
      `failed to make veth pair: address ${text}: not the MAC address of an interface`,
      'it is a group address, or zero',
    );
  }
  return mac;
}

/** IFNAMSIZ and dev_valid_name() of the kernel, which also replaces `%` in a name by a number. */
function requireInterfaceName(name: string): void {
  if (name === '') {
    throw invalid(
      'failed to create bridge "": could not add "": LinkAttrs.Name cannot be empty',
      'bridge',
    );
  }
  if (byteLength(name) > 15 || !namesInterface(name) || name.includes('%')) {
    throw invalid(
      `bridge: ${JSON.stringify(name)} is not an interface name`,
      'at most 15 bytes without / : % and white space',
    );
  }
}

const invalid = (msg: string, details = ''): CniError =>
  new CniError(INVALID_NETWORK_CONFIG, msg, details);
