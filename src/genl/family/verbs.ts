/** The verbs of families, which ask the controller. */
import type { Connection } from '../../netlink/connection.ts';
import { ENOENT } from '../../sys/errno.ts';
import { NetlinkError, netlinkError } from '../../errors.ts';
import {
  familyObject,
  getFamily,
  listFamilies,
  listPolicies,
  policyObject,
  type FamilyObject,
  type FamilyPolicy,
} from './requests.ts';

export interface FamilyVerbs {
  /** The families that are registered now. */
  list(): FamilyObject[];
  /**
   * One family, by name or id. By name, the kernel loads the module if it is installed and has an
   * alias for the family.
   *
   * @throws NetlinkError ENOENT if it does not exist; the error names the module to load
   */
  get(name: string | number): FamilyObject;
  /** The same, or undefined if it does not exist. */
  find(name: string | number): FamilyObject | undefined;
}

/** The error for a family that does not exist, with advice. */
export const noFamily = (name: string | number, module = name): NetlinkError =>
  netlinkError(ENOENT, 'CTRL_CMD_GETFAMILY', {
    subject: String(name),
    advice:
      typeof module === 'number'
        ? 'no family has this id'
        : `this kernel has no such family of generic netlink; its module may have to be loaded: modprobe ${module}`,
  });

export function familyVerbs(connection: Connection): FamilyVerbs {
  const find: FamilyVerbs['find'] = (name) => {
    try {
      return familyObject(connection.get(getFamily(name)));
    } catch (error) {
      if (error instanceof NetlinkError && error.errno === ENOENT) return undefined;
      throw error;
    }
  };
  return {
    list: () => connection.list(listFamilies(), { as: familyObject }),
    get(name) {
      const found = find(name);
      if (found === undefined) throw noFamily(name);
      return found;
    },
    find,
  };
}

/** The policies of a family, of one command or of all. */
export function policyOf(
  connection: Connection,
  name: string | number,
  command?: number,
): FamilyPolicy {
  try {
    return policyObject(connection.list(listPolicies(name, command)));
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === ENOENT) throw noFamily(name);
    throw error;
  }
}
