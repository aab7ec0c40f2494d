/**
 * The IPAM that a plugin's configuration asks for: `host-local` and `static` inside this process,
 * any other type by running its executable as the specification says (CNI SPEC 1.1.0, section 4).
 * What STATUS and GC need is in `ipam-upkeep.ts`, which ADD and DEL do not load.
 */
import { ownerLeases, type IpamOptions, type OwnerLeases } from '../../ipam/owner-leases.ts';
import { staticIpam, type StaticIpam } from '../../ipam/static.ts';
import { parseArgs } from '../../cni/args.ts';
import { delegate, delegateAdd, findPlugin, type DelegateOptions } from '../../cni/delegate.ts';
import { CniError, INTERNAL } from '../../cni/errors.ts';
import { checkIpamKeys, IPAM_ARGS, ipamNetwork } from '../../cni/ipam-config.ts';
import type { Result } from '../../cni/result.ts';
import type { Invocation } from '../../cni/skel.ts';
import { aliasOf, type Attachment } from './attachment.ts';
import { noteEnd } from './ended.ts';
import { throwIfSignalled } from './signals.ts';
import type { Transaction } from './transaction.ts';

/** The addresses that ADD got, and how to free them. */
export interface Assigned {
  readonly result: Result;
  release(): void;
  /** Marks the attachment as complete. */
  commit(): void;
}

export interface Ipam {
  /**
   * ADD may send packets over the container's interface, as dhcp does, so the interface has to
   * exist and be connected.
   */
  readonly needsLink: boolean;
  /** Its leases tell when ADD ended. */
  readonly hasLeases: boolean;
  add(): Assigned;
  del(): void;
  /** Throws when the addresses of the previous result are no longer reserved. */
  check(previous: Result): void;
}

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

/** The last step of ADD before its answer: the attachment is complete. */
export function complete(
  t: Transaction,
  ipam: Ipam | undefined,
  assigned: Assigned | undefined,
  attachment: Attachment,
): void {
  if (assigned !== undefined) t.step('commit', assigned.commit);
  if (ipam?.hasLeases !== true) noteEnd(aliasOf(attachment));
}

/** The step of ADD that gets addresses, and frees them when a later step fails. */
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
  const leases = (): OwnerLeases => leasesOf(invocation);
  return {
    needsLink: false,
    hasLeases: true,
    add: () => {
      checkIpamKeys('host-local', invocation.config, invocation.warn);
      return leasesOf(invocation, argsOf(invocation)).add(owner, { pending: true });
    },
    del: () => leases().del(owner),
    check: () => leases().check(owner),
  };
}

/** Only ADD reads CNI_ARGS: a mistake in them must not keep a lease from being freed. */
export function leasesOf(
  { config, warn }: Invocation,
  cniArgs: Readonly<Record<string, string | undefined>> = {},
): OwnerLeases {
  return ownerLeases(ipamNetwork(config, cniArgs), ipamOptions(warn));
}

export const ipamOptions = (warn: Invocation['warn']): IpamOptions => ({
  report: warn,
  whileWaiting: throwIfSignalled,
});

function staticOf(invocation: Invocation): Ipam {
  const ipam = (): StaticIpam => configuredStatic(invocation);
  const nothing = (): void => {};
  return {
    needsLink: false,
    hasLeases: false,
    add: () => {
      checkIpamKeys('static', invocation.config, invocation.warn);
      return { result: ipam().add(), release: nothing, commit: nothing };
    },
    del: nothing,
    check: (previous) => ipam().check({ ips: [], ...previous }, invocation.ifname),
  };
}

export const configuredStatic = (invocation: Invocation): StaticIpam =>
  staticIpam(ipamNetwork(invocation.config, argsOf(invocation)));

function executed(type: string, invocation: Invocation, options: DelegateOptions): Ipam {
  // Throws here, before ADD has changed anything.
  findPlugin(type, invocation.path);
  const run = (command: 'DEL' | 'CHECK') => () => delegate(command, type, invocation, options);
  const del = run('DEL');
  return {
    needsLink: true,
    hasLeases: false,
    add: () => ({ result: delegateAdd(type, invocation, options), release: del, commit: () => {} }),
    del,
    check: run('CHECK'),
  };
}

/**
 * The calling plugin has already refused unknown keys of CNI_ARGS; its own keys are unknown here.
 */
function argsOf({ args }: Invocation): Readonly<Record<string, string | undefined>> {
  return parseArgs(args === '' ? '' : `${args};IgnoreUnknown=1`, IPAM_ARGS);
}
