/**
 * Rules of policy routing in the words of `ip rule`: the requests, and the verbs that send them. ip-rule(8).
 *
 * Here a rule is flat, and prefixes are text: `192.0.2.0/24`; a rule without one is for all packets.
 */
import type { DumpIterator, Request } from '../../netlink/connection.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../netlink/constants.ts';
import { EEXIST } from '../../sys/errno.ts';
import { familyOfArgument } from '../addr/verbs.ts';
import { RTM_DELRULE, RTM_GETRULE, RTM_NEWRULE } from '../constants.ts';
import { unlessRefused, type Done, type Ensured, type Target } from '../dev.ts';
import { splitRoute } from '../route/verbs.ts';
import { rule, type Rule, type RuleInput } from './message.ts';

/** A rule as the kernel describes it. `priority` is missing in the first one, where it is 0. */
export interface RuleObject
  extends
    Omit<Rule, 'attrs' | 'dstLen' | 'srcLen' | 'table'>,
    Omit<Rule['attrs'], 'dst' | 'src' | 'table'> {
  readonly table: NonNullable<Rule['attrs']['table']> | Rule['table'];
  readonly dst?: string;
  readonly src?: string;
}

/**
 * A rule to be made. The family follows from the prefixes, IPv4 without any; it looks up `table`, main unless told otherwise, unless
 * `action` says something else. `flags: ['invert']` is ip's `not`.
 */
export interface RuleSpec
  extends
    Omit<RuleInput, 'attrs' | 'dstLen' | 'srcLen' | 'table'>,
    Omit<NonNullable<RuleInput['attrs']>, 'dst' | 'src'> {
  readonly dst?: string | undefined;
  readonly src?: string | undefined;
}
/** One that is known by its priority. */
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

/** Makes a rule; EEXIST when there is the same one. Without a priority it goes before all but the one for local routes. */
export const addRule = (spec: RuleSpec): RuleRequest => ({
  message: rule,
  type: RTM_NEWRULE,
  flags: NLM_F_CREATE | NLM_F_EXCL,
  value: ruleMessage(spec, { action: 'to_tbl' }),
});

/** Removes the first rule that has everything the spec says. */
export const deleteRule = (spec: RuleSpec): RuleRequest => ({
  message: rule,
  type: RTM_DELRULE,
  value: ruleMessage(spec, { action: 'unspec' }),
});

/** What the kernel leaves out of a list. */
export interface RuleFilter {
  readonly family?: 'inet' | 'inet6' | undefined;
}

export const ruleDump = ({ family }: RuleFilter = {}): RuleRequest => ({
  message: rule,
  type: RTM_GETRULE,
  value: { family },
});

export interface Rules {
  /** In the order in which they are applied, one family after the other. */
  list(filter?: RuleFilter): RuleObject[];
  /** The same, one by one and without holding all in memory; see `Connection.dump`. */
  dump(filter?: RuleFilter): DumpIterator<RuleObject>;
  /**
   * Makes a rule; EEXIST when there is the same one.
   *
   * @example rules.add({ src: '192.0.2.0/24', fwmark: 1, table: 100, priority: 1000 })
   */
  add(spec: RuleSpec): Done;
  /** Makes sure that there is this rule, once. Say its priority: without one, each is different. */
  ensure(spec: EnsuredRuleSpec): Ensured;
  /** Removes the first rule that has everything the spec says; ENOENT when there is none. */
  delete(spec: RuleSpec): Done;
}

export function rules(target: Target): Rules {
  return {
    list: (filter) => target.list(ruleDump(filter)).map(ruleObject),
    dump: (filter) => target.dump(ruleDump(filter), { as: ruleObject }),
    add: (spec) => target.request(addRule(spec)),
    ensure(spec) {
      const created = unlessRefused(() => target.request(addRule(spec)), EEXIST);
      return { created: created !== undefined, ...created };
    },
    delete: (spec) => target.request(deleteRule(spec)),
  };
}
