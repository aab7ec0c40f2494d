/** The verbs of policies. */
import type { Connection } from '../../netlink/connection.ts';
import { ENOENT } from '../../sys/errno.ts';
import { fits, unless } from '../state/verbs.ts';
import {
  addPolicy,
  deletePolicy,
  flushPolicies,
  getPolicy,
  getPolicyDefault,
  listPolicies,
  migratePolicy,
  policyObject,
  replacePolicy,
  setPolicyDefault,
  type MigrationSpec,
  type PolicyDefaults,
  type PolicyFilter,
  type PolicyName,
  type PolicyObject,
  type PolicySpec,
  type PolicyType,
} from './requests.ts';

export interface PolicyVerbs {
  /** The policies of this namespace, without those of sockets. */
  list(filter?: PolicyFilter): PolicyObject[];
  /** One policy, by direction and selector or index. ENOENT if it does not exist. */
  get(name: PolicyName): PolicyObject;
  /** The same, or undefined if it does not exist. */
  find(name: PolicyName): PolicyObject | undefined;
  /** Adds a policy. EEXIST if there is one with this direction and selector. */
  add(spec: PolicySpec): void;
  /** Adds a policy, or replaces the one with this direction and selector. */
  replace(spec: PolicySpec): void;
  /** Deletes a policy. ENOENT if it does not exist. */
  delete(name: PolicyName): void;
  /** Deletes all policies of a type. */
  flush(ptype?: PolicyType): void;
  /** Moves a policy and its states to other addresses. */
  migrate(name: PolicyName, migrations: readonly MigrationSpec[]): void;
  /** What happens to packets without a policy. */
  getDefault(): PolicyDefaults;
  /** Sets it, in the given directions. */
  setDefault(spec: Partial<PolicyDefaults>): void;
}

/** Policies of sockets have a direction of their own; ip-xfrm(8) hides them too. */
const isOfSocket = ({ dir }: PolicyObject): boolean => typeof dir === 'number';

export function policyVerbs(connection: Connection): PolicyVerbs {
  const get = (name: PolicyName): PolicyObject => policyObject(connection.get(getPolicy(name)));
  return {
    list(filter = {}) {
      const policies = connection.list(listPolicies(filter), { as: policyObject });
      return policies.filter((each) => !isOfSocket(each) && fits(each, filter));
    },
    get,
    find: (name) => unless(ENOENT, () => get(name)),
    add: (spec) => void connection.request(addPolicy(spec)),
    replace: (spec) => void connection.request(replacePolicy(spec)),
    delete: (name) => void connection.request(deletePolicy(name)),
    flush: (ptype) => void connection.request(flushPolicies(ptype)),
    migrate: (name, migrations) => void connection.request(migratePolicy(name, migrations)),
    getDefault() {
      const { in: input, fwd, out } = connection.get(getPolicyDefault());
      return { in: input, fwd, out };
    },
    setDefault: (spec) => void connection.request(setPolicyDefault(spec)),
  };
}
