/**
 * The address management that a plugin's configuration asks for: `host-local` and `static` inside
 * this process, any other type by executing it as the specification says (CNI SPEC 1.1.0, section
 * 4).
 */
import { formatAddress, formatPrefix } from '../../ip.ts';
import { IpamError } from '../../ipam/policy/errors.ts';
import { describeGc } from '../../ipam/garbage.ts';
import { hostLocal, type HostLocal } from '../../ipam/host-local.ts';
import type { RangeSet } from '../../ipam/policy/range-set.ts';
import { staticIpam } from '../../ipam/static.ts';
import { parseArgs } from '../../cni/args.ts';
import type { Attachment } from '../../cni/config.ts';
import { member } from '../../cni/decode.ts';
import { delegate, delegateAdd, findPlugin, type DelegateOptions } from '../../cni/delegate.ts';
import {
  CniError,
  INTERNAL,
  INVALID_ENVIRONMENT_VARIABLES,
  PLUGIN_NOT_AVAILABLE,
  toCniError,
} from '../../cni/errors.ts';
import { checkIpamKeys, IPAM_ARGS, ipamNetwork } from '../../cni/ipam-config.ts';
import { isObject } from '../../cni/json-text.ts';
import type { IpConfig, Result } from '../../cni/result.ts';
import type { Invocation } from '../../cni/skel.ts';
import { processStart } from './process-start.ts';
import { throwIfSignalled } from './signals.ts';
import type { Transaction } from './transaction.ts';

/** What ADD got, and how to give it back. */
export interface Assigned {
  readonly result: Result;
  release(): void;
  /** Says that the attachment is complete. */
  commit(): void;
}

export interface Ipam {
  /**
   * ADD may send over the container's interface, as dhcp does: it has to be there and connected.
   */
  readonly needsLink: boolean;
  add(): Assigned;
  del(): void;
  /** Throws when what ADD got is not reserved any more. */
  check(previous: Result): void;
  /**
   * Throws when ADD fails until an administrator acts. For each address that ADD gets those that it
   * may be, as far as they are known: one of each range, with its gateway.
   */
  status(): readonly Candidates[];
  /**
   * Gives back what belongs to attachments that are not among `kept`, which is undefined when the
   * runtime lists none.
   */
  gc(kept: readonly Attachment[] | undefined): void;
}

/** Entries of a result, of which ADD gets one like it. */
export type Candidates = readonly IpConfig[];

/** `type` is `ipam.type`; not empty. */
export function ipamOf(type: string, invocation: Invocation, options: DelegateOptions = {}): Ipam {
  switch (type) {
    case 'host-local':
      return hostLocalIpam(invocation);
    case 'static':
      return staticOf(invocation);
    default:
      return executed(type, invocation, options);
  }
}

/** The step of ADD that gets addresses, and gives them back when a later one fails. */
export function assign(t: Transaction, ipam: Ipam): Assigned {
  const assigned = t.step(
    'addresses',
    () => ipam.add(),
    (each) => each.release(),
  );
  if ((assigned.result.ips ?? []).length > 0) return assigned;
  throw new CniError(INTERNAL, 'IPAM plugin returned missing IP config');
}

function hostLocalIpam(invocation: Invocation): Ipam {
  const { containerId, ifname } = invocation;
  const owner = { containerId, ifname };
  const ipam = (): HostLocal => hostLocalOf(invocation);
  return {
    needsLink: false,
    add: () => {
      checkIpamKeys('host-local', invocation.config, invocation.warn);
      return hostLocalOf(invocation, argsOf(invocation)).add(owner, { pending: true });
    },
    del: () => ipam().del(owner),
    check: () => ipam().check(owner),
    status: () => hostLocalStatus(invocation, ipam()),
    // Without a list the calling plugin has said so already, and goes on.
    gc: (kept) => {
      if (kept !== undefined) hostLocalGc(invocation, ipam(), kept);
    },
  };
}

/** Only ADD looks at CNI_ARGS: a mistake in there must not keep a lease from being given back. */
export function hostLocalOf(
  { config, warn }: Invocation,
  cniArgs: Readonly<Record<string, string | undefined>> = {},
): HostLocal {
  return hostLocal(ipamNetwork(config, cniArgs), {
    report: warn,
    whileWaiting: throwIfSignalled,
  });
}

/**
 * Throws when no ADD can get its addresses, and says so when only the ranges are full. One
 * candidate for each range.
 */
export function hostLocalStatus(invocation: Invocation, ipam: HostLocal): Candidates[] {
  try {
    return ipam.status().map((set) => set.map(ipOfRange));
  } catch (error) {
    if (!(error instanceof IpamError)) throw error;
    if (error.path === 'ipam.ranges' && hasCapability(invocation, 'ipRanges')) return [];
    if (error.code === 'config') throw error;
    throw new CniError(PLUGIN_NOT_AVAILABLE, error.message, error.details, error);
  }
}

const ipOfRange = ({ subnet, gateway }: RangeSet[number]): IpConfig => ({
  address: formatPrefix(subnet),
  ...(gateway === undefined ? {} : { gateway: formatAddress(gateway) }),
});

/** Ranges that come with each ADD as a capability are not there when STATUS is asked. */
function hasCapability({ config }: Invocation, name: string): boolean {
  const capabilities = member(config.document, 'capabilities') ?? null;
  return isObject(capabilities) && member(capabilities, name) === true;
}

/**
 * Frees the leases of attachments that are not among `kept`, and tells on stderr what it freed; a
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

function staticOf(invocation: Invocation): Ipam {
  const ipam = () => staticIpam(ipamNetwork(invocation.config, argsOf(invocation)));
  const nothing = (): void => {};
  return {
    needsLink: false,
    add: () => {
      checkIpamKeys('static', invocation.config, invocation.warn);
      return { result: ipam().add(), release: nothing, commit: nothing };
    },
    del: nothing,
    check: (previous) => ipam().check({ ips: [], ...previous }, invocation.ifname),
    status: () => (ipam().add().ips ?? []).map((each) => [each]),
    gc: nothing,
  };
}

function executed(type: string, invocation: Invocation, options: DelegateOptions): Ipam {
  // Throws here, before ADD has changed anything.
  findPlugin(type, invocation.path);
  const run = (command: 'DEL' | 'CHECK' | 'STATUS' | 'GC') => () =>
    delegate(command, type, invocation, options);
  const del = run('DEL');
  return {
    needsLink: true,
    add: () => ({ result: delegateAdd(type, invocation, options), release: del, commit: () => {} }),
    del,
    check: run('CHECK'),
    status: () => {
      delegateStatus(type, invocation, options);
      return [];
    },
    gc: run('GC'),
  };
}

/**
 * A plugin that is older than STATUS, or does not care for it, refuses the command: that says
 * nothing of its ADD.
 */
function delegateStatus(type: string, invocation: Invocation, options: DelegateOptions): void {
  try {
    delegate('STATUS', type, invocation, options);
  } catch (error) {
    const { code, message } = toCniError(error);
    if (code !== INVALID_ENVIRONMENT_VARIABLES) throw error;
    invocation.warn(`${type} does not answer STATUS: ${message}`);
  }
}

/**
 * The calling plugin has refused the keys of CNI_ARGS that nobody knows; its own are strangers
 * here.
 */
function argsOf({ args }: Invocation): Readonly<Record<string, string | undefined>> {
  return parseArgs(args === '' ? '' : `${args};IgnoreUnknown=1`, IPAM_ARGS);
}
