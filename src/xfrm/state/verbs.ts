/** The verbs of states. */
import { NetlinkError } from '../../errors.ts';
import type { Connection } from '../../netlink/connection.ts';
import { ESRCH } from '../../sys/errno.ts';
import {
  addState,
  allocSpi,
  deleteState,
  flushStates,
  getState,
  listStates,
  replaceState,
  stateObject,
  type SpiSpec,
  type StateFilter,
  type StateName,
  type StateObject,
  type StateSpec,
} from './requests.ts';

export interface StateVerbs {
  /** The states of this namespace, with their keys. */
  list(filter?: StateFilter): StateObject[];
  /** One state. ESRCH if it does not exist. */
  get(name: StateName): StateObject;
  /** The same, or undefined if it does not exist. */
  find(name: StateName): StateObject | undefined;
  /** Adds a state. EEXIST if it exists. */
  add(spec: StateSpec): void;
  /** Replaces a state, or completes one that has only an SPI. ESRCH if it does not exist. */
  replace(spec: StateSpec): void;
  /** Deletes a state. ESRCH if it does not exist. */
  delete(name: StateName): void;
  /** Deletes all states, or those of one protocol. */
  flush(proto?: StateObject['proto']): void;
  /**
   * Allocates an SPI: a state without keys, which `replace` completes. The kernel forgets it after
   * 30 s.
   */
  allocSpi(spec: SpiSpec): StateObject;
}

/** Whether all keys of the filter are equal. */
export const fits = (object: object, filter: object): boolean =>
  Object.entries(filter).every(
    ([key, value]) => value === undefined || (object as Record<string, unknown>)[key] === value,
  );

/** The result of `get`, or undefined if the kernel says that it does not exist. */
export function unless<T>(errno: number, get: () => T): T | undefined {
  try {
    return get();
  } catch (error) {
    if (error instanceof NetlinkError && error.errno === errno) return undefined;
    throw error;
  }
}

export function stateVerbs(connection: Connection): StateVerbs {
  const get = (name: StateName): StateObject => stateObject(connection.get(getState(name)));
  return {
    list(filter = {}) {
      const states = connection.list(listStates(filter), { as: stateObject });
      return states.filter((each) => fits(each, filter));
    },
    get,
    find: (name) => unless(ESRCH, () => get(name)),
    add: (spec) => void connection.request(addState(spec)),
    replace: (spec) => void connection.request(replaceState(spec)),
    delete: (name) => void connection.request(deleteState(name)),
    flush: (proto) => void connection.request(flushStates(proto)),
    allocSpi: (spec) => stateObject(connection.get(allocSpi(spec))),
  };
}
