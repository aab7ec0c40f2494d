/** The verbs of nf_tables by object, on a connection or in a transaction. */
import { checked } from '../netlink/codec/arguments.ts';
import { chains, type ChainVerbs } from './chain/verbs.ts';
import { elements, type ElementVerbs } from './element/verbs.ts';
import { flowtables, type FlowtableVerbs } from './flowtable/verbs.ts';
import { objects, type ObjectVerbs } from './object/verbs.ts';
import { rules, type RuleVerbs } from './rule/verbs.ts';
import { sets, type SetVerbs } from './set/verbs.ts';
import { tables, type TableVerbs } from './table/verbs.ts';
import type { Target } from './target.ts';

/** The verbs by object. A list of the contents of a table or chain that does not exist is empty. */
export interface Verbs {
  readonly tables: TableVerbs;
  readonly chains: ChainVerbs;
  readonly rules: RuleVerbs;
  /** Sets and maps. */
  readonly sets: SetVerbs;
  /** Elements of sets and maps. */
  readonly elements: ElementVerbs;
  /** Counters, quotas, limits, helpers, … that rules refer to by name. */
  readonly objects: ObjectVerbs;
  readonly flowtables: FlowtableVerbs;
}

const LIST = 'filter?: object';
const SPEC = 'spec: object';
const NAMED = { list: LIST, get: SPEC, find: SPEC, add: SPEC, delete: SPEC, destroy: SPEC };

export const verbsOn = (target: Target): Verbs => ({
  tables: checked('tables', tables(target), NAMED),
  chains: checked('chains', chains(target), { ...NAMED, flush: SPEC }),
  rules: checked('rules', rules(target), { list: LIST, add: SPEC, delete: SPEC, destroy: SPEC }),
  sets: checked('sets', sets(target), { ...NAMED, flush: SPEC }),
  elements: checked('elements', elements(target), { ...NAMED, list: 'set: object' }),
  objects: checked('objects', objects(target), NAMED),
  flowtables: checked('flowtables', flowtables(target), NAMED),
});
