/**
 * The verbs that read and reset. They are not part of a transaction: the kernel resets at once, and
 * a plan may run several times.
 */
import { checked } from '../netlink/codec/arguments.ts';
import type { Connection, Request } from '../netlink/connection.ts';
import { EINTR, ENOENT } from '../sys/errno.ts';
import { NetlinkError } from '../errors.ts';
import {
  elementObjects,
  resetElements,
  type ElementKey,
  type ElementObject,
  type ElementVerbs,
} from './element/verbs.ts';
import {
  resetObjects,
  statefulObject,
  type ObjectFilter,
  type ObjectVerbs,
  type StatefulObject,
} from './object/verbs.ts';
import {
  resetRules,
  ruleObject,
  type RuleFilter,
  type RuleObject,
  type RuleVerbs,
} from './rule/verbs.ts';
import { getSet, setObject } from './set/verbs.ts';
import type { Named } from './target.ts';
import { direct } from './transaction.ts';

/** The verbs of a connection that a transaction does not have. */
export interface ResetVerbs {
  readonly rules: RuleVerbs & {
    /** Rules as they were before their counters and quotas were set to zero. Since Linux 6.2. */
    reset(filter?: RuleFilter): RuleObject[];
  };
  readonly elements: ElementVerbs & {
    /**
     * Elements of a set as they were before their counters and quotas were set to zero; of one
     * element with its key. Since Linux 6.5.
     */
    reset(spec: Named | ElementKey): ElementObject[];
  };
  readonly objects: ObjectVerbs & {
    /**
     * Counters and quotas as they were before they were set to zero.
     *
     * @example objects.reset({ family: 'inet', table: 'example', type: 'counter' })
     */
    reset(filter?: ObjectFilter): StatefulObject[];
  };
}

export function withResets(
  connection: Connection,
  verbs: { rules: RuleVerbs; elements: ElementVerbs; objects: ObjectVerbs },
): ResetVerbs {
  const target = direct(connection);
  const rules = {
    reset: (filter?: RuleFilter) => readOnce(connection, resetRules(filter)).map(ruleObject),
  };
  const elements = {
    reset(spec: Named | ElementKey): ElementObject[] {
      const set = target.find(getSet(spec));
      if (set === undefined) return [];
      const request = resetElements(spec);
      const found = 'key' in spec ? [connection.get(request)] : readOnce(connection, request);
      const all = found.flatMap(({ attrs }) => attrs.elements ?? []);
      return elementObjects(all, setObject(set));
    },
  };
  const objects = {
    reset: (filter?: ObjectFilter) =>
      readOnce(connection, resetObjects(filter)).map(statefulObject),
  };
  return {
    rules: { ...verbs.rules, ...checked('rules', rules, { reset: 'filter?: object' }) },
    elements: { ...verbs.elements, ...checked('elements', elements, { reset: 'spec: object' }) },
    objects: { ...verbs.objects, ...checked('objects', objects, { reset: 'filter?: object' }) },
  };
}

/**
 * The objects that a dump has reset. It is not repeated if the ruleset changes meanwhile: the
 * values that were read exist nowhere else, and objects that were not read have kept theirs.
 */
function readOnce<T, I>(connection: Connection, request: Request<T, I>): T[] {
  const values: T[] = [];
  try {
    for (const each of connection.dump(request)) values.push(each);
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    // A table or chain that does not exist has no objects.
    if (error.errno !== EINTR && error.errno !== ENOENT) throw error;
  }
  return values;
}
