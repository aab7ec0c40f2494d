/**
 * Rules of policy routing in the terms of `ip rule`: the requests, and the verbs that send them.
 * ip-rule(8).
 *
 * A rule is a flat object here, and prefixes are text: `192.0.2.0/24`; a rule without one matches
 * all packets.
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { DumpIterator, Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.ts';
import { EEXIST } from '../../sys/errno.ts';
import { familyOfArgument } from '../addr/verbs.ts';
import { RTM_DELRULE, RTM_GETRULE, RTM_NEWRULE } from '../constants.ts';
import { unlessRefused, type Done, type Ensured, type Target } from '../dev.ts';
import { splitRoute } from '../route/verbs.ts';
import { rule, type Rule, type RuleInput } from './message.ts';

/** A rule as the kernel describes it. A priority of 0, that of the first rule, is missing. */
export interface RuleObject
  extends
    Omit<Rule, 'attrs' | 'dstLen' | 'srcLen' | 'table'>,
    Omit<Rule['attrs'], 'dst' | 'src' | 'table'> {
  readonly table: NonNullable<Rule['attrs']['table']> | Rule['table'];
  readonly dst?: string;
  readonly src?: string;
}

/**
 * A rule to add. The family follows from the prefixes and defaults to IPv4. The rule looks up
 * `table`, by default main, unless `action` is given. `flags: ['invert']` is `not` of ip-rule(8).
 */
export interface RuleSpec
  extends
    Omit<RuleInput, 'attrs' | 'dstLen' | 'srcLen' | 'table'>,
    Omit<NonNullable<RuleInput['attrs']>, 'dst' | 'src'> {
  readonly dst?: string | undefined;
  readonly src?: string | undefined;
}
/** A rule that is identified by its priority. */
export interface EnsuredRuleSpec extends RuleSpec {
  readonly priority: number;
}

const HEAD = ['family', 'tos', 'action', 'flags'];

export function ruleObject({ attrs, dstLen, srcLen, table, ...head }: Rule): RuleObject {
  const { dst, src, ...rest } = attrs;
  return {
    ...head,
    ...rest,
    table: attrs.table ?? table,
    ...(dst === undefined ? {} : { dst: `${dst}/${dstLen}` }),
    ...(src === undefined ? {} : { src: `${src}/${srcLen}` }),
  };
}

function ruleMessage({ dst, src, ...spec }: RuleSpec, defaults: Partial<RuleInput>): RuleInput {
  const head: Record<string, unknown> = {};
  const attrs: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(spec)) {
    if (value !== undefined) (HEAD.includes(key) ? head : attrs)[key] = value;
  }
  const [to, dstLen] = splitRoute(dst ?? 'default');
  const [from, srcLen] = splitRoute(src ?? 'default');
  const looksUp = (spec.action ?? defaults.action) === 'to_tbl' && spec.l3mdev !== true;
  return {
    family: familyOfArgument(to ?? from ?? ''),
    ...defaults,
    table: looksUp && spec.table === undefined ? 'main' : 'unspec',
    ...head,
    dstLen,
    srcLen,
    attrs: { dst: to, src: from, ...attrs },
  } as RuleInput;
}

type RuleRequest = Request<Rule, RuleInput>;

/**
 * Adds a rule. EEXIST if the same one exists. Without a priority it comes before all but the rule
 * for local routes.
 *
 * @throws CodecError for a `src` or `dst` that is not a prefix; NetlinkError EEXIST if the same one
 *   exists, when it is sent
 */
export const addRule = checkedFunction(
  'addRule',
  'spec: object',
  (spec: RuleSpec): RuleRequest => ({
    message: rule,
    type: RTM_NEWRULE,
    flags: NLM_F_CREATE | NLM_F_EXCL,
    value: ruleMessage(spec, { action: 'to_tbl' }),
  }),
);

/**
 * Deletes the first rule that matches the spec. ENOENT if there is none.
 *
 * @throws CodecError for a `src` or `dst` that is not a prefix; NetlinkError ENOENT if there is
 *   none, when it is sent
 */
export const deleteRule = checkedFunction(
  'deleteRule',
  'spec: object',
  (spec: RuleSpec): RuleRequest => ({
    message: rule,
    type: RTM_DELRULE,
    value: ruleMessage(spec, { action: 'unspec' }),
  }),
);

/** Filters a list in the kernel. */
export interface RuleFilter {
  readonly family?: 'inet' | 'inet6' | undefined;
}

/**
 * Lists rules in the order of evaluation.
 *
 * @throws CodecError for a wrong argument
 */
export const listRules = checkedFunction(
  'listRules',
  'filter?: object',
  ({ family }: RuleFilter = {}): RuleRequest => ({
    message: rule,
    type: RTM_GETRULE,
    value: { family },
  }),
);

export interface RuleVerbs extends BatchRuleVerbs {
  /**
   * Ensures that the rule exists, once. It needs a priority: without one, each rule is different.
   */
  ensure(spec: EnsuredRuleSpec): Ensured;
}

/** The verbs for a batch. `ensure` needs an answer before it can continue. */
export interface BatchRuleVerbs {
  /** In the order of evaluation, one family after the other. */
  list(filter?: RuleFilter): RuleObject[];
  /** The same, one by one, without holding all of them in memory; see `Connection.dump`. */
  dump(filter?: RuleFilter): DumpIterator<RuleObject>;
  /**
   * Adds a rule. EEXIST if the same one exists.
   *
   * @example rules.add({ src: '192.0.2.0/24', fwmark: 1, table: 100, priority: 1000 })
   */
  add(spec: RuleSpec): Done;
  /** Deletes the first rule that matches the spec. ENOENT if there is none. */
  delete(spec: RuleSpec): Done;
}

export function rules(target: Target): RuleVerbs {
  return {
    list: (filter) => target.list(listRules(filter)).map(ruleObject),
    dump: (filter) => target.dump(listRules(filter), { as: ruleObject }),
    add: (spec) => target.request(addRule(spec)),
    ensure(spec) {
      const created = unlessRefused(() => target.request(addRule(spec)), EEXIST);
      return { created: created !== undefined, ...created };
    },
    delete: (spec) => target.request(deleteRule(spec)),
  };
}
