/** What STATUS and GC need of the IPAM that a plugin's configuration asks for. */
import { formatAddress } from '../../ip.ts';
import { describeGc } from '../../ipam/garbage.ts';
import { hostLocal, type HostLocal } from '../../ipam/host-local.ts';
import { hostLocalConfig } from '../../ipam/policy/config.ts';
import { IpamError } from '../../ipam/policy/errors.ts';
import type { RangeSet } from '../../ipam/policy/range-set.ts';
import type { Attachment } from '../../cni/config.ts';
import { member } from '../../cni/decode.ts';
import { delegate, findPlugin } from '../../cni/delegate.ts';
import {
  CniError,
  INVALID_ENVIRONMENT_VARIABLES,
  PLUGIN_NOT_AVAILABLE,
  toCniError,
} from '../../cni/errors.ts';
import { ipamNetwork } from '../../cni/ipam-config.ts';
import { isObject } from '../../cni/json-text.ts';
import type { IpConfig, Route } from '../../cni/result.ts';
import type { Invocation } from '../../cni/skel.ts';
import { namedType } from './cleanup.ts';
import { configuredStatic, ipamOptions } from './ipam.ts';
import { processStart } from './process-start.ts';

export interface IpamUpkeep {
  /** Throws when every ADD fails until an administrator acts. Returns what ADD may get. */
  status(): Prospect;
  /**
   * Frees what belongs to attachments that are not in `kept`, which is undefined when the runtime
   * has no list.
   */
  gc(kept: readonly Attachment[] | undefined): void;
}

/** What ADD will get, as far as it is known in advance: what another program will answer is not. */
export interface Prospect {
  /** For each address the addresses that it may be: one for each range, with its gateway. */
  readonly candidates: readonly Candidates[];
  readonly routes: readonly Route[];
}

/** Possible entries of a result; ADD gets one like them. */
export type Candidates = readonly IpConfig[];

export const UNKNOWN: Prospect = { candidates: [], routes: [] };

/** `type` is `ipam.type`; not empty. */
export function upkeepOf(type: string, invocation: Invocation): IpamUpkeep {
  switch (type) {
    case 'host-local':
      return {
        status: () => hostLocalStatus(invocation, hostLocalOf(invocation)),
        // Without a list the calling plugin has already reported that, and continues.
        gc: (kept) => {
          if (kept !== undefined) hostLocalGc(invocation, hostLocalOf(invocation), kept);
        },
      };
    case 'static':
      return {
        status: () => staticStatus(invocation),
        gc: () => {},
      };
    default:
      findPlugin(type, invocation.path);
      return {
        status: () => {
          delegateStatus(type, invocation);
          return UNKNOWN;
        },
        gc: () => delegate('GC', type, invocation),
      };
  }
}

/** Like `namedIpam`, for GC. */
export function namedUpkeep(invocation: Invocation): IpamUpkeep | undefined {
  const type = namedType(invocation);
  return type === undefined ? undefined : upkeepOf(type, invocation);
}

export const hostLocalOf = ({ config, warn }: Invocation): HostLocal =>
  hostLocal(ipamNetwork(config, {}), ipamOptions(warn));

/** Throws when no ADD can get its addresses, and only warns when the ranges are full. */
export function hostLocalStatus(invocation: Invocation, ipam: HostLocal): Prospect {
  try {
    const candidates = ipam.status().map((set) => set.flatMap(ipOfRange));
    const { routes } = hostLocalConfig(ipamNetwork(invocation.config, {}));
    return { candidates, routes };
  } catch (error) {
    if (!(error instanceof IpamError)) throw error;
    if (error.path === 'ipam.ranges' && hasCapability(invocation, 'ipRanges')) return UNKNOWN;
    if (error.code === 'config') throw error;
    throw new CniError(PLUGIN_NOT_AVAILABLE, error.message, error.details, error);
  }
}

/** The first address that the range can give. */
function ipOfRange({ subnet, gateway, family, free }: RangeSet[number]): IpConfig[] {
  const [first] = free;
  if (first === undefined) return [];
  const address = `${formatAddress({ family, value: first.from })}/${subnet.length}`;
  return [{ address, ...(gateway === undefined ? {} : { gateway: formatAddress(gateway) }) }];
}

function staticStatus(invocation: Invocation): Prospect {
  const { ips, routes = [] } = configuredStatic(invocation).add();
  if (hasCapability(invocation, 'ips')) return UNKNOWN;
  return { candidates: ips.map((each) => [each]), routes };
}

/** What ADD gets as a capability is not known to STATUS. */
function hasCapability({ config }: Invocation, name: string): boolean {
  const capabilities = member(config.document, 'capabilities') ?? null;
  return isObject(capabilities) && member(capabilities, name) === true;
}

/**
 * Frees the leases of attachments that are not in `kept`, and reports on stderr what it freed; a
 * missing list is an error.
 */
export function hostLocalGc(
  { warn }: Invocation,
  ipam: HostLocal,
  kept: readonly Attachment[] | undefined,
): void {
  const listed = kept?.map(({ containerId, ifname }) => ({ containerID: containerId, ifname }));
  const said = describeGc(ipam.gc(listed, processStart()));
  if (said !== undefined) warn(said);
}

/**
 * A plugin that is older than STATUS, or does not implement it, refuses the command: that says
 * nothing about its ADD.
 */
function delegateStatus(type: string, invocation: Invocation): void {
  try {
    delegate('STATUS', type, invocation);
  } catch (error) {
    const { code, message } = toCniError(error);
    if (code !== INVALID_ENVIRONMENT_VARIABLES) throw error;
    invocation.warn(`${type} does not answer STATUS: ${message}`);
  }
}
