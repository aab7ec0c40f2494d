/**
 * Elements of sets in the terms of nft: the requests, and the verbs that send them. nft(8),
 * ELEMENTS.
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import { toHex } from '../../netlink/codec/bytes.ts';
import type { Request } from '../../netlink/connection.ts';
import { CodecError } from '../../errors.ts';
import {
  described,
  known,
  userdataOf,
  without,
  type Described,
  type DescribedInput,
} from '../flat.ts';
import * as c from '../messages/constants.ts';
import type { Data, DataInput } from '../messages/data.ts';
import type { Expression, ExpressionInput } from '../messages/expression.ts';
import { key, keyAfter, keyBefore, keyFields, type KeyField } from '../messages/key.ts';
import type { TypeName } from '../messages/data-type.ts';
import { getSet, setObject, type SetObject, type SetSpec } from '../set/verbs.ts';
import { create, type Exclusive, type Named, type Target } from '../target.ts';
import {
  element,
  type Elements,
  type ElementsInput,
  type SetElement,
  type SetElementInput,
} from './message.ts';

/** One field, or the fields of a concatenation. */
export type Key = KeyField | readonly KeyField[];

type Attrs = Omit<
  SetElement,
  'key' | 'keyEnd' | 'data' | 'expr' | 'expressions' | 'expiration' | 'userdata'
>;
type AttrsInput = Omit<
  SetElementInput,
  'key' | 'keyEnd' | 'data' | 'expr' | 'expressions' | 'expiration' | 'userdata'
>;

/** An element as the kernel describes it. */
export interface ElementObject extends Attrs, Described {
  /**
   * Addresses as text, ports as numbers, everything else as bytes; missing in the element for all
   * other keys (catchall).
   */
  readonly key?: Key;
  /** The last key of a range; always present in a set of ranges. */
  readonly keyEnd?: Key;
  /** The value of the key in a map, or its verdict. */
  readonly data?: Key | NonNullable<Data['verdict']>;
  /** Milliseconds left. */
  readonly expires?: bigint;
  /** State of its expressions. */
  readonly expr?: readonly Expression[];
}

/** An element to add. */
export interface ElementSpec extends AttrsInput, DescribedInput {
  /**
   * One field, or the fields of a concatenation. In a set of ranges all numbers are in network
   * order.
   */
  readonly key?: Key | undefined;
  /** The last key of a range, in the form of `key`. */
  readonly keyEnd?: Key | undefined;
  /** The value of the key in a map, or its verdict. */
  readonly data?: Key | NonNullable<DataInput['verdict']> | undefined;
  /** Milliseconds left. */
  readonly expires?: bigint | undefined;
  readonly expr?: readonly ExpressionInput[] | undefined;
}

/** Elements of one set. */
export interface ElementsSpec extends Named {
  /** The elements; `name` is that of the set. */
  readonly elem: readonly ElementSpec[];
  /**
   * The flags of the set. With `interval`, a key without `keyEnd` is a range of one; without the
   * flag here, only the next element ends it.
   */
  readonly flags?: SetSpec['flags'];
}

/** Identifies an element. */
export interface ElementKey extends Named {
  readonly key: Key;
}

type ElementRequest = Request<Elements, ElementsInput>;

const request = (
  type: number,
  flags: number,
  { family, table, name }: Named,
  elements: readonly SetElementInput[] | undefined,
): ElementRequest => ({
  message: element,
  type,
  flags,
  value: { family, attrs: { table, set: name, elements } },
});

const isFields = (key: Key): key is readonly KeyField[] => Array.isArray(key);
const bytesOfKey = (fields: Key): Uint8Array => (isFields(fields) ? key(...fields) : key(fields));

const dataOf = (data: ElementSpec['data']): DataInput | undefined =>
  data === undefined
    ? undefined
    : typeof data === 'object' && 'code' in data
      ? { verdict: data }
      : { value: bytesOfKey(data as Key) };

/**
 * A range in a concatenation is one element. With a single field it is two: the second is the first
 * key outside.
 */
function elementInputs(spec: ElementSpec, flags: SetSpec['flags']): SetElementInput[] {
  const { expr } = spec;
  const others = {
    data: dataOf(spec.data),
    timeout: spec.timeout,
    userdata: userdataOf(spec),
    expiration: spec.expires,
    ...(expr?.length === 1 ? { expr: expr[0] } : { expressions: expr }),
    ...without(
      spec,
      ...(['key', 'keyEnd', 'data', 'timeout', 'comment', 'userdata', 'expires', 'expr'] as const),
    ),
  };
  if (spec.key === undefined) {
    if (spec.flags?.includes('catchall') === true) return [others];
    throw new CodecError('an element needs a key, or the flag catchall');
  }
  const first = bytesOfKey(spec.key);
  const last = spec.keyEnd === undefined ? first : bytesOfKey(spec.keyEnd);
  const input = { key: { value: first }, ...others };
  const keyEnd = spec.keyEnd === undefined ? undefined : { value: last };
  if (isFields(spec.key) && spec.key.length > 1) return [{ ...input, keyEnd }];
  if (keyEnd === undefined && flags?.includes('interval') !== true) return [input];
  if (toHex(last) < toHex(first)) throw new CodecError('keyEnd: the range ends before its start');
  const outside = keyAfter(last);
  if (outside === undefined) return [input];
  return [input, { key: { value: outside }, flags: ['interval-end'] }];
}

/**
 * Elements as flat objects. If the set is known, keys and values are read by its types, and the two
 * elements of a range become one; otherwise they stay bytes.
 */
export function elementObjects(elements: readonly SetElement[], set?: SetObject): ElementObject[] {
  const types = set && fieldTypes(set.type);
  const values = set?.map === undefined ? undefined : fieldTypes(set.map as TypeName);
  const isRanges = set !== undefined && set.flags.includes('interval') && types?.length === 1;
  const ends = isRanges ? rangeEnds(elements) : undefined;
  return elements.flatMap((each) => {
    if (isRanges && each.flags?.includes('interval-end') === true) return [];
    const { key: first, keyEnd, data, expr, expressions, expiration, userdata, ...rest } = each;
    const end = ends === undefined ? keyEnd?.value : ends.get(each);
    return [
      known({
        ...(first?.value && { key: keyFields(types, first.value, set?.fieldLens) }),
        ...(end && { keyEnd: keyFields(types, end, set?.fieldLens) }),
        data: data?.verdict ?? (data?.value && keyFields(values, data.value)),
        ...rest,
        expires: expiration,
        expr: expressions ?? (expr && [expr]),
        ...described(userdata),
      }) as ElementObject,
    ];
  });
}

const fieldTypes = (type: SetObject['type']): readonly TypeName[] =>
  Array.isArray(type) ? (type as readonly TypeName[]) : [type as TypeName];

/** The last key of each range: before the next element, or the last key of all. */
function rangeEnds(elements: readonly SetElement[]): Map<SetElement, Uint8Array> {
  const isEnd = ({ flags }: SetElement): boolean => flags?.includes('interval-end') === true;
  const sorted = elements
    .filter(({ key: at }) => at?.value !== undefined)
    .map((each) => ({ each, order: `${toHex(each.key!.value!)}${isEnd(each) ? 0 : 1}` }))
    .sort((a, b) => (a.order < b.order ? -1 : 1));
  const ends = new Map<SetElement, Uint8Array>();
  sorted.forEach(({ each }, i) => {
    if (isEnd(each)) return;
    const next = sorted[i + 1]?.each.key!.value;
    ends.set(each, next === undefined ? each.key!.value!.map(() => 0xff) : keyBefore(next));
  });
  return ends;
}

/**
 * `add element inet example hosts { 192.0.2.1 comment "…" }`. An existing element keeps its
 * comment. EEXIST with `exclusive`, ENOENT without the set.
 *
 * @throws CodecError for a key that cannot be encoded, or a range whose end precedes its start;
 *   NetlinkError EEXIST with `exclusive`, ENOENT without the set, when it is sent
 */
export const addElements = checkedFunction(
  'addElements',
  'spec: object',
  (spec: ElementsSpec & Exclusive): ElementRequest =>
    request(c.NFT_MSG_NEWSETELEM, create(spec), spec, inputsOf(spec)),
);

const inputsOf = ({ elem, flags }: ElementsSpec): SetElementInput[] =>
  elem.flatMap((each) => elementInputs(each, flags));

/**
 * `delete element inet example hosts { 192.0.2.1 }`. ENOENT if an element does not exist.
 *
 * @throws CodecError for a key that cannot be encoded; NetlinkError ENOENT if an element does not
 *   exist, when it is sent
 */
export const deleteElements = checkedFunction(
  'deleteElements',
  'spec: object',
  (spec: ElementsSpec): ElementRequest => request(c.NFT_MSG_DELSETELEM, 0, spec, inputsOf(spec)),
);

/**
 * `destroy element inet example hosts { 192.0.2.1 }`: deletes those that exist. ENOENT without the
 * set.
 *
 * @throws CodecError for a wrong argument; NetlinkError EINVAL before Linux 6.3, ENOENT without the
 *   set, when it is sent
 */
export const destroyElements = checkedFunction(
  'destroyElements',
  'spec: object',
  (spec: ElementsSpec): ElementRequest =>
    request(c.NFT_MSG_DESTROYSETELEM, 0, spec, inputsOf(spec)),
);

/**
 * Gets one element by its key, without reading the others. ENOENT if it does not exist.
 *
 * @throws CodecError for a key that cannot be encoded; NetlinkError ENOENT if it does not exist,
 *   when it is sent
 */
export const getElement = checkedFunction(
  'getElement',
  'spec: object',
  (spec: ElementKey): ElementRequest =>
    request(c.NFT_MSG_GETSETELEM, 0, spec, [{ key: { value: bytesOfKey(spec.key) } }]),
);

/**
 * Lists the elements of a set, in messages of several elements each. ENOENT if it does not exist.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if the set does not exist, when it
 *   is sent
 */
export const listElements = checkedFunction(
  'listElements',
  'spec: object',
  (spec: Named): ElementRequest => request(c.NFT_MSG_GETSETELEM, 0, spec, undefined),
);

/**
 * `reset set inet example hosts`: lists elements, and sets their counters and quotas to zero; with
 * a key, only those of this element. Use `dump` for a set: `list` repeats an interrupted dump, and
 * would lose what the first one read.
 *
 * @throws CodecError for a key that cannot be encoded; NetlinkError EINVAL before Linux 6.5, when
 *   it is sent
 */
export const resetElements = checkedFunction(
  'resetElements',
  'spec: object',
  (spec: Named & { readonly key?: Key | undefined }): ElementRequest => {
    const one = spec.key === undefined ? undefined : [{ key: { value: bytesOfKey(spec.key) } }];
    return request(c.NFT_MSG_GETSETELEM_RESET, 0, spec, one);
  },
);

export interface ElementVerbs {
  /** The elements of a set; none if it does not exist. */
  list(set: Named): ElementObject[];
  /** One element, without reading the others. ENOENT if it does not exist. */
  get(spec: ElementKey): ElementObject;
  /** The same, or undefined if it does not exist. */
  find(spec: ElementKey): ElementObject | undefined;
  /**
   * An existing element keeps its comment. EEXIST with `exclusive`, ENOENT without the set.
   *
   * @example elements.add({ ...set, elem: [{ key: '192.0.2.7', comment: 'printer' }] })
   */
  add(spec: ElementsSpec & Exclusive): void;
  /** ENOENT if one of them does not exist. */
  delete(spec: ElementsSpec): void;
  /** Deletes those that exist. Since Linux 6.3. */
  destroy(spec: ElementsSpec): void;
}

export function elements(target: Target): ElementVerbs {
  const typed = (spec: Named, found: Elements): ElementObject => {
    const set = target.find(getSet(spec));
    return elementObjects(found.attrs.elements ?? [], set && setObject(set))[0]!;
  };
  return {
    list(spec) {
      const set = target.find(getSet(spec));
      if (set === undefined) return [];
      const all = target.list(listElements(spec)).flatMap(({ attrs }) => attrs.elements ?? []);
      return elementObjects(all, setObject(set));
    },
    get: (spec) => typed(spec, target.get(getElement(spec))),
    find(spec) {
      const found = target.find(getElement(spec));
      return found && typed(spec, found);
    },
    add: (spec) => target.change(addElements(spec)),
    delete: (spec) => target.change(deleteElements(spec)),
    destroy: (spec) => target.change(destroyElements(spec)),
  };
}
