/** Rules in the terms of nft: the requests, and the verbs that send them. nft(8), RULES. */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Request } from '../../netlink/connection.ts';
import { NLM_F_APPEND, NLM_F_CREATE } from '../../netlink/constants.ts';
import { CodecError } from '../../errors.ts';
import { described, userdataOf, without, type Described, type DescribedInput } from '../flat.ts';
import * as c from '../messages/constants.ts';
import type { Expression, ExpressionInput } from '../messages/expression.ts';
import type { TableFamily } from '../messages/nfgenmsg.ts';
import type { Target, Within } from '../target.ts';
import { nftRule, type Rule, type RuleInput } from './message.ts';

/** Identifies the chain of a rule. */
export interface InChain {
  readonly family: TableFamily;
  readonly table: string;
  readonly chain: string;
}

/** A rule as the kernel describes it; `ruleText` prints it. */
export interface RuleObject
  extends Omit<Rule['attrs'], 'table' | 'chain' | 'expressions' | 'userdata'>, Described, InChain {
  /** Its matches and statements, in order. */
  readonly expr: Expression[];
}

/**
 * A rule to add, by default at the end of its chain. What the kernel assigns is ignored: handle and
 * position.
 */
export interface RuleSpec
  extends
    Omit<
      NonNullable<RuleInput['attrs']>,
      'table' | 'chain' | 'expressions' | 'position' | 'userdata'
    >,
    DescribedInput,
    InChain {
  /** From `rule(family, …)`, or from a listed rule. */
  readonly expr: readonly ExpressionInput[];
  /** Insert before all others. */
  readonly insert?: boolean | undefined;
  /** Insert before the rule with this handle. */
  readonly before?: bigint | undefined;
  /** Insert after the rule with this handle. */
  readonly after?: bigint | undefined;
}

/** Limits a list of rules to a family, a table or a chain. */
export interface RuleFilter extends Within {
  readonly chain?: string | undefined;
}

/** Identifies a rule. */
export interface RuleHandle extends InChain {
  readonly handle: bigint;
}

type RuleRequest = Request<Rule, RuleInput>;

export function ruleObject({ family, attrs }: Rule): RuleObject {
  const { expressions = [], userdata, ...rest } = attrs;
  return { family, ...rest, expr: expressions, ...described(userdata) } as RuleObject;
}

/**
 * `add rule inet example postrouting ip saddr @hosts masquerade`. ENOENT if the chain, or a set it
 * refers to, does not exist.
 *
 * @throws CodecError for more than one place
 */
export const addRule = checkedFunction(
  'addRule',
  'spec: object',
  function addRule(spec: RuleSpec): RuleRequest {
    const { family, table, chain, expr, insert, before, after } = spec;
    if ([insert === true, before !== undefined, after !== undefined].filter(Boolean).length > 1) {
      throw new CodecError('addRule: insert, before and after exclude each other');
    }
    const others = without(
      spec,
      ...(['family', 'expr', 'insert', 'before', 'after', 'comment'] as const),
      ...(['table', 'chain', 'position', 'userdata', 'handle'] as const),
    );
    const isAppended = insert !== true && before === undefined;
    return {
      message: nftRule,
      type: c.NFT_MSG_NEWRULE,
      flags: NLM_F_CREATE | (isAppended ? NLM_F_APPEND : 0),
      value: {
        family,
        attrs: {
          table,
          chain,
          position: before ?? after,
          expressions: expr,
          userdata: userdataOf(spec),
          ...others,
        },
      },
    };
  },
);

/**
 * `delete rule inet example postrouting handle 4`. ENOENT if it does not exist.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, when it is
 *   sent
 */
export const deleteRule = checkedFunction(
  'deleteRule',
  'spec: object',
  ({ family, table, chain, handle }: RuleHandle): RuleRequest => ({
    message: nftRule,
    type: c.NFT_MSG_DELRULE,
    value: { family, attrs: { table, chain, handle } },
  }),
);

/**
 * `destroy rule inet example postrouting handle 4`: deletes it, if it exists. ENOENT without the
 * table.
 *
 * @throws CodecError for a wrong argument; NetlinkError EINVAL before Linux 6.3, ENOENT without the
 *   table, when it is sent
 */
export const destroyRule = checkedFunction(
  'destroyRule',
  'spec: object',
  ({ family, table, chain, handle }: RuleHandle): RuleRequest => ({
    message: nftRule,
    type: c.NFT_MSG_DESTROYRULE,
    value: { family, attrs: { table, chain, handle } },
  }),
);

/**
 * Lists rules: of a chain, of a table, or of a family. If the table or chain does not exist, the
 * list is empty.
 *
 * @throws CodecError for a wrong argument
 */
export const listRules = checkedFunction(
  'listRules',
  'filter?: object',
  ({ family, table, chain }: RuleFilter = {}): RuleRequest => ({
    message: nftRule,
    type: c.NFT_MSG_GETRULE,
    value: { family, attrs: { table, chain } },
  }),
);

/**
 * `reset rules`: lists rules like `listRules`, and sets the counters and quotas in them to zero.
 * Use `dump`: `list` repeats an interrupted dump, and would lose what the first one read.
 *
 * @throws CodecError for a wrong argument; NetlinkError EINVAL before Linux 6.3, when it is sent
 */
export const resetRules = checkedFunction(
  'resetRules',
  'filter?: object',
  (filter: RuleFilter = {}): RuleRequest => ({
    ...listRules(filter),
    type: c.NFT_MSG_GETRULE_RESET,
  }),
);

export interface RuleVerbs {
  list(filter?: RuleFilter): RuleObject[];
  /**
   * Adds a rule. ENOENT if the chain, or a set it refers to, does not exist.
   *
   * @example rules.add({ ...chain, expr: rule('inet', tcp.dport.is(22), accept()) })
   */
  add(spec: RuleSpec): void;
  /** Deletes the rule with a handle. ENOENT if it does not exist. */
  delete(spec: RuleHandle): void;
  /** The same, if it exists. Since Linux 6.3. */
  destroy(spec: RuleHandle): void;
}

export function rules(target: Target): RuleVerbs {
  return {
    list: (filter) => target.list(listRules(filter)).map(ruleObject),
    add: (spec) => target.change(addRule(spec)),
    delete: (spec) => target.change(deleteRule(spec)),
    destroy: (spec) => target.change(destroyRule(spec)),
  };
}
