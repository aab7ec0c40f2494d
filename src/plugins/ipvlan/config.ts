/**
 * Configuration of the ipvlan plugin: keys, defaults, and the names of the modes.
 *
 * The keys and their meaning are the reference's; docs/compatibility.md lists our additions. Modes
 * and flags are named as in `ip link add … type ipvlan`, ip-link(8).
 */
import { commonProperties, decodeConfig } from '../../cni/config.ts';
import { CniError, INVALID_NETWORK_CONFIG } from '../../cni/errors.ts';
import { boolean, integer, object, string, type Static } from '../../cni/schema.ts';
import type { Invocation } from '../../cni/skel.ts';
import { requireMtu } from '../attach/mtu.ts';
import type { ipvlanFlags, ipvlanMode } from '../../rtnl/link/kinds/ipvlan.ts';

export type IpvlanMode = keyof typeof ipvlanMode.numbers;
export const MODES: readonly IpvlanMode[] = ['l2', 'l3', 'l3s'];

/** The kernel has one bit for each of two flags; `bridge` means that neither is set. */
export type IpvlanFlag = 'bridge' | keyof typeof ipvlanFlags.bits;
export const FLAGS: readonly IpvlanFlag[] = ['bridge', 'private', 'vepa'];

/** The keys, also for the pages that list them. */
export const ipvlanSchema = () =>
  object({
    ...commonProperties,
    /** The link that the containers share; by default that of the default route. */
    master: string({ default: '' }),
    /** `l2`, `l3` or `l3s`: where packets are switched. The same for all containers of a master. */
    mode: string({ default: '' }),
    /**
     * `bridge`, `private` or `vepa`: which other containers a container may talk to. The same for
     * all containers of a master.
     */
    flag: string({ default: '' }),
    /** Bytes; 0 means the master's. */
    mtu: integer({ default: 0 }),
    /** The master is in the container's namespace instead of the host's. */
    linkInContainer: boolean({ default: false }),
  });

export type IpvlanConfig = Omit<
  Static<ReturnType<typeof ipvlanSchema>>,
  'mode' | 'flag' | 'mtu' | 'args' | 'runtimeConfig'
> & {
  readonly mode: IpvlanMode;
  readonly flag: IpvlanFlag;
  /** Undefined means the master's. */
  readonly mtu: number | undefined;
};

/** Reads the configuration of one call. Nothing has been changed when it throws. */
export function ipvlanConfig({ config, warn }: Invocation): IpvlanConfig {
  const { mode, flag, mtu, ...rest } = decodeConfig(ipvlanSchema(), config.document, warn);
  requireMtu(mtu);
  return {
    ...rest,
    mode: oneOf(MODES, mode || 'l2', 'mode'),
    flag: oneOf(FLAGS, flag || 'bridge', 'flag'),
    mtu: mtu > 0 ? mtu : undefined,
  };
}

/** The kernel's flags for it. */
export const flagsOf = (flag: IpvlanFlag): Exclude<IpvlanFlag, 'bridge'>[] =>
  flag === 'bridge' ? [] : [flag];

/** Routing is up to the master's network. */
export const NO_GATEWAY = { isGateway: false, isDefaultGateway: false };

function oneOf<T extends string>(words: readonly T[], given: string, key: string): T {
  for (const word of words) if (word === given) return word;
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    `unknown ipvlan ${key}: ${JSON.stringify(given)}`,
    `${key} is one of ${words.join(', ')}`,
  );
}
