/** Sets and maps in the terms of nft: the requests, and the verbs that send them. nft(8), SETS. */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Word } from '../../netlink/codec/enums.ts';
import type { Request } from '../../netlink/connection.ts';
import { CodecError } from '../../errors.ts';
import { element } from '../element/message.ts';
import {
  described,
  known,
  unknownIn,
  without,
  type Described,
  type DescribedInput,
} from '../flat.ts';
import * as c from '../messages/constants.ts';
import {
  concatenation,
  DATA_TYPES,
  fieldsOf,
  isHostOrder,
  keyLength,
  lengthOf,
  type DataTypeName,
  type TypeName,
} from '../messages/data-type.ts';
import type { Expression, ExpressionInput } from '../messages/expression.ts';
import type { UserdataInput } from '../messages/userdata.ts';
import {
  create,
  named,
  reading,
  within,
  type Exclusive,
  type Named,
  type Target,
  type Within,
} from '../target.ts';
import { nftSet, type NftSet, type NftSetInput } from './message.ts';

type Attrs = NftSet['attrs'];
type Derived =
  | (
      | 'table'
      | 'name'
      | 'flags'
      | 'keyType'
      | 'keyLen'
      | 'dataType'
      | 'dataLen'
      | 'desc'
      | 'objType'
    )
  | ('expr' | 'expressions' | 'type' | 'userdata' | 'id');

/** A set or a map as the kernel describes it. */
export interface SetObject extends Omit<Attrs, Derived>, Described, Named {
  /** Type of the keys; several for a concatenation. */
  readonly type: TypeName | readonly TypeName[];
  /** Type of a map's values: a data type, or the type of objects. */
  readonly map?: TypeName | NonNullable<Attrs['objType']>;
  readonly flags: NonNullable<Attrs['flags']>;
  /** Maximum number of elements. */
  readonly size?: number;
  /** Expressions of each element. */
  readonly expr?: readonly Expression[];
  /** Bytes of a key, and of each of its fields, if they do not follow from the type. */
  readonly keyLen?: number;
  readonly fieldLens?: readonly number[];
  /** Bytes of a value, if they do not follow from the type. */
  readonly dataLen?: number;
  /** The kernel's implementation; since Linux 6.16. */
  readonly backend?: string;
  /** Unknown attributes of the description. */
  readonly descAttrs?: Readonly<Record<`nla${number}`, Uint8Array>>;
}

/** A set or a map to add. What the kernel assigns is ignored: handle, backend and count. */
export interface SetSpec
  extends Omit<NonNullable<NftSetInput['attrs']>, Derived>, DescribedInput, Named, Exclusive {
  /** Type of the keys; several make a concatenation. */
  readonly type: TypeName | readonly TypeName[];
  /** Type of a map's values: a data type, or the type of objects. */
  readonly map?: TypeName | NonNullable<NftSetInput['attrs']>['objType'] | undefined;
  readonly flags?: NonNullable<NftSetInput['attrs']>['flags'];
  /** Maximum number of elements. */
  readonly size?: number | undefined;
  /** Expressions of each element. */
  readonly expr?: readonly ExpressionInput[] | undefined;
  readonly keyLen?: number | undefined;
  readonly fieldLens?: readonly number[] | undefined;
  readonly dataLen?: number | undefined;
  readonly descAttrs?: Readonly<Record<`nla${number}`, Uint8Array>> | undefined;
}

type SetRequest = Request<NftSet, NftSetInput>;

const isDataType = (word: unknown): word is DataTypeName => Object.hasOwn(DATA_TYPES, String(word));

/** The flags that follow from the other keys. */
const DERIVED_FLAGS: readonly unknown[] = ['map', 'object', 'concat'];

/** The fields of a key; a single one for an unknown type, which cannot be taken apart. */
const fieldsIn = (type: SetSpec['type']): readonly TypeName[] =>
  Array.isArray(type) ? type : [type as TypeName];

const lengths = (fields: readonly TypeName[]): number[] | undefined =>
  fields.every(isDataType) ? fields.map((field) => lengthOf(field)) : undefined;

const equal = (a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean =>
  a?.join() === b?.join();

export function setObject({ family, attrs }: NftSet): SetObject {
  const { keyType = 0, keyLen, dataType, dataLen, objType, desc, flags = [], ...others } = attrs;
  const { expr, expressions, type: backend, userdata, ...rest } = others;
  const fields = fieldsOf(keyType as TypeName);
  const each = lengths(fields);
  const given = desc?.concat?.map(({ len = 0 }) => len);
  const unknown = unknownIn(desc);
  const notes = { ...userdata };
  if (isUsualOrder(notes.keyByteorder, fields)) delete notes.keyByteorder;
  if (isUsualOrder(notes.dataByteorder, [dataType as TypeName])) delete notes.dataByteorder;
  return known({
    family,
    ...rest,
    type: fields.length === 1 ? fields[0] : fields.length === 0 ? Number(keyType) : fields,
    map: objType ?? dataType,
    flags: flags.filter((flag) => !DERIVED_FLAGS.includes(flag)),
    size: desc?.size,
    expr: expressions ?? (expr && [expr]),
    keyLen: each !== undefined && keyLength(each) === keyLen ? undefined : keyLen,
    fieldLens: equal(given, each) ? undefined : given,
    dataLen: isDataType(dataType) && lengthOf(dataType) === dataLen ? undefined : dataLen,
    backend,
    descAttrs: Object.keys(unknown).length === 0 ? undefined : unknown,
    ...described(notes),
  }) as SetObject;
}

/** `BYTEORDER_HOST_ENDIAN` and `BYTEORDER_BIG_ENDIAN` of nft, include/datatype.h. */
const HOST_ENDIAN = 1;
const BIG_ENDIAN = 2;

/** Whether nft assumes this byte order for the type anyway. */
const isUsualOrder = (order: number | undefined, fields: readonly TypeName[]): boolean =>
  order === (fields.length === 1 && isHostOrder(fields[0]!) ? HOST_ENDIAN : BIG_ENDIAN);

/** Hints for nft about types in host order: without them it assumes network order. */
function setUserdata(spec: SetSpec, fields: readonly TypeName[]): UserdataInput | undefined {
  const notes: UserdataInput = {};
  if (fields.length === 1 && isHostOrder(fields[0]!)) notes.keyByteorder = HOST_ENDIAN;
  if (isDataType(spec.map) && isHostOrder(spec.map)) notes.dataByteorder = HOST_ENDIAN;
  Object.assign(notes, spec.userdata);
  if (spec.comment !== undefined) notes.comment = spec.comment;
  return Object.keys(notes).length === 0 ? undefined : notes;
}

/**
 * `add set inet example hosts { type ipv4_addr; }`. EEXIST with `exclusive`, ENOENT without the
 * table.
 *
 * @throws CodecError for a type that is not known, unless its length is given; NetlinkError EEXIST
 *   with `exclusive`, ENOENT without the table, when it is sent
 */
export const addSet = checkedFunction(
  'addSet',
  'spec: object',
  function addSet(spec: SetSpec): SetRequest {
    const { family, table, name, map, flags = [], size, expr } = spec;
    const fields = fieldsIn(spec.type);
    const each = spec.fieldLens ?? lengths(fields);
    const keyLen = spec.keyLen ?? (each && keyLength(each));
    if (keyLen === undefined) {
      throw new CodecError(
        `addSet: type ${fields.map(String).join(' . ')} is not known: give keyLen`,
      );
    }
    // Without ranges the kernel sees a concatenation as one long key and refuses its fields.
    const concat = (each?.length ?? 0) > 1 && flags.includes('interval');
    const isOfObjects = map !== undefined && typeof map !== 'number' && !isDataType(map);
    const attrs: NonNullable<NftSetInput['attrs']> = {
      table,
      name,
      flags: [
        ...flags,
        ...(map === undefined ? [] : isOfObjects ? (['object'] as const) : (['map'] as const)),
        ...(concat ? (['concat'] as const) : []),
      ],
      keyType: concatenation(...fields),
      keyLen,
      ...valuesOf(spec, isOfObjects),
      desc: { size, concat: concat ? each!.map((len) => ({ len })) : undefined, ...spec.descAttrs },
      // The kernel requires a number, although sets are found by name within a transaction too.
      id: 1,
      timeout: spec.timeout,
      userdata: setUserdata(spec, fields),
      ...(expr?.length === 1 ? { expr: expr[0] } : { expressions: expr }),
      ...without(
        spec,
        ...(['family', 'type', 'map', 'size', 'comment', 'exclusive', 'backend', 'count'] as const),
        ...(['table', 'name', 'flags', 'expr', 'keyLen', 'fieldLens', 'dataLen'] as const),
        ...(['descAttrs', 'timeout', 'userdata', 'handle'] as const),
      ),
    };
    const request = { message: nftSet, type: c.NFT_MSG_NEWSET, flags: create(spec) };
    return { ...request, value: { family, attrs } };
  },
);

function valuesOf({ map, dataLen }: SetSpec, isOfObjects: boolean): NftSetInput['attrs'] {
  if (map === undefined) return {};
  if (isOfObjects) return { objType: map as Word<'counter'> };
  const length = dataLen ?? (isDataType(map) ? lengthOf(map) : undefined);
  if (length === undefined) {
    throw new CodecError(`addSet: map ${String(map)} is not known: give dataLen`);
  }
  return { dataType: map as TypeName, dataLen: length };
}

/**
 * `delete set inet example hosts`. EBUSY while a rule looks it up.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, EBUSY while a
 *   rule looks it up, when it is sent
 */
export const deleteSet = checkedFunction(
  'deleteSet',
  'spec: object',
  ({ family, table, name }: Named): SetRequest =>
    named(nftSet, c.NFT_MSG_DELSET, { family, table, name }),
);

/**
 * `destroy set inet example hosts`: deletes it, if it exists. EBUSY while a rule looks it up,
 * ENOENT without the table.
 *
 * @throws CodecError for a wrong argument; NetlinkError EINVAL before Linux 6.3, EBUSY while a rule
 *   looks it up, ENOENT without the table, when it is sent
 */
export const destroySet = checkedFunction(
  'destroySet',
  'spec: object',
  ({ family, table, name }: Named): SetRequest =>
    named(nftSet, c.NFT_MSG_DESTROYSET, { family, table, name }),
);

/**
 * `flush set inet example hosts`: deletes all its elements.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, when it is
 *   sent
 */
export const flushSet = checkedFunction(
  'flushSet',
  'spec: object',
  ({ family, table, name }: Named): Request => ({
    message: element,
    type: c.NFT_MSG_DELSETELEM,
    value: { family, attrs: { table, set: name } },
  }),
);

/**
 * Gets one set, without its elements. ENOENT if it does not exist.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, when it is
 *   sent
 */
export const getSet = checkedFunction(
  'getSet',
  'spec: object',
  ({ family, table, name }: Named): SetRequest =>
    named(nftSet, c.NFT_MSG_GETSET, { family, table, name }),
);

/**
 * Lists sets: of a table, or of a family. ENOENT if the table does not exist.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if the table does not exist, when it
 *   is sent
 */
export const listSets = checkedFunction(
  'listSets',
  'filter?: object',
  ({ family, table }: Within = {}): SetRequest =>
    within(nftSet, c.NFT_MSG_GETSET, { family, table }),
);

export interface SetVerbs {
  list(filter?: Within): SetObject[];
  /** ENOENT if it does not exist. */
  get(spec: Named): SetObject;
  /** The same, or undefined if it does not exist. */
  find(spec: Named): SetObject | undefined;
  /**
   * EEXIST with `exclusive`, ENOENT without the table.
   *
   * @example sets.add({ family: 'inet', table: 'example', name: 'hosts', type: 'ipv4_addr' })
   */
  add(spec: SetSpec): void;
  /** EBUSY while a rule looks it up. */
  delete(spec: Named): void;
  /** The same, if it exists. Since Linux 6.3. */
  destroy(spec: Named): void;
  /** Deletes the elements of a set. */
  flush(spec: Named): void;
}

export function sets(target: Target): SetVerbs {
  return {
    list: (filter) => target.list(listSets(filter)).map(setObject),
    ...reading(target, getSet, setObject),
    add: (spec) => target.change(addSet(spec)),
    delete: (spec) => target.change(deleteSet(spec)),
    destroy: (spec) => target.change(destroySet(spec)),
    flush: (spec) => target.change(flushSet(spec)),
  };
}
