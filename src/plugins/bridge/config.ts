/**
 * Configuration of the bridge plugin: keys, defaults, and what contradicts what.
 *
 * The keys and their meaning are the reference's; docs/compatibility.md lists what we add.
 */
import { parseArgs } from '../cni/args.ts';
import { commonProperties, decodeConfig } from '../cni/config.ts';
import { CniError, INVALID_NETWORK_CONFIG } from '../cni/errors.ts';
import { boolean, integer, object, OPEN, optional, string, type Static } from '../cni/schema.ts';
import type { Invocation } from '../cni/skel.ts';

const macHolder = optional(object({ mac: string({ default: '' }) }, OPEN));

const schema = object({
  ...commonProperties,
  /** Name of the bridge; it is made when it is not there. */
  bridge: string({ default: 'cni0' }),
  /** The bridge gets the gateway addresses, and the host forwards. */
  isGateway: boolean({ default: false }),
  /** The container gets default routes over the bridge; implies `isGateway`. */
  isDefaultGateway: boolean({ default: false }),
  /** Another address on the bridge is replaced instead of being an error. */
  forceAddress: boolean({ default: false }),
  /** Bytes; 0 leaves it to the kernel. */
  mtu: integer({ default: 0, maximum: 65535 }),
  hairpinMode: boolean({ default: false }),
  promiscMode: boolean({ default: false }),
  /** The container's end stays down; only without IPAM. */
  disableContainerInterface: boolean({ default: false }),
  portIsolation: boolean({ default: false }),
  /** Duplicate address detection on the container's interface. */
  enabledad: boolean({ default: false }),
  args: optional(object({ cni: macHolder }, OPEN)),
  runtimeConfig: macHolder,
});

export type BridgeConfig = Omit<Static<typeof schema>, 'args' | 'runtimeConfig'> & {
  /** MAC address that the container's end shall have. */
  readonly mac: string | undefined;
};

/** Reads the configuration of one call. Nothing has been changed when it throws. */
export function bridgeConfig({ config, args, warn }: Invocation): BridgeConfig {
  const { args: inConfig, runtimeConfig, ...decoded } = decodeConfig(schema, config.document, warn);
  const inEnvironment = parseArgs(args, { MAC: String });
  const mac = runtimeConfig?.mac || inConfig?.cni?.mac || inEnvironment.MAC || undefined;
  if (mac !== undefined) requireMac(mac);
  requireBridgeName(decoded.bridge);
  return {
    ...decoded,
    isGateway: decoded.isGateway || decoded.isDefaultGateway,
    mac: mac?.replaceAll('-', ':'),
  };
}

/** What only ADD refuses: DEL has to work with a configuration that ADD never accepted. */
export function requireConsistent(config: BridgeConfig): void {
  if (config.ipam.type !== '' && config.disableContainerInterface) {
    throw invalid('cannot use IPAM when DisableContainerInterface flag is set');
  }
  if (config.hairpinMode && config.promiscMode) {
    throw invalid('cannot set hairpin mode and promiscuous mode at the same time');
  }
}

function requireMac(mac: string): void {
  if (/^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$/.test(mac)) return;
  throw invalid(
    `failed to make veth pair: address ${mac}: invalid MAC address`,
    'six pairs of hexadecimal digits are expected',
  );
}

/** IFNAMSIZ and dev_valid_name() of the kernel. */
function requireBridgeName(name: string): void {
  if (name === '') {
    throw invalid(
      'failed to create bridge "": could not add "": LinkAttrs.Name cannot be empty',
      'bridge',
    );
  }
  if (
    new TextEncoder().encode(name).length > 15 ||
    name === '.' ||
    name === '..' ||
    /[/:\s\0]/.test(name)
  ) {
    throw invalid(
      `bridge: ${JSON.stringify(name)} is not an interface name`,
      'at most 15 bytes without / : and white space',
    );
  }
}

const invalid = (msg: string, details = ''): CniError =>
  new CniError(INVALID_NETWORK_CONFIG, msg, details);
