/**
 * Requests about addresses in the terms of `ip address`, over the declared message or another one
 * for the same values; and addresses as flat objects. ip-address(8).
 */
import { familyOf, type Family } from '../../ip.ts';
import type { Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.ts';
import { CodecError } from '../../errors.ts';
import { describe } from '../../netlink/codec/given.ts';
import type { Message } from '../../netlink/codec/message.ts';
import type { Addr, AddrInput } from './message.ts';
import { RTM_DELADDR, RTM_GETADDR, RTM_NEWADDR } from '../constants.ts';
import type { WithIndex } from '../dev.ts';

interface Head extends Omit<Addr, 'attrs' | 'prefixlen' | 'flags'> {}

/** An address as the kernel describes it. */
export interface AddrObject extends Head, Omit<Addr['attrs'], 'local' | 'flags'> {
  /** With prefix length. On a point-to-point link `address` is the peer's. */
  readonly local: string;
  readonly flags: NonNullable<Addr['attrs']['flags']>;
}

interface HeadInput extends Omit<AddrInput, 'attrs' | 'prefixlen' | 'flags' | 'index'> {}
interface AttrsInput extends Omit<NonNullable<AddrInput['attrs']>, 'local'> {}

/**
 * An address to add or change. Family, peer and scope default to those that follow from `local`.
 */
export interface AddrSpec extends AddrSpecRest, WithIndex {}
/** A spec without the interface. */
export interface AddrSpecRest extends HeadInput, AttrsInput {
  /** With prefix length: `192.0.2.2/24`. */
  readonly local: string;
}

/** `192.0.2.0/24` from `192.0.2.0` and 24. */
export const prefixText = (address: string, length: number): string =>
  address + (LENGTHS[length] ??= `/${length}`);
/** A look-up is faster than formatting. */
const LENGTHS = new Array<string | undefined>(256);

/** The address of the interface itself, with prefix length. */
export const localOf = ({ attrs, prefixlen }: Addr): string =>
  prefixText(String(attrs.local ?? attrs.address), prefixlen);

export function addrObject(message: Addr): AddrObject {
  const { attrs, flags, family, scope, index } = message;
  const local = localOf(message);
  return { ...attrs, family, scope, index, flags: attrs.flags ?? flags, local };
}

/** The parts of `192.0.2.2/24`. Throws CodecError for text without a prefix length. */
export function splitPrefix(text: string): [address: string, length: number] {
  const [address, length, ...rest] = typeof text === 'string' ? text.split('/') : [];
  if (address === undefined || !/^\d{1,3}$/.test(length ?? '') || rest.length > 0) {
    throw new CodecError(`${describe(text)} is not an address with a prefix length`);
  }
  return [address, Number(length)];
}

export function familyOfArgument(address: string): Family {
  if (typeof address !== 'string') throw new CodecError(`${describe(address)} is not an address`);
  return familyOf(address);
}

/**
 * Loopback addresses, 127.0.0.0/8: RFC 1122. The kernel leaves their scope to `ip`, which sets this
 * one.
 */
const scopeOf = (address: string): 'host' | undefined =>
  address.startsWith('127.') ? 'host' : undefined;

function addrMessage({ local, index, family, scope, ...attrs }: AddrSpec): AddrInput {
  const [own, prefixlen] = splitPrefix(local);
  return {
    family: family ?? familyOfArgument(own),
    prefixlen,
    scope: scope ?? scopeOf(own),
    index,
    attrs: { local: own, address: own, ...attrs },
  };
}

/** Filters a list in the kernel. */
export interface AddrFilter {
  /** Index of the interface. */
  readonly index?: number | undefined;
  readonly family?: 'inet' | 'inet6' | undefined;
}

/** The message determines how addresses are read and written. */
export function addrRequests<T>(message: Message<T, AddrInput>) {
  const request = (type: number, flags: number, spec: AddrSpec): Request<T, AddrInput> => ({
    message,
    type,
    flags,
    value: addrMessage(spec),
  });
  return {
    addAddr: (spec: AddrSpec) => request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, spec),
    replaceAddr: (spec: AddrSpec) => request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, spec),
    deleteAddr: (spec: AddrSpec) => request(RTM_DELADDR, 0, spec),
    listAddrs: ({ index, family }: AddrFilter = {}): Request<T, AddrInput> => ({
      message,
      type: RTM_GETADDR,
      value: { family, index },
    }),
  };
}
