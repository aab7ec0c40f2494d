/**
 * Configuration of the ipvlan plugin: keys, defaults, and which words the modes have.
 *
 * The keys and their meaning are the reference's; docs/compatibility.md lists what we add. The
 * words of mode and flag are those of `ip link add … type ipvlan`, ip-link(8).
 */
import { commonProperties, decodeConfig } from '../../cni/config.ts';
import { CniError, INVALID_NETWORK_CONFIG } from '../../cni/errors.ts';
import { boolean, integer, object, string, type Static } from '../../cni/schema.ts';
import type { Invocation } from '../../cni/skel.ts';
import type { ipvlanFlags, ipvlanMode } from '../../rtnl/link/kinds/ipvlan.ts';

export type IpvlanMode = keyof typeof ipvlanMode.numbers;
export const MODES: readonly IpvlanMode[] = ['l2', 'l3', 'l3s'];

/** The kernel has a bit each for two of them, and `bridge` is neither. */
export type IpvlanFlag = 'bridge' | keyof typeof ipvlanFlags.bits;
export const FLAGS: readonly IpvlanFlag[] = ['bridge', 'private', 'vepa'];

const schema = () =>
  object({
    ...commonProperties,
    /** The link that the containers share; that of the default route when left out. */
    master: string({ default: '' }),
    /** `l2`, `l3` or `l3s`: where packets are switched. One for all containers of a master. */
    mode: string({ default: '' }),
    /**
     * `bridge`, `private` or `vepa`: whom of the other containers one may talk to. One for all of a
     * master.
     */
    flag: string({ default: '' }),
    /** Bytes; 0 takes the master's. */
    mtu: integer({ default: 0 }),
    /** The master is in the container's namespace instead of the host's. */
    linkInContainer: boolean({ default: false }),
  });

export type IpvlanConfig = Omit<
  Static<ReturnType<typeof schema>>,
  'mode' | 'flag' | 'mtu' | 'args' | 'runtimeConfig'
> & {
  readonly mode: IpvlanMode;
  readonly flag: IpvlanFlag;
  /** Undefined: the master's. */
  readonly mtu: number | undefined;
};

/** Reads the configuration of one call. Nothing has been changed when it throws. */
export function ipvlanConfig({ config, warn }: Invocation): IpvlanConfig {
  const { mode, flag, mtu, ...rest } = decodeConfig(schema(), config.document, warn);
  return {
    ...rest,
    mode: oneOf(MODES, mode || 'l2', 'mode'),
    flag: oneOf(FLAGS, flag || 'bridge', 'flag'),
    mtu: mtu > 0 ? mtu : undefined,
  };
}

function oneOf<T extends string>(words: readonly T[], given: string, key: string): T {
  for (const word of words) if (word === given) return word;
  throw new CniError(
    INVALID_NETWORK_CONFIG,
    `unknown ipvlan ${key}: ${JSON.stringify(given)}`,
    `${key} is one of ${words.join(', ')}`,
  );
}
