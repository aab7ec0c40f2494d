/**
 * Stateful objects in the terms of nft: the requests, and the verbs that send them. nft(8),
 * STATEFUL OBJECTS.
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Request } from '../../netlink/connection.ts';
import { described, userdataOf, without, type Described, type DescribedInput } from '../flat.ts';
import * as c from '../messages/constants.ts';
import {
  create,
  named,
  reading,
  type Exclusive,
  type Named,
  type Target,
  type Within,
} from '../target.ts';
import { nftObject, type NftObject, type NftObjectInput } from './message.ts';

type Attrs = NftObject['attrs'];
type AttrsInput = NonNullable<NftObjectInput['attrs']>;

/** A counter, quota, limit, … as the kernel describes it. `type` determines the keys of `data`. */
export interface StatefulObject
  extends Omit<Attrs, 'table' | 'name' | 'type' | 'userdata'>, Described, Named {
  readonly type: NonNullable<Attrs['type']>;
}

/** An object to add. What the kernel assigns is ignored: handle and use. */
export interface StatefulObjectSpec
  extends
    Omit<AttrsInput, 'table' | 'name' | 'type' | 'userdata'>,
    DescribedInput,
    Named,
    Exclusive {
  readonly type: NonNullable<AttrsInput['type']>;
}

/** Identifies an object: names are unique within a type. */
export interface StatefulObjectName extends Named {
  readonly type: NonNullable<AttrsInput['type']>;
}

type ObjectRequest = Request<NftObject, NftObjectInput>;

export function statefulObject({ family, attrs }: NftObject): StatefulObject {
  const { userdata, ...rest } = attrs;
  return { family, ...rest, ...described(userdata) } as StatefulObject;
}

/**
 * `add counter inet example http`. EEXIST with `exclusive`, ENOENT without the table.
 *
 * @throws CodecError for a wrong argument; NetlinkError EEXIST with `exclusive`, ENOENT without the
 *   table, when it is sent
 */
export const addObject = checkedFunction(
  'addObject',
  'spec: object',
  function addObject(spec: StatefulObjectSpec): ObjectRequest {
    const { family, table, name, type, data = {} } = spec;
    const others = without(
      spec,
      ...(['family', 'table', 'name', 'type', 'data', 'handle', 'use'] as const),
      ...(['comment', 'userdata', 'exclusive'] as const),
    );
    const attrs = { table, name, type, data: askable(data), userdata: userdataOf(spec), ...others };
    const request = { message: nftObject, type: c.NFT_MSG_NEWOBJ, flags: create(spec) };
    return { ...request, value: { family, attrs: attrs as AttrsInput } };
  },
);

/**
 * The kernel lists the options of a tunnel without the nesting flag that it insists on in a
 * request.
 */
function askable(data: NonNullable<AttrsInput['data']>): AttrsInput['data'] {
  const { opts } = data as { opts?: object };
  return opts === undefined ? data : { ...data, opts: without(opts, 'nlaNotes' as never) };
}

/**
 * `delete counter inet example http`. ENOENT if it does not exist, EBUSY while a rule uses it.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, EBUSY while a
 *   rule uses it, when it is sent
 */
export const deleteObject = checkedFunction(
  'deleteObject',
  'spec: object',
  ({ family, table, name, type }: StatefulObjectName): ObjectRequest =>
    named(nftObject, c.NFT_MSG_DELOBJ, { family, table, name, type }),
);

/**
 * `destroy counter inet example http`: deletes it, if it exists. EBUSY while a rule uses it, ENOENT
 * without the table.
 *
 * @throws CodecError for a wrong argument; NetlinkError EINVAL before Linux 6.3, EBUSY while a rule
 *   uses it, ENOENT without the table, when it is sent
 */
export const destroyObject = checkedFunction(
  'destroyObject',
  'spec: object',
  ({ family, table, name, type }: StatefulObjectName): ObjectRequest =>
    named(nftObject, c.NFT_MSG_DESTROYOBJ, { family, table, name, type }),
);

/**
 * Gets one object. ENOENT if it does not exist.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, when it is
 *   sent
 */
export const getObject = checkedFunction(
  'getObject',
  'spec: object',
  ({ family, table, name, type }: StatefulObjectName): ObjectRequest =>
    named(nftObject, c.NFT_MSG_GETOBJ, { family, table, name, type }),
);

/**
 * Lists stateful objects: of a table, of a family or of a type. If the table does not exist, the
 * list is empty.
 *
 * @throws CodecError for a wrong argument
 */
export const listObjects = checkedFunction(
  'listObjects',
  'filter?: object',
  ({ family, table, type }: ObjectFilter = {}): ObjectRequest => ({
    message: nftObject,
    type: c.NFT_MSG_GETOBJ,
    value: { family, attrs: { table, type } },
  }),
);

/** Limits a list of objects to a family, a table or a type. */
export interface ObjectFilter extends Within {
  readonly type?: StatefulObjectSpec['type'] | undefined;
}

/**
 * `reset counters`, `reset quotas`: lists objects, and sets them to zero. Use `dump`: `list`
 * repeats an interrupted dump, and would lose what the first one read.
 *
 * @throws CodecError for a wrong argument
 */
export const resetObjects = checkedFunction(
  'resetObjects',
  'filter?: object',
  ({ family, table, type }: ObjectFilter = {}): ObjectRequest => ({
    message: nftObject,
    type: c.NFT_MSG_GETOBJ_RESET,
    value: { family, attrs: { table, type } },
  }),
);

export interface ObjectVerbs {
  list(filter?: ObjectFilter): StatefulObject[];
  /** ENOENT if it does not exist. */
  get(spec: StatefulObjectName): StatefulObject;
  /** The same, or undefined if it does not exist. */
  find(spec: StatefulObjectName): StatefulObject | undefined;
  /**
   * EEXIST with `exclusive`, ENOENT without the table.
   *
   * @example objects.add({ family: 'inet', table: 'example', type: 'counter', name: 'http' })
   */
  add(spec: StatefulObjectSpec): void;
  /** ENOENT if it does not exist, EBUSY while a rule uses it. */
  delete(spec: StatefulObjectName): void;
  /** The same, if it exists. Since Linux 6.3. */
  destroy(spec: StatefulObjectName): void;
}

export function objects(target: Target): ObjectVerbs {
  return {
    list: (filter) => target.list(listObjects(filter)).map(statefulObject),
    ...reading(target, getObject, statefulObject),
    add: (spec) => target.change(addObject(spec)),
    delete: (spec) => target.change(deleteObject(spec)),
    destroy: (spec) => target.change(destroyObject(spec)),
  };
}
