/** Policies in the terms of `ip xfrm policy`: the flat objects, and the requests for them. */
import { familyOf } from '../../ip.ts';
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Input } from '../../netlink/codec/codec.ts';
import type { Request } from '../../netlink/connection.ts';
import { CodecError } from '../../errors.ts';
import { inFamily } from '../address.ts';
import * as c from '../constants.ts';
import {
  lifetimeMessage,
  lifetimeObject,
  type LifetimeObject,
  type LifetimeSpec,
} from '../lifetime.ts';
import {
  selectorMessage,
  selectorObject,
  type SelectorObject,
  type SelectorSpec,
} from '../selector.ts';
import type { userMigrate, userTmpl } from '../structs.ts';
import {
  migrate,
  policy,
  policyDefault,
  policyFlush,
  policyId,
  policyList,
  type Migrate,
  type MigrateInput,
  type Policy,
  type PolicyDefault,
  type PolicyDefaultInput,
  type PolicyFlush,
  type PolicyFlushInput,
  type PolicyId,
  type PolicyIdInput,
  type PolicyInput,
  type PolicyListInput,
} from './message.ts';

type Attrs = Policy['attrs'];
type AttrsInput = NonNullable<PolicyInput['attrs']>;
type Tmpl = NonNullable<Attrs['tmpl']>[number];
export type PolicyType = NonNullable<Attrs['policyType']>['type'];

/** A transformation that a policy requires. */
export interface TmplObject {
  readonly src: string;
  readonly dst: string;
  readonly proto: Tmpl['id']['proto'];
  /** 0 for any. */
  readonly spi: number;
  readonly reqid: number;
  readonly mode: Tmpl['mode'];
  readonly share: Tmpl['share'];
  readonly level: 'required' | 'use';
  /** Algorithms that are allowed, as bits. */
  readonly aalgos: number;
  readonly ealgos: number;
  readonly calgos: number;
}

export type TmplSpec = Partial<TmplObject> & Pick<TmplObject, 'proto'>;

/** Keys that only other messages have, or that have another form here. */
type Alien = 'tmpl' | 'policyType' | 'sa' | 'policy' | 'migrate' | 'proto' | 'addressFilter';

/** A policy as the kernel describes it. */
export interface PolicyObject extends Omit<Attrs, Alien> {
  readonly dir: Policy['dir'];
  readonly sel: SelectorObject;
  readonly family: Policy['sel']['family'];
  readonly action: Policy['action'];
  readonly priority: number;
  readonly index: number;
  readonly ptype: PolicyType;
  readonly flags: Policy['flags'];
  readonly share: Policy['share'];
  readonly lft: LifetimeObject;
  readonly curlft: Policy['curlft'];
  readonly tmpl: readonly TmplObject[];
}

/** A policy to add or change; `action` is `allow` by default. */
export interface PolicySpec extends Omit<AttrsInput, Alien> {
  readonly dir: Policy['dir'];
  readonly sel: SelectorSpec;
  readonly action?: Policy['action'] | undefined;
  readonly priority?: number | undefined;
  readonly index?: number | undefined;
  readonly ptype?: PolicyType | undefined;
  readonly flags?: Policy['flags'] | undefined;
  readonly share?: Policy['share'] | undefined;
  readonly lft?: LifetimeSpec | undefined;
  readonly tmpl?: readonly TmplSpec[] | undefined;
}

/** Identifies a policy, by its direction and selector or index. */
export type PolicyName = {
  readonly dir: Policy['dir'];
  readonly ptype?: PolicyType | undefined;
  readonly mark?: AttrsInput['mark'];
  readonly ifId?: number | undefined;
} & (
  | { readonly sel: SelectorSpec; readonly index?: undefined }
  | { readonly index: number; readonly sel?: undefined }
);

/** Keys that must be equal. */
export interface PolicyFilter {
  readonly dir?: Policy['dir'] | undefined;
  readonly action?: Policy['action'] | undefined;
  readonly priority?: number | undefined;
  readonly index?: number | undefined;
}

/** What happens to packets without a policy. */
export type PolicyDefaults = {
  readonly [K in 'in' | 'fwd' | 'out']: Exclude<PolicyDefault['in'], never>;
};

const tmplObject = ({ id, family, saddr, optional, ...rest }: Tmpl): TmplObject => {
  const { reqid, mode, share, aalgos, ealgos, calgos } = rest;
  return {
    src: inFamily(saddr, family),
    dst: inFamily(id.daddr, family),
    proto: id.proto,
    spi: id.spi,
    reqid,
    mode,
    share,
    level: optional === 0 ? 'required' : 'use',
    aalgos,
    ealgos,
    calgos,
  };
};

const ALL = 0xffff_ffff;

function tmplMessage(spec: TmplSpec, family: Policy['sel']['family']): Input<typeof userTmpl> {
  const { src, dst, proto, spi, reqid, mode, share, level } = spec;
  const address = dst ?? src;
  return {
    id: { daddr: dst, spi, proto },
    family: address === undefined ? family : familyOf(address),
    saddr: src,
    reqid,
    mode,
    share,
    optional: level === 'use' ? 1 : 0,
    aalgos: spec.aalgos ?? ALL,
    ealgos: spec.ealgos ?? ALL,
    calgos: spec.calgos ?? ALL,
  };
}

export function policyObject({ sel, lft, curlft, attrs, ...rest }: Policy): PolicyObject {
  const { tmpl = [], policyType, ...others } = attrs;
  const { dir, action, priority, index, flags, share } = rest;
  return {
    dir,
    sel: selectorObject(sel),
    family: sel.family,
    action,
    priority,
    index,
    ptype: policyType?.type ?? 'main',
    flags,
    share,
    lft: lifetimeObject(lft),
    curlft,
    tmpl: tmpl.map(tmplObject),
    ...others,
  };
}

/** What the kernel reports about a policy, but does not accept. */
const TOLD = ['family', 'curlft', 'lastused'];

const typeOf = (ptype: PolicyType | undefined) =>
  ptype === undefined || ptype === 'main' ? undefined : { type: ptype };

function change(type: number, spec: PolicySpec): Request<Policy, PolicyInput> {
  const { dir, sel, action, priority, index, ptype, flags, share, lft, tmpl, ...rest } = spec;
  const selector = selectorMessage(sel, 'inet');
  const others = Object.entries(rest).filter(([key]) => !TOLD.includes(key));
  const wanted = tmpl?.map((each) => tmplMessage(each, selector.family!));
  return {
    message: policy,
    type,
    value: {
      sel: selector,
      lft: lifetimeMessage(lft),
      priority,
      index,
      dir,
      action,
      flags,
      share,
      attrs: {
        ...Object.fromEntries(others),
        tmpl: wanted !== undefined && wanted.length > 0 ? wanted : undefined,
        policyType: typeOf(ptype),
      },
    },
  };
}

/**
 * Adds a policy. EEXIST if there is one with this direction and selector.
 *
 * @throws CodecError for prefixes of two families; NetlinkError EEXIST if there is one with this
 *   direction and selector, when it is sent
 */
export const addPolicy = checkedFunction('addPolicy', 'spec: object', (spec: PolicySpec) =>
  change(c.XFRM_MSG_NEWPOLICY, spec),
);

/**
 * Adds a policy, or replaces the one with this direction and selector.
 *
 * @throws CodecError for prefixes of two families
 */
export const replacePolicy = checkedFunction('replacePolicy', 'spec: object', (spec: PolicySpec) =>
  change(c.XFRM_MSG_UPDPOLICY, spec),
);

function named(
  type: number,
  { dir, sel, index, ptype, mark, ifId }: PolicyName,
): Request<PolicyId, PolicyIdInput> {
  if (sel === undefined && index === undefined) {
    throw new CodecError('a policy is identified by sel or index');
  }
  return {
    message: policyId,
    type,
    value: {
      sel: sel && selectorMessage(sel, 'inet'),
      index,
      dir,
      attrs: { policyType: typeOf(ptype), mark, ifId },
    },
  };
}

/**
 * Gets a policy. ENOENT if it does not exist.
 *
 * @throws CodecError for a name without `sel` and `index`; NetlinkError ENOENT if it does not
 *   exist, when it is sent
 */
export const getPolicy = checkedFunction(
  'getPolicy',
  'name: object',
  (name: PolicyName) =>
    named(c.XFRM_MSG_GETPOLICY, name) as unknown as Request<Policy, PolicyIdInput>,
);

/**
 * Deletes a policy. ENOENT if it does not exist.
 *
 * @throws CodecError for a name without `sel` and `index`; NetlinkError ENOENT if it does not
 *   exist, when it is sent
 */
export const deletePolicy = checkedFunction('deletePolicy', 'name: object', (name: PolicyName) =>
  named(c.XFRM_MSG_DELPOLICY, name),
);

/**
 * Lists all policies, including those of sockets; `policies.list` applies the filter.
 *
 * @throws CodecError for a `filter` that is not an object
 */
export const listPolicies = checkedFunction(
  'listPolicies',
  'filter?: object',
  (_filter: PolicyFilter = {}): Request<Policy, PolicyListInput> =>
    ({ message: policyList, type: c.XFRM_MSG_GETPOLICY, value: {} }) as unknown as Request<
      Policy,
      PolicyListInput
    >,
);

/**
 * Deletes all policies of a type.
 *
 * @throws CodecError for a `ptype` of the wrong type
 */
export const flushPolicies = checkedFunction(
  'flushPolicies',
  'ptype?: string | number',
  (ptype?: PolicyType): Request<PolicyFlush, PolicyFlushInput> => ({
    message: policyFlush,
    type: c.XFRM_MSG_FLUSHPOLICY,
    value: { attrs: { policyType: typeOf(ptype) } },
  }),
);

/** Gets what happens to packets without a policy. */
export const getPolicyDefault = (): Request<PolicyDefault, PolicyDefaultInput> => ({
  message: policyDefault,
  type: c.XFRM_MSG_GETDEFAULT,
  value: {},
});

/**
 * Sets what happens to packets without a policy, in the given directions.
 *
 * @throws CodecError for a `spec` that is not an object
 */
export const setPolicyDefault = checkedFunction(
  'setPolicyDefault',
  'spec: object',
  (spec: Partial<PolicyDefaults>): Request<PolicyDefault, PolicyDefaultInput> => ({
    message: policyDefault,
    type: c.XFRM_MSG_SETDEFAULT,
    value: { in: spec.in, fwd: spec.fwd, out: spec.out },
  }),
);

/** The addresses of a policy's states that change. */
export interface MigrationSpec {
  readonly oldSrc: string;
  readonly oldDst: string;
  readonly newSrc: string;
  readonly newDst: string;
  readonly proto: Tmpl['id']['proto'];
  readonly mode?: Tmpl['mode'] | undefined;
  readonly reqid?: number | undefined;
}

/**
 * Moves a policy and its states to other addresses. Needs a kernel with CONFIG_XFRM_MIGRATE.
 *
 * @throws CodecError for a `name` without a selector
 */
export const migratePolicy = checkedFunction(
  'migratePolicy',
  'name: object, migrations: array',
  (
    { dir, sel, ptype, ifId }: PolicyName,
    migrations: readonly MigrationSpec[],
  ): Request<Migrate, MigrateInput> => {
    if (sel === undefined) throw new CodecError('migratePolicy: the policy is identified by sel');
    const each = (migration: MigrationSpec): Input<typeof userMigrate> => ({
      oldDaddr: migration.oldDst,
      oldSaddr: migration.oldSrc,
      newDaddr: migration.newDst,
      newSaddr: migration.newSrc,
      proto: migration.proto,
      mode: migration.mode ?? 'tunnel',
      reqid: migration.reqid,
      oldFamily: familyOf(migration.oldDst),
      newFamily: familyOf(migration.newDst),
    });
    return {
      message: migrate,
      type: c.XFRM_MSG_MIGRATE,
      value: {
        sel: selectorMessage(sel, 'inet'),
        dir,
        attrs: { policyType: typeOf(ptype), migrate: migrations.map(each), ifId },
      },
    };
  },
);
