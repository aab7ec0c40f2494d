/**
 * Labels of IPv6 addresses in the terms of `ip addrlabel`: the requests, and the verbs that send
 * them. ip-addrlabel(8).
 *
 * A label is a flat object here, and its prefix is text: `2001:db8::/32`.
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { DumpIterator, Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_EXCL, NLM_F_REPLACE } from '../../netlink/constants.ts';
import { CodecError } from '../../errors.ts';
import { describe } from '../../netlink/codec/given.ts';
import { EEXIST } from '../../sys/errno.ts';
import { prefixText } from '../addr/verbs.ts';
import { RTM_DELADDRLABEL, RTM_GETADDRLABEL, RTM_NEWADDRLABEL } from '../constants.ts';
import { onInterface, unlessRefused, type Dev, type Done, type Ensured } from '../dev.ts';
import type { Target } from '../dev.ts';
import { splitRoute } from '../route/verbs.ts';
import { addrLabel, type AddrLabel, type AddrLabelInput } from './message.ts';

/** A label as the kernel describes it. */
export interface AddrLabelObject {
  readonly family: AddrLabel['family'];
  /** With prefix length: `2001:db8::/32`. */
  readonly address: string;
  readonly label: number;
  /** The interface that it applies to; 0 for all. */
  readonly index: number;
  readonly flags: number;
  readonly seq: number;
}

/** What identifies a label. */
export interface AddrLabelKey extends AddrLabelKeyRest {
  /** The interface that it applies to; 0 for all. */
  readonly index?: number | undefined;
}
/** A key without the interface. */
export interface AddrLabelKeyRest {
  /** With prefix length: `2001:db8::/32`, or `default`. */
  readonly address: string;
}
/** A label to add. */
export interface AddrLabelSpec extends AddrLabelKey, AddrLabelSpecRest {}
/** A spec without the interface. */
export interface AddrLabelSpecRest extends AddrLabelKeyRest {
  readonly label: number;
}

export const addrLabelObject = ({ attrs, prefixlen, ...head }: AddrLabel): AddrLabelObject => ({
  ...head,
  address: prefixText(attrs.address ?? '::', prefixlen),
  label: attrs.label ?? 0,
});

/** `IPV6_ADDR_LABEL_DEFAULT` of include/net/addrconf.h, the label of addresses without one. */
const NO_LABEL = 0xffffffff;

function addrLabelMessage({ address: text, index, label }: AddrLabelSpec): AddrLabelInput {
  const [address = '::', prefixlen] = splitRoute(text);
  if (typeof label !== 'number' || label === NO_LABEL) {
    throw new CodecError(`label must be a number below ${NO_LABEL}, not ${describe(label)}`);
  }
  return { family: 'inet6', prefixlen, index, attrs: { address, label } };
}

type AddrLabelRequest = Request<AddrLabel, AddrLabelInput>;

const change = (type: number, flags: number, spec: AddrLabelSpec): AddrLabelRequest => ({
  message: addrLabel,
  type,
  flags,
  value: addrLabelMessage(spec),
});

/**
 * Adds a label. EEXIST if the prefix has one.
 *
 * @throws CodecError for an `address` that is not an IPv6 prefix, or no label; NetlinkError EEXIST
 *   if the prefix has one, when it is sent
 */
export const addAddrLabel = checkedFunction(
  'addAddrLabel',
  'spec: object',
  (spec: AddrLabelSpec): AddrLabelRequest =>
    change(RTM_NEWADDRLABEL, NLM_F_CREATE | NLM_F_EXCL, spec),
);
/**
 * Adds a label, or replaces that of the prefix.
 *
 * @throws CodecError for an `address` that is not an IPv6 prefix, or no label
 */
export const replaceAddrLabel = checkedFunction(
  'replaceAddrLabel',
  'spec: object',
  (spec: AddrLabelSpec): AddrLabelRequest =>
    change(RTM_NEWADDRLABEL, NLM_F_CREATE | NLM_F_REPLACE, spec),
);
/**
 * Deletes the label of a prefix. ESRCH if it has none.
 *
 * @throws CodecError for an `address` that is not an IPv6 prefix; NetlinkError ESRCH if it has no
 *   label, when it is sent
 */
export const deleteAddrLabel = checkedFunction(
  'deleteAddrLabel',
  'spec: object',
  // The kernel requires a label, but ignores it.
  ({ address, index }: AddrLabelKey): AddrLabelRequest =>
    change(RTM_DELADDRLABEL, 0, { address, index, label: 0 }),
);

/**
 * Gets the label of an address, that of its longest prefix. ESRCH if it has none.
 *
 * @throws CodecError for what is not an IPv6 address; NetlinkError ESRCH if it has none, when it is
 *   sent
 */
export const getAddrLabel = checkedFunction(
  'getAddrLabel',
  'address: string, index?: number',
  (address: string, index?: number): AddrLabelRequest => ({
    message: addrLabel,
    type: RTM_GETADDRLABEL,
    value: { family: 'inet6', prefixlen: 128, index, attrs: { address } },
  }),
);

/** Lists all labels; the kernel has no filter. */
export const listAddrLabels = (): AddrLabelRequest => ({
  message: addrLabel,
  type: RTM_GETADDRLABEL,
  value: { family: 'inet6' },
});

/** A key in which the interface may be given by name. */
export type NamedAddrLabelKey = AddrLabelKeyRest & OnInterface;
/** An `AddrLabelSpec` in which the interface may be given by name. */
export type NamedAddrLabelSpec = AddrLabelSpecRest & OnInterface;
interface OnInterface {
  readonly index?: number | undefined;
  readonly dev?: Dev | undefined;
}

export interface AddrLabelVerbs extends BatchAddrLabelVerbs {
  /** Ensures that the prefix has the label. */
  ensure(spec: NamedAddrLabelSpec): Ensured;
}

/** The verbs for a batch. `ensure` needs an answer before it can continue. */
export interface BatchAddrLabelVerbs {
  list(): AddrLabelObject[];
  /** The same, one by one, without holding all of them in memory; see `Connection.dump`. */
  dump(): DumpIterator<AddrLabelObject>;
  /** The label of an address, that of its longest prefix; on one interface, if `dev` is given. */
  get(address: string, dev?: Dev): AddrLabelObject;
  /**
   * Adds a label. EEXIST if the prefix has one.
   *
   * @example addrLabels.add({ address: '2001:db8::/32', label: 99 })
   */
  add(spec: NamedAddrLabelSpec): Done;
  /** Adds a label, or replaces that of the prefix. */
  replace(spec: NamedAddrLabelSpec): Done;
  /** Deletes the label of a prefix. ESRCH if it has none. */
  delete(key: NamedAddrLabelKey): Done;
}

export function addrLabels(target: Target): AddrLabelVerbs {
  const numbered = <S extends AddrLabelKey>(spec: object): S => onInterface(target, 'index', spec);
  const replace = (spec: NamedAddrLabelSpec): Done =>
    target.request(replaceAddrLabel(numbered<AddrLabelSpec>(spec)));
  return {
    list: () => target.list(listAddrLabels()).map(addrLabelObject),
    dump: () => target.dump(listAddrLabels(), { as: addrLabelObject }),
    get: (address, dev) => addrLabelObject(target.get(getAddrLabel(address, target.indexOf(dev)))),
    add: (spec) => target.request(addAddrLabel(numbered<AddrLabelSpec>(spec))),
    replace,
    ensure(spec) {
      const request = addAddrLabel(numbered<AddrLabelSpec>(spec));
      const created = unlessRefused(() => target.request(request), EEXIST);
      return { created: created !== undefined, ...(created ?? replace(spec)) };
    },
    delete: (key) => target.request(deleteAddrLabel(numbered<AddrLabelKey>(key))),
  };
}
