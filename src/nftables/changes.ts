/**
 * Changes to the ruleset in nft's terms, as requests for a transaction (`transaction.ts`). Adding
 * something that exists is not an error unless `exclusive` is set.
 *
 * nft(8); the functions are named after its commands.
 */
import { checkedFunction } from '../netlink/codec/arguments.ts';
import { toHex } from '../netlink/codec/bytes.ts';
import type { Request } from '../netlink/connection.ts';
import { NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from '../netlink/constants.ts';
import type { Word } from '../netlink/codec/enums.ts';
import { CodecError } from '../errors.ts';
import { chain as chainMessage, type ChainInput } from './messages/chain.ts';
import * as c from './messages/constants.ts';
import { concatenation, isHostOrder, lengthOf, type DataTypeName } from './messages/data-type.ts';
import { element as elementMessage, type SetElementInput } from './messages/element.ts';
import type { ExpressionInput } from './messages/expression.ts';
import { hookNumber, priorityNumber, type HookName, type PriorityName } from './messages/hook.ts';
import { key, type KeyField } from './messages/key.ts';
import type { TableFamily } from './messages/nfgenmsg.ts';
import { nftRule } from './messages/rule.ts';
import { nftSet, type NftSetInput } from './messages/set.ts';
import { table as tableMessage } from './messages/table.ts';
import type { Userdata } from './messages/userdata.ts';

/** Identifies a table. */
export interface InTable {
  readonly family: TableFamily;
  readonly table: string;
}
export interface InChain extends InTable {
  readonly chain: string;
}
export interface InSet extends InTable {
  readonly set: string;
}
interface Described {
  readonly comment?: string | undefined;
  /** Fail with EEXIST if it exists already. */
  readonly exclusive?: boolean | undefined;
}

const create = ({ exclusive }: Described): number =>
  NLM_F_CREATE | (exclusive === true ? NLM_F_EXCL : 0);
const userdata = (comment: string | undefined): { comment: string } | undefined =>
  comment === undefined ? undefined : { comment };

/** `add table inet example { comment "…"; }`. EEXIST with `exclusive`. */
export const addTable = checkedFunction(
  'addTable',
  'spec: object',
  (spec: InTable & Described): Request => ({
    message: tableMessage,
    type: c.NFT_MSG_NEWTABLE,
    flags: create(spec),
    value: {
      family: spec.family,
      attrs: { name: spec.table, flags: [], userdata: userdata(spec.comment) },
    },
  }),
);

/** `delete table inet example`, with everything in it. ENOENT if it does not exist. */
export const deleteTable = checkedFunction(
  'deleteTable',
  'spec: object',
  ({ family, table }: InTable): Request => ({
    message: tableMessage,
    type: c.NFT_MSG_DELTABLE,
    value: { family, attrs: { name: table } },
  }),
);

/** A base chain if it has a hook. */
export interface ChainSpec extends InChain, Described {
  readonly type?: 'filter' | 'nat' | 'route' | undefined;
  readonly hook?: HookName | undefined;
  readonly priority?: Word<PriorityName> | undefined;
  readonly policy?: 'accept' | 'drop' | undefined;
  /** The interfaces of a netdev chain. */
  readonly devices?: readonly string[] | undefined;
}

/**
 * `add chain inet example postrouting { type nat hook postrouting priority srcnat; }`. EEXIST with
 * `exclusive`, ENOENT without the table.
 *
 * @throws CodecError for a hook or a priority that the family does not have
 */
export const addChain = checkedFunction(
  'addChain',
  'spec: object',
  function addChain(spec: ChainSpec): Request {
    const { family, table, chain, hook, devices } = spec;
    const base: ChainInput['attrs'] =
      hook === undefined
        ? {}
        : {
            type: spec.type ?? 'filter',
            hook: {
              hooknum: hookNumber(family, hook),
              priority: priorityNumber(family, hook, spec.priority ?? 'filter'),
              devs: devices === undefined ? undefined : { name: devices },
            },
          };
    const attrs = {
      table,
      name: chain,
      ...base,
      policy: spec.policy,
      userdata: userdata(spec.comment),
    };
    return {
      message: chainMessage,
      type: c.NFT_MSG_NEWCHAIN,
      flags: create(spec),
      value: { family, attrs },
    };
  },
);

/**
 * `delete chain inet example postrouting`, with its rules. EBUSY while another rule or an element
 * jumps to it.
 */
export const deleteChain = checkedFunction(
  'deleteChain',
  'spec: object',
  ({ family, table, chain }: InChain): Request => ({
    message: chainMessage,
    type: c.NFT_MSG_DELCHAIN,
    value: { family, attrs: { table, name: chain } },
  }),
);

export interface RuleSpec extends InChain {
  /** From `match.ts` and `statement.ts`, by `rule(family, …)`. */
  readonly expressions: readonly ExpressionInput[];
  readonly comment?: string | undefined;
  /**
   * Insert before all others, or before the rule with the handle `position`, instead of appending.
   */
  readonly insert?: boolean | undefined;
  readonly position?: bigint | undefined;
}

/**
 * `add rule inet example postrouting ip saddr @hosts masquerade`. ENOENT if the chain, or a set it
 * refers to, does not exist.
 */
export const addRule = checkedFunction('addRule', 'spec: object', (spec: RuleSpec): Request => ({
  message: nftRule,
  type: c.NFT_MSG_NEWRULE,
  flags: NLM_F_CREATE | (spec.insert === true ? 0 : NLM_F_APPEND),
  value: {
    family: spec.family,
    attrs: {
      table: spec.table,
      chain: spec.chain,
      position: spec.position,
      expressions: spec.expressions,
      userdata: userdata(spec.comment),
    },
  },
}));

/** `delete rule inet example postrouting handle 4`. ENOENT if it does not exist. */
export const deleteRule = checkedFunction(
  'deleteRule',
  'spec: object',
  ({ family, table, chain, handle }: InChain & { handle: bigint }): Request => ({
    message: nftRule,
    type: c.NFT_MSG_DELRULE,
    value: { family, attrs: { table, chain, handle } },
  }),
);

/** `flush chain inet example postrouting`: deletes all its rules. */
export const flushChain = checkedFunction(
  'flushChain',
  'spec: object',
  ({ family, table, chain }: InChain): Request => ({
    message: nftRule,
    type: c.NFT_MSG_DELRULE,
    value: { family, attrs: { table, chain } },
  }),
);

export interface SetSpec extends InSet, Described {
  /** Several types make a concatenation. */
  readonly type: DataTypeName | readonly DataTypeName[];
  readonly flags?: readonly ('interval' | 'constant' | 'timeout' | 'dynamic')[] | undefined;
  /** The type of a map's values. */
  readonly data?: DataTypeName | undefined;
  readonly size?: number | undefined;
  /** In milliseconds. */
  readonly timeout?: bigint | undefined;
}

/**
 * `add set inet example hosts { type ipv4_addr; }`. EEXIST with `exclusive`, ENOENT without the
 * table.
 */
export const addSet = checkedFunction(
  'addSet',
  'spec: object',
  function addSet(spec: SetSpec): Request {
    const fields = typeof spec.type === 'string' ? [spec.type] : spec.type;
    const lengths = fields.map(lengthOf);
    // Without ranges the kernel sees a concatenation as one long key and refuses its fields.
    const concat = fields.length > 1 && spec.flags?.includes('interval') === true;
    const flags = [
      ...(spec.flags ?? []),
      ...(spec.data === undefined ? [] : (['map'] as const)),
      ...(concat ? (['concat'] as const) : []),
    ];
    const attrs: NonNullable<NftSetInput['attrs']> = {
      table: spec.table,
      name: spec.set,
      flags,
      keyType: concatenation(...fields),
      keyLen: key(...lengths.map((length) => new Uint8Array(length))).length,
      ...(spec.data === undefined ? {} : { dataType: spec.data, dataLen: lengthOf(spec.data) }),
      desc: {
        size: spec.size,
        concat: concat ? lengths.map((len) => ({ len })) : undefined,
      },
      // The kernel requires a number, although sets are found by name within a transaction too.
      id: 1,
      timeout: spec.timeout,
      userdata: setNotes(spec, fields),
    };
    return {
      message: nftSet,
      type: c.NFT_MSG_NEWSET,
      flags: create(spec),
      value: { family: spec.family, attrs },
    };
  },
);

/** `BYTEORDER_HOST_ENDIAN` of nft, include/datatype.h: without it, nft assumes network order. */
const HOST_ENDIAN = 1;

function setNotes(
  { data, comment }: SetSpec,
  fields: readonly DataTypeName[],
): Userdata | undefined {
  const notes: Userdata = {};
  if (fields.length === 1 && isHostOrder(fields[0]!)) notes.keyByteorder = HOST_ENDIAN;
  if (data !== undefined && isHostOrder(data)) notes.dataByteorder = HOST_ENDIAN;
  if (comment !== undefined) notes.comment = comment;
  return Object.keys(notes).length === 0 ? undefined : notes;
}

/** `delete set inet example hosts`. EBUSY while a rule looks it up. */
export const deleteSet = checkedFunction(
  'deleteSet',
  'spec: object',
  ({ family, table, set }: InSet): Request => ({
    message: nftSet,
    type: c.NFT_MSG_DELSET,
    value: { family, attrs: { table, name: set } },
  }),
);

export interface ElementSpec {
  /**
   * One field, or the fields of a concatenation. In a set of ranges all numbers are in network
   * order.
   */
  readonly key: KeyField | readonly KeyField[];
  /** The last key of a range, in the form of `key`. */
  readonly keyEnd?: KeyField | readonly KeyField[] | undefined;
  readonly data?: SetElementInput['data'];
  /** In milliseconds. */
  readonly timeout?: bigint | undefined;
  readonly comment?: string | undefined;
}

const elements = (type: number, flags: number, spec: InSet & Partial<ElementsSpec>): Request => ({
  message: elementMessage,
  type,
  flags,
  value: {
    family: spec.family,
    attrs: {
      table: spec.table,
      set: spec.set,
      elements: spec.elements?.flatMap((each) => elementInputs(each, spec.flags)),
    },
  },
});

const bytesOfKey = (fields: KeyField | readonly KeyField[]): Uint8Array =>
  Array.isArray(fields) ? key(...(fields as readonly KeyField[])) : key(fields as KeyField);

/**
 * A range in a concatenation is one element. With a single field it is two: the second is the first
 * key outside.
 */
function elementInputs(spec: ElementSpec, flags: SetSpec['flags']): SetElementInput[] {
  const first = bytesOfKey(spec.key);
  const last = spec.keyEnd === undefined ? first : bytesOfKey(spec.keyEnd);
  const element = {
    key: { value: first },
    data: spec.data,
    timeout: spec.timeout,
    userdata: userdata(spec.comment),
  };
  const keyEnd = spec.keyEnd === undefined ? undefined : { value: last };
  if (Array.isArray(spec.key) && spec.key.length > 1) return [{ ...element, keyEnd }];
  if (keyEnd === undefined && flags?.includes('interval') !== true) return [element];
  if (toHex(last) < toHex(first)) throw new CodecError('keyEnd: the range ends before its start');
  const outside = keyAfter(last);
  if (outside === undefined) return [element];
  return [element, { key: { value: outside }, flags: ['interval-end'] }];
}

/** The next key; undefined after the last possible one, where a range needs no end. */
function keyAfter(key: Uint8Array): Uint8Array | undefined {
  const next = key.slice();
  let at = next.length - 1;
  while (at >= 0 && next[at] === 0xff) next[at--] = 0;
  if (at < 0) return undefined;
  next[at]!++;
  return next;
}

export interface ElementsSpec extends InSet {
  readonly elements: readonly ElementSpec[];
  /**
   * The flags of the set. With `interval`, a key without `keyEnd` is a range of one; without the
   * flag here, only the next element ends it.
   */
  readonly flags?: SetSpec['flags'];
}

/**
 * `add element inet example hosts { 192.0.2.1 comment "…" }`. An existing element keeps its
 * comment. EEXIST with `exclusive`, ENOENT without the set.
 *
 * @throws CodecError for a key that cannot be encoded, or a range whose end precedes its start
 */
export const addElements = checkedFunction(
  'addElements',
  'spec: object',
  (spec: ElementsSpec & { readonly exclusive?: boolean }): Request =>
    elements(c.NFT_MSG_NEWSETELEM, create(spec), spec),
);

/**
 * `delete element inet example hosts { 192.0.2.1 }`. ENOENT if an element does not exist.
 *
 * @throws CodecError for a key that cannot be encoded
 */
export const deleteElements = checkedFunction(
  'deleteElements',
  'spec: object',
  (spec: ElementsSpec): Request => elements(c.NFT_MSG_DELSETELEM, 0, spec),
);

/** `flush set inet example hosts`: deletes all its elements. */
export const flushSet = checkedFunction(
  'flushSet',
  'spec: object',
  ({ family, table, set }: InSet): Request =>
    elements(c.NFT_MSG_DELSETELEM, 0, { family, table, set }),
);
