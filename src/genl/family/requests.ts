/** Families in the terms of `genl ctrl`: the flat objects, and the requests for them. */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Request } from '../../netlink/connection.ts';
import { GENL_ID_CTRL } from '../constants.ts';
import { family, nlctrl, type Family, type FamilyInput } from './message.ts';

/** A command of a family, by its number, and what it can do. */
export type FamilyOp = NonNullable<Family['attrs']['ops']>[number];
/** A multicast group of a family. */
export interface FamilyGroup {
  readonly id: number;
  readonly name: string;
}

/** A family as the controller describes it. */
export interface FamilyObject {
  readonly id: number;
  readonly name: string;
  readonly version: number;
  /** Bytes of the family's own header, after `struct genlmsghdr`. */
  readonly hdrsize: number;
  /** The largest attribute; 0 if each command has its own. */
  readonly maxattr: number;
  readonly ops: readonly FamilyOp[];
  readonly groups: readonly FamilyGroup[];
}

/** How the kernel checks one attribute: its number, its type and its limits. */
export type AttributePolicy = {
  readonly id: number;
} & NonNullable<Family['attrs']['policy']>[number]['value'][number]['value'];

/** The policies of a family. */
export interface FamilyPolicy {
  /** By the number of the command: the index of the policy of its requests, and of its dumps. */
  readonly ops: readonly { readonly id: number; readonly do?: number; readonly dump?: number }[];
  /** Attributes of each policy; `policyIdx` of a nested attribute is an index of this array. */
  readonly policies: readonly (readonly AttributePolicy[])[];
}

type FamilyRequest = Request<Family, FamilyInput>;

const request = (
  cmd: 'CTRL_CMD_GETFAMILY' | 'CTRL_CMD_GETPOLICY',
  attrs?: FamilyInput['attrs'],
): FamilyRequest => ({
  message: family,
  type: GENL_ID_CTRL,
  value: { cmd, version: nlctrl.version, attrs },
});

const named = (name: string | number): FamilyInput['attrs'] =>
  typeof name === 'number' ? { familyId: name } : { familyName: name };

/**
 * Gets a family by name or id. By name, the kernel loads its module if it can. ENOENT if it does
 * not exist.
 *
 * @throws CodecError if `name` is neither text nor a number; NetlinkError ENOENT if it does not
 *   exist, when it is sent
 */
export const getFamily = checkedFunction(
  'getFamily',
  'name: string | number',
  (name: string | number): FamilyRequest => request('CTRL_CMD_GETFAMILY', named(name)),
);

/** Lists all families. */
export const listFamilies = (): FamilyRequest => request('CTRL_CMD_GETFAMILY');

/**
 * Lists the policies of a family, of one command or of all.
 *
 * @throws CodecError if `name` is neither text nor a number
 */
export const listPolicies = checkedFunction(
  'listPolicies',
  'name: string | number, command?: number',
  (name: string | number, command?: number): FamilyRequest =>
    request('CTRL_CMD_GETPOLICY', { ...named(name), op: command }),
);

export const familyObject = ({ attrs: a }: Family): FamilyObject => ({
  id: a.familyId ?? 0,
  name: a.familyName ?? '',
  version: a.version ?? 0,
  hdrsize: a.hdrsize ?? 0,
  maxattr: a.maxattr ?? 0,
  ops: a.ops ?? [],
  groups: (a.mcastGroups ?? []).map(({ id = 0, name = '' }) => ({ id, name })),
});

/** `NL_POLICY_TYPE_ATTR_PAD`, which aligns the 64-bit limits, and depends on their position. */
const withoutPadding = <V extends object>(limits: V): V =>
  Object.fromEntries(Object.entries(limits).filter(([key]) => !/^nla11\b/.test(key))) as V;

/** The parts of a policy dump, each of which has one command or one attribute, as one object. */
export function policyObject(parts: readonly Family[]): FamilyPolicy {
  const ops: FamilyPolicy['ops'][number][] = [];
  const policies: AttributePolicy[][] = [];
  for (const { attrs } of parts) {
    for (const { id, value } of attrs.opPolicy ?? []) ops.push({ id, ...value });
    for (const { id: index, value } of attrs.policy ?? []) {
      for (const { id, value: limits } of value) {
        (policies[index] ??= []).push({ id, ...withoutPadding(limits) });
      }
    }
  }
  // A policy that describes no attribute has no part.
  for (let i = 0; i < policies.length; i++) policies[i] ??= [];
  return { ops, policies };
}
