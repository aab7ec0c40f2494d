/**
 * Flowtables in the terms of nft: the requests, and the verbs that send them. nft(8), FLOWTABLES.
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Word } from '../../netlink/codec/enums.ts';
import type { Request } from '../../netlink/connection.ts';
import { known, unknownIn, without } from '../flat.ts';
import * as c from '../messages/constants.ts';
import {
  hookName,
  hookNumber,
  priorityNumber,
  type HookName,
  type PriorityName,
} from '../messages/hook.ts';
import { deviceNames, devicesOf } from '../devices.ts';
import {
  create,
  named,
  reading,
  within,
  type Exclusive,
  type Named,
  type Target,
  type Within,
} from '../target.ts';
import { flowtable, type Flowtable, type FlowtableInput } from './message.ts';

/** A flowtable as the kernel describes it. */
export interface FlowtableObject
  extends Omit<Flowtable['attrs'], 'table' | 'name' | 'hook'>, Named {
  readonly hook?: HookName | number;
  /** Order on the hook, lowest first. */
  readonly prio?: number;
  /** Its interface, or its interfaces. */
  readonly dev?: string | readonly string[];
  /** Unknown attributes of the hook. */
  readonly hookAttrs?: Readonly<Record<`nla${number}`, Uint8Array>>;
}

/** A flowtable to add. What the kernel assigns is ignored: handle and use. */
export interface FlowtableSpec
  extends Omit<NonNullable<FlowtableInput['attrs']>, 'table' | 'name' | 'hook'>, Named, Exclusive {
  /** Default ingress. */
  readonly hook?: HookName | number | undefined;
  /** Order on the hook, lowest first; default `filter`. */
  readonly prio?: Word<PriorityName> | undefined;
  /** Its interface, or its interfaces. */
  readonly dev?: string | readonly string[] | undefined;
  readonly hookAttrs?: Readonly<Record<`nla${number}`, Uint8Array>> | undefined;
}

type FlowtableRequest = Request<Flowtable, FlowtableInput>;

/** Its hook is one of an interface, whatever the family of the table. */
const NETDEV = 'netdev';

export function flowtableObject({ family, attrs }: Flowtable): FlowtableObject {
  const { hook, ...rest } = attrs;
  const unknown = unknownIn(hook);
  return known({
    family,
    ...rest,
    hook: hook?.num === undefined ? undefined : (hookName(NETDEV, hook.num) ?? hook.num),
    prio: hook?.priority,
    dev: hook?.devs && deviceNames(hook.devs),
    hookAttrs: Object.keys(unknown).length === 0 ? undefined : unknown,
  }) as FlowtableObject;
}

/**
 * `add flowtable inet example f { hook ingress priority 0; devices = { eth0 }; }`. EEXIST with
 * `exclusive`, ENOENT without the table or an interface.
 *
 * @throws CodecError for a hook or a priority that an interface does not have; NetlinkError EEXIST
 *   with `exclusive`, ENOENT without the table or an interface, when it is sent
 */
export const addFlowtable = checkedFunction(
  'addFlowtable',
  'spec: object',
  function addFlowtable(spec: FlowtableSpec): FlowtableRequest {
    const { family, table, name, hook = 'ingress', prio = 'filter', dev } = spec;
    const others = without(
      spec,
      ...(['family', 'table', 'name', 'hook', 'prio', 'dev', 'hookAttrs'] as const),
      ...(['exclusive', 'handle', 'use'] as const),
    );
    const attrs = {
      table,
      name,
      hook: {
        num: typeof hook === 'number' ? hook : hookNumber(NETDEV, hook),
        priority: priorityNumber(NETDEV, 'ingress', prio),
        devs: dev === undefined ? undefined : devicesOf(dev),
        ...spec.hookAttrs,
      },
      ...others,
    };
    const request = { message: flowtable, type: c.NFT_MSG_NEWFLOWTABLE, flags: create(spec) };
    return { ...request, value: { family, attrs } };
  },
);

/**
 * `delete flowtable inet example f`. ENOENT if it does not exist, EBUSY while a rule uses it.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, EBUSY while a
 *   rule uses it, when it is sent
 */
export const deleteFlowtable = checkedFunction(
  'deleteFlowtable',
  'spec: object',
  ({ family, table, name }: Named): FlowtableRequest =>
    named(flowtable, c.NFT_MSG_DELFLOWTABLE, { family, table, name }),
);

/**
 * `destroy flowtable inet example f`: deletes it, if it exists. EBUSY while a rule uses it, ENOENT
 * without the table.
 *
 * @throws CodecError for a wrong argument; NetlinkError EINVAL before Linux 6.3, EBUSY while a rule
 *   uses it, ENOENT without the table, when it is sent
 */
export const destroyFlowtable = checkedFunction(
  'destroyFlowtable',
  'spec: object',
  ({ family, table, name }: Named): FlowtableRequest =>
    named(flowtable, c.NFT_MSG_DESTROYFLOWTABLE, { family, table, name }),
);

/**
 * Gets one flowtable. ENOENT if it does not exist.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, when it is
 *   sent
 */
export const getFlowtable = checkedFunction(
  'getFlowtable',
  'spec: object',
  ({ family, table, name }: Named): FlowtableRequest =>
    named(flowtable, c.NFT_MSG_GETFLOWTABLE, { family, table, name }),
);

/**
 * Lists flowtables: of a table, or of a family.
 *
 * @throws CodecError for a wrong argument
 */
export const listFlowtables = checkedFunction(
  'listFlowtables',
  'filter?: object',
  ({ family, table }: Within = {}): FlowtableRequest =>
    within(flowtable, c.NFT_MSG_GETFLOWTABLE, { family, table }),
);

export interface FlowtableVerbs {
  list(filter?: Within): FlowtableObject[];
  /** ENOENT if it does not exist. */
  get(spec: Named): FlowtableObject;
  /** The same, or undefined if it does not exist. */
  find(spec: Named): FlowtableObject | undefined;
  /**
   * EEXIST with `exclusive`, ENOENT without the table or an interface.
   *
   * @example flowtables.add({ family: 'inet', table: 'example', name: 'f', dev: ['eth0', 'eth1'] })
   */
  add(spec: FlowtableSpec): void;
  /** ENOENT if it does not exist, EBUSY while a rule uses it. */
  delete(spec: Named): void;
  /** The same, if it exists. Since Linux 6.3. */
  destroy(spec: Named): void;
}

export function flowtables(target: Target): FlowtableVerbs {
  return {
    list: (filter) => target.list(listFlowtables(filter)).map(flowtableObject),
    ...reading(target, getFlowtable, flowtableObject),
    add: (spec) => target.change(addFlowtable(spec)),
    delete: (spec) => target.change(deleteFlowtable(spec)),
    destroy: (spec) => target.change(destroyFlowtable(spec)),
  };
}
