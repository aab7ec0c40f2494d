/** The arguments of the verbs, for errors of callers without TypeScript. */
import type { Signature } from '../netlink/codec/arguments.ts';
import type { Verbs } from './open.ts';

/** Anything that is not a link, or an address, has an error of its own wherever it occurs. */
const DEV = 'dev: unknown';
const LIST = 'filter?: object';
const SPEC = 'spec: object';

export const SIGNATURES: {
  readonly [K in keyof Verbs]: { readonly [V in keyof Verbs[K]]: Signature };
} = {
  links: {
    list: LIST,
    dump: LIST,
    get: DEV,
    find: DEV,
    add: SPEC,
    set: `${DEV}, ${SPEC}`,
    ensure: SPEC,
    up: DEV,
    down: DEV,
    rename: `${DEV}, ifname: string`,
    addAltNames: `${DEV}, ...names: string`,
    deleteAltNames: `${DEV}, ...names: string`,
    delete: DEV,
    deleteGroup: 'group: number',
  },
  addrs: { list: LIST, dump: LIST, add: SPEC, replace: SPEC, ensure: SPEC, delete: SPEC },
  routes: {
    list: LIST,
    dump: LIST,
    get: 'address: unknown, options?: object',
    add: SPEC,
    replace: SPEC,
    append: SPEC,
    ensure: SPEC,
    delete: SPEC,
  },
  neighs: {
    list: LIST,
    dump: LIST,
    get: SPEC,
    add: SPEC,
    replace: SPEC,
    ensure: SPEC,
    delete: SPEC,
  },
  fdb: {
    list: LIST,
    dump: LIST,
    add: SPEC,
    replace: SPEC,
    append: SPEC,
    ensure: SPEC,
    delete: SPEC,
  },
  rules: { list: LIST, dump: LIST, add: SPEC, ensure: SPEC, delete: SPEC },
  nexthops: {
    list: LIST,
    dump: LIST,
    get: 'id: number',
    add: SPEC,
    replace: SPEC,
    ensure: SPEC,
    delete: 'id: number',
  },
  nsids: {
    list: '',
    get: 'netns: string | object',
    set: 'netns: string | object, number?: number',
  },
  vlans: { list: LIST, listGlobal: LIST, add: SPEC, set: 'options: object', delete: SPEC },
  mdb: { list: LIST, add: SPEC, replace: SPEC, ensure: SPEC, delete: SPEC },
  netconfs: { list: LIST, dump: LIST, get: `${DEV}, family?: string` },
  addrLabels: {
    list: '',
    dump: '',
    get: 'address: string, dev?: unknown',
    add: SPEC,
    replace: SPEC,
    ensure: SPEC,
    delete: 'key: object',
  },
  vniFilters: { list: LIST, add: SPEC, delete: 'key: object' },
};
