/** Tables in the terms of nft: the requests, and the verbs that send them. nft(8), TABLES. */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Request } from '../../netlink/connection.ts';
import { described, userdataOf, without, type Described, type DescribedInput } from '../flat.ts';
import * as c from '../messages/constants.ts';
import type { TableFamily } from '../messages/nfgenmsg.ts';
import { create, named, reading, type Exclusive, type Target } from '../target.ts';
import { table, type Table, type TableInput } from './message.ts';

/** Identifies a table. */
export interface TableName {
  readonly family: TableFamily;
  readonly name: string;
}

/** A table as the kernel describes it. */
export interface TableObject
  extends Omit<Table['attrs'], 'name' | 'userdata'>, Described, TableName {}

/** A table to add. What the kernel assigns is ignored: handle, use and owner. */
export interface TableSpec
  extends
    Omit<NonNullable<TableInput['attrs']>, 'name' | 'userdata'>,
    DescribedInput,
    TableName,
    Exclusive {}

export interface TableFilter {
  readonly family?: TableFamily | undefined;
}

type TableRequest = Request<Table, TableInput>;

export function tableObject({ family, attrs }: Table): TableObject {
  const { userdata, ...rest } = attrs;
  return { family, ...rest, ...described(userdata) } as TableObject;
}

/**
 * `add table inet example { comment "…"; }`. EEXIST with `exclusive`.
 *
 * @throws CodecError for a wrong argument; NetlinkError EEXIST with `exclusive`, if the table
 *   exists, when it is sent
 */
export const addTable = checkedFunction(
  'addTable',
  'spec: object',
  function addTable(spec: TableSpec): TableRequest {
    const { family, name, flags = [], comment, userdata, exclusive, ...others } = spec;
    const attrs = {
      name,
      flags,
      userdata: userdataOf({ comment, userdata }),
      ...without(others, 'handle', 'use', 'owner'),
    };
    const request = { message: table, type: c.NFT_MSG_NEWTABLE, flags: create({ exclusive }) };
    return { ...request, value: { family, attrs } };
  },
);

/**
 * `delete table inet example`, with everything in it. ENOENT if it does not exist.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, when it is
 *   sent
 */
export const deleteTable = checkedFunction(
  'deleteTable',
  'spec: object',
  ({ family, name }: TableName): TableRequest => named(table, c.NFT_MSG_DELTABLE, { family, name }),
);

/**
 * `destroy table inet example`: deletes it with everything in it, if it exists.
 *
 * @throws CodecError for a wrong argument; NetlinkError EINVAL before Linux 6.3, when it is sent
 */
export const destroyTable = checkedFunction(
  'destroyTable',
  'spec: object',
  ({ family, name }: TableName): TableRequest =>
    named(table, c.NFT_MSG_DESTROYTABLE, { family, name }),
);

/**
 * Gets one table. ENOENT if it does not exist.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, when it is
 *   sent
 */
export const getTable = checkedFunction(
  'getTable',
  'spec: object',
  ({ family, name }: TableName): TableRequest => named(table, c.NFT_MSG_GETTABLE, { family, name }),
);

/**
 * Lists tables. The kernel lists all tables of a family.
 *
 * @throws CodecError for a wrong argument
 */
export const listTables = checkedFunction(
  'listTables',
  'filter?: object',
  ({ family }: TableFilter = {}): TableRequest => ({
    message: table,
    type: c.NFT_MSG_GETTABLE,
    value: { family },
  }),
);

export interface TableVerbs {
  list(filter?: TableFilter): TableObject[];
  /** ENOENT if it does not exist. */
  get(spec: TableName): TableObject;
  /** The same, or undefined if it does not exist. */
  find(spec: TableName): TableObject | undefined;
  /** EEXIST with `exclusive`; without, adding a table that exists changes nothing. */
  add(spec: TableSpec): void;
  /** Deletes a table with everything in it. ENOENT if it does not exist. */
  delete(spec: TableName): void;
  /** The same, if it exists. Since Linux 6.3. */
  destroy(spec: TableName): void;
}

export function tables(target: Target): TableVerbs {
  return {
    list: (filter) => target.list(listTables(filter)).map(tableObject),
    ...reading(target, getTable, tableObject),
    add: (spec) => target.change(addTable(spec)),
    delete: (spec) => target.change(deleteTable(spec)),
    destroy: (spec) => target.change(destroyTable(spec)),
  };
}
