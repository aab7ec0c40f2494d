/**
 * Addresses in the words of `ip address`: the requests, and the verbs that send them. ip-address(8).
 *
 * Here an address is flat, and `local` is written with its prefix length: `192.0.2.2/24`.
 */
import type { DumpIterator, Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.ts';
import { EEXIST } from '../../sys/errno.ts';
import { CodecError } from '../../errors.ts';
import { describe } from '../../netlink/codec/given.ts';
import { addr, type Addr, type AddrInput } from './message.ts';
import { RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR } from '../constants.ts';
import { unlessRefused, type Dev, type Done, type Ensured, type Target } from '../dev.ts';

type Head = Omit<Addr, 'attrs' | 'prefixlen' | 'flags'>;

/** An address as the kernel describes it. */
export type AddrObject = Head &
  Omit<Addr['attrs'], 'local' | 'flags'> & {
    /** With prefix length. On a point-to-point link `address` is the other side's. */
    readonly local: string;
    readonly flags: NonNullable<Addr['attrs']['flags']>;
  };

type AttrsInput = Omit<NonNullable<AddrInput['attrs']>, 'local'>;

/** An address to be set. Family, peer and scope follow from `local` when they are left out. */
export type AddrSpec = Omit<AddrInput, 'attrs' | 'prefixlen' | 'flags'> &
  AttrsInput & {
    /** With prefix length: `192.0.2.2/24`. */
    readonly local: string;
    /** Index of the interface. */
    readonly index: number;
  };

/** `192.0.2.0/24` of `192.0.2.0` and 24. */
export const prefixText = (address: string, length: number): string =>
  address + (LENGTHS[length] ??= `/${length}`);
/** Found faster than made. */
const LENGTHS = new Array<string | undefined>(256);

export function addrObject({ attrs, prefixlen, flags, family, scope, index }: Addr): AddrObject {
  const local = prefixText(String(attrs.local ?? attrs.address), prefixlen);
  return { ...attrs, family, scope, index, flags: attrs.flags ?? flags, local };
}

/** `192.0.2.2` and 24. Throws for text without a prefix length. */
export function splitPrefix(text: string): [address: string, length: number] {
  const [address, length, ...rest] = typeof text === 'string' ? text.split('/') : [];
  if (address === undefined || !/^\d{1,3}$/.test(length ?? '') || rest.length > 0) {
    throw new CodecError(`${describe(text)} is not an address with a prefix length`);
  }
  return [address, Number(length)];
}

export function familyOf(address: string): 'inet' | 'inet6' {
  if (typeof address !== 'string') throw new CodecError(`${describe(address)} is not an address`);
  return address.includes(':') ? 'inet6' : 'inet';
}

/** Addresses of the host itself, 127.0.0.0/8: RFC 1122. The kernel leaves their scope to `ip`, which gives them this one. */
const scopeOf = (address: string): 'host' | undefined =>
  address.startsWith('127.') ? 'host' : undefined;

function addrMessage({ local, index, family, scope, ...attrs }: AddrSpec): AddrInput {
  const [own, prefixlen] = splitPrefix(local);
  return {
    family: family ?? familyOf(own),
    prefixlen,
    scope: scope ?? scopeOf(own),
    index,
    attrs: { local: own, address: own, ...attrs },
  };
}

type AddrRequest = Request<Addr, AddrInput>;

/** Sets an address; EEXIST when the interface has it. */
export const addAddr = (spec: AddrSpec): AddrRequest => ({
  message: addr,
  type: RTM_NEWADDR,
  flags: NLM_F_CREATE | NLM_F_EXCL,
  value: addrMessage(spec),
});

/** Sets an address, or the lifetime and flags of one that is there. */
export const replaceAddr = (spec: AddrSpec): AddrRequest => ({
  message: addr,
  type: RTM_NEWADDR,
  flags: NLM_F_CREATE | NLM_F_REPLACE,
  value: addrMessage(spec),
});

export const deleteAddr = (spec: AddrSpec): AddrRequest => ({
  message: addr,
  type: RTM_DELADDR,
  value: addrMessage(spec),
});

/** What the kernel leaves out of a list. */
export interface AddrFilter {
  /** Index of the interface. */
  readonly index?: number | undefined;
  readonly family?: 'inet' | 'inet6' | undefined;
}

export const addrDump = ({ index, family }: AddrFilter = {}): AddrRequest => ({
  message: addr,
  type: RTM_GETADDR,
  value: { family, index },
});

/** An `AddrSpec` in which the interface may be named. */
export type NamedAddrSpec = Omit<AddrSpec, 'index'> &
  ({ readonly index: number } | { readonly dev: Dev });

/** A filter in which the interface may be named. */
export type NamedAddrFilter = AddrFilter & { readonly dev?: Dev | undefined };

export interface Addrs {
  list(filter?: NamedAddrFilter): AddrObject[];
  /** The same, one by one and without holding all in memory; see `Connection.dump`. */
  dump(filter?: NamedAddrFilter): DumpIterator<AddrObject>;
  /**
   * Sets an address; EEXIST when the interface has it. An IPv6 address is tentative until duplicates have been looked for, but with
   * `flags: ['nodad']`.
   *
   * @example addrs.add({ dev: 'eth0', local: '192.0.2.2/24' })
   */
  add(spec: NamedAddrSpec): Done;
  /** Sets an address, or the lifetime and flags of one that is there. */
  replace(spec: NamedAddrSpec): Done;
  /** Makes sure that the interface has this address, with the lifetime and flags that are given. */
  ensure(spec: NamedAddrSpec): Ensured;
  /** EADDRNOTAVAIL when the interface does not have it. */
  delete(spec: NamedAddrSpec): Done;
}

export function addrs(target: Target): Addrs {
  const numbered = (spec: NamedAddrSpec): AddrSpec => {
    const { dev, ...rest } = spec as NamedAddrSpec & { dev?: Dev };
    return { ...rest, index: dev === undefined ? (rest as AddrSpec).index : target.indexOf(dev) };
  };
  const filtered = ({ dev, index, family }: NamedAddrFilter = {}): AddrRequest =>
    addrDump({ index: index ?? target.indexOf(dev), family });
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
