/**
 * Addresses in the words of `ip address`: the requests, and the verbs that send them. ip-address(8).
 *
 * Here an address is flat, and `local` is written with its prefix length: `192.0.2.2/24`.
 */
import type { Connection, Request } from '../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../netlink/constants.ts';
import { CodecError } from '../netlink/errors.ts';
import { addr, type Addr, type AddrInput } from './addr.ts';
import { RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR } from './constants.ts';

type Head = Omit<Addr, 'attrs' | 'prefixlen' | 'flags'>;

/** An address as the kernel describes it. */
export type AddrObject = Head &
  Omit<Addr['attrs'], 'local' | 'flags'> & {
    /** With prefix length. On a point-to-point link `address` is the other side's. */
    readonly local: string;
    readonly flags: NonNullable<Addr['attrs']['flags']>;
  };

type AttrsInput = Omit<NonNullable<AddrInput['attrs']>, 'local'>;

/** An address to be set. Family and peer follow from `local` when they are left out. */
export type AddrSpec = Omit<AddrInput, 'attrs' | 'prefixlen' | 'flags'> &
  AttrsInput & {
    /** With prefix length: `192.0.2.2/24`. */
    readonly local: string;
    /** Index of the interface. */
    readonly index: number;
  };

export function addrObject({ attrs, prefixlen, flags, ...head }: Addr): AddrObject {
  const local = attrs.local ?? attrs.address;
  return { ...head, ...attrs, flags: attrs.flags ?? flags, local: `${local}/${prefixlen}` };
}

/** `192.0.2.2` and 24. Throws for text without a prefix length. */
export function splitPrefix(text: string): [address: string, length: number] {
  const [address, length, ...rest] = text.split('/');
  if (address === undefined || !/^\d{1,3}$/.test(length ?? '') || rest.length > 0) {
    throw new CodecError(`"${text}" is not an address with a prefix length`);
  }
  return [address, Number(length)];
}

export const familyOf = (address: string): 'inet' | 'inet6' =>
  address.includes(':') ? 'inet6' : 'inet';

function addrMessage({ local, index, family, scope, ...attrs }: AddrSpec): AddrInput {
  const [own, prefixlen] = splitPrefix(local);
  return {
    family: family ?? familyOf(own),
    prefixlen,
    scope,
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

export interface Addrs {
  list(filter?: AddrFilter): AddrObject[];
  /** The same, one by one and without holding all in memory; see `Connection.dump`. */
  dump(filter?: AddrFilter): IterableIterator<AddrObject>;
  /** @example addrs.add({ index: 2, local: '192.0.2.2/24' }) */
  add(spec: AddrSpec): void;
  replace(spec: AddrSpec): void;
  delete(spec: AddrSpec): void;
}

export function addrs(connection: Connection): Addrs {
  return {
    list: (filter) => connection.list(addrDump(filter)).map(addrObject),
    *dump(filter) {
      for (const each of connection.dump(addrDump(filter))) yield addrObject(each);
    },
    add: (spec) => void connection.request(addAddr(spec)),
    replace: (spec) => void connection.request(replaceAddr(spec)),
    delete: (spec) => void connection.request(deleteAddr(spec)),
  };
}
