/**
 * Addresses in the terms of `ip address`: the requests, and the verbs that send them.
 * ip-address(8).
 *
 * An address is a flat object here, and `local` has its prefix length: `192.0.2.2/24`.
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { DumpIterator, Request } from '../../netlink/connection.ts';
import { EEXIST } from '../../sys/errno.ts';
import {
  addrObject,
  addrRequests,
  type AddrFilter,
  type AddrObject,
  type AddrSpec,
  type AddrSpecRest,
} from './requests.ts';
import { addr, type Addr, type AddrInput } from './message.ts';
import {
  onInterface,
  unlessRefused,
  type Dev,
  type Done,
  type Ensured,
  type Target,
  type WithDev,
  type WithIndex,
} from '../dev.ts';

export { addrObject, familyOfArgument, prefixText, splitPrefix } from './requests.ts';
export type { AddrFilter, AddrObject, AddrSpec, AddrSpecRest } from './requests.ts';

type AddrRequest = Request<Addr, AddrInput>;

const requests = addrRequests(addr);

/**
 * Adds an address. EEXIST if the interface has it.
 *
 * @throws CodecError for a `local` that is not an address with a prefix length; NetlinkError EEXIST
 *   if the interface has it, when it is sent
 */
export const addAddr: (spec: AddrSpec) => AddrRequest = checkedFunction(
  'addAddr',
  'spec: object',
  requests.addAddr,
);

/**
 * Adds an address, or changes the lifetime and flags of an existing one.
 *
 * @throws CodecError for a `local` that is not an address with a prefix length
 */
export const replaceAddr: (spec: AddrSpec) => AddrRequest = checkedFunction(
  'replaceAddr',
  'spec: object',
  requests.replaceAddr,
);

/**
 * Deletes an address. EADDRNOTAVAIL if the interface does not have it.
 *
 * @throws CodecError for a wrong argument; NetlinkError EADDRNOTAVAIL if the interface does not
 *   have it, when it is sent
 */
export const deleteAddr: (spec: AddrSpec) => AddrRequest = checkedFunction(
  'deleteAddr',
  'spec: object',
  requests.deleteAddr,
);

/**
 * Lists addresses, filtered by the kernel.
 *
 * @throws CodecError for a wrong argument
 */
export const listAddrs: (filter?: AddrFilter) => AddrRequest = checkedFunction(
  'listAddrs',
  'filter?: object',
  requests.listAddrs,
);

/** An `AddrSpec` in which the interface may be given by name. */
export type NamedAddrSpec = AddrSpecRest & (WithIndex | WithDev);

/** A filter in which the interface may be given by name. */
export interface NamedAddrFilter extends AddrFilter {
  readonly dev?: Dev | undefined;
}

export interface AddrVerbs extends BatchAddrVerbs {
  /** Ensures that the interface has this address, with the given lifetime and flags. */
  ensure(spec: NamedAddrSpec): Ensured;
}

/** The verbs for a batch. `ensure` needs an answer before it can continue. */
export interface BatchAddrVerbs {
  list(filter?: NamedAddrFilter): AddrObject[];
  /** The same, one by one, without holding all of them in memory; see `Connection.dump`. */
  dump(filter?: NamedAddrFilter): DumpIterator<AddrObject>;
  /**
   * Adds an address. EEXIST if the interface has it. An IPv6 address is tentative until duplicate
   * address detection is done, unless `flags` contains `nodad`.
   *
   * @example addrs.add({ dev: 'eth0', local: '192.0.2.2/24' })
   */
  add(spec: NamedAddrSpec): Done;
  /** Adds an address, or changes the lifetime and flags of an existing one. */
  replace(spec: NamedAddrSpec): Done;
  /** Deletes an address. EADDRNOTAVAIL if the interface does not have it. */
  delete(spec: NamedAddrSpec): Done;
}

export function addrs(target: Target): AddrVerbs {
  const numbered = (spec: NamedAddrSpec): AddrSpec => onInterface(target, 'index', spec);
  const filtered = (filter: NamedAddrFilter = {}): AddrRequest =>
    listAddrs(onInterface(target, 'index', filter));
  const replace = (spec: NamedAddrSpec): Done => target.request(replaceAddr(numbered(spec)));
  return {
    list: (filter) => target.list(filtered(filter)).map(addrObject),
    dump: (filter) => target.dump(filtered(filter), { as: addrObject }),
    add: (spec) => target.request(addAddr(numbered(spec))),
    replace,
    ensure(spec) {
      const created = unlessRefused(() => target.request(addAddr(numbered(spec))), EEXIST);
      return { created: created !== undefined, ...(created ?? replace(spec)) };
    },
    delete: (spec) => target.request(deleteAddr(numbered(spec))),
  };
}
