/** Chains in the terms of nft: the requests, and the verbs that send them. nft(8), CHAINS. */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Word } from '../../netlink/codec/enums.ts';
import type { Request } from '../../netlink/connection.ts';
import {
  described,
  known,
  unknownIn,
  userdataOf,
  without,
  type Described,
  type DescribedInput,
} from '../flat.ts';
import * as c from '../messages/constants.ts';
import {
  hookName,
  hookNumber,
  priorityNumber,
  type HookName,
  type PriorityName,
} from '../messages/hook.ts';
import { deviceNames, devicesOf } from '../devices.ts';
import { nftRule } from '../rule/message.ts';
import {
  create,
  named,
  reading,
  type Exclusive,
  type Named,
  type Target,
  type Within,
} from '../target.ts';
import { chain, type Chain, type ChainInput } from './message.ts';

/** A chain as the kernel describes it. A base chain has a type, a hook and a priority. */
export interface ChainObject
  extends Omit<Chain['attrs'], 'table' | 'name' | 'hook' | 'userdata'>, Described, Named {
  readonly hook?: HookName | number;
  /** Order on the hook, lowest first; `priorityText` gives nft's words for it. */
  readonly prio?: number;
  /**
   * The interface of a netdev chain, or its interfaces; `eth*` for all whose names begin like this.
   */
  readonly dev?: string | readonly string[];
  /** Unknown attributes of the hook. */
  readonly hookAttrs?: Readonly<Record<`nla${number}`, Uint8Array>>;
}

/** A chain to add: a base chain if it has a hook. What the kernel assigns is ignored. */
export interface ChainSpec
  extends
    Omit<NonNullable<ChainInput['attrs']>, 'table' | 'name' | 'type' | 'hook' | 'userdata'>,
    DescribedInput,
    Named,
    Exclusive {
  /** The type of a base chain: filter, nat or route; default filter. */
  readonly type?: string | undefined;
  readonly hook?: HookName | number | undefined;
  /** Order on the hook, lowest first; default `filter`. */
  readonly prio?: Word<PriorityName> | undefined;
  /** The interface of a netdev chain, or its interfaces. */
  readonly dev?: string | readonly string[] | undefined;
  readonly hookAttrs?: Readonly<Record<`nla${number}`, Uint8Array>> | undefined;
}

type ChainRequest = Request<Chain, ChainInput>;

export function chainObject({ family, attrs }: Chain): ChainObject {
  const { hook, userdata, ...rest } = attrs;
  const number = hook?.hooknum;
  const unknown = unknownIn(hook);
  return known({
    family,
    ...rest,
    hook: number === undefined ? undefined : (hookName(family, number) ?? number),
    prio: hook?.priority,
    dev: deviceNames(hook?.devs ?? { name: hook?.dev === undefined ? [] : [hook.dev] }),
    hookAttrs: Object.keys(unknown).length === 0 ? undefined : unknown,
    ...described(userdata),
  }) as ChainObject;
}

/**
 * `add chain inet example postrouting { type nat hook postrouting priority srcnat; }`. EEXIST with
 * `exclusive`, ENOENT without the table.
 *
 * @throws CodecError for a hook or a priority that the family does not have; NetlinkError EEXIST
 *   with `exclusive`, ENOENT without the table, when it is sent
 */
export const addChain = checkedFunction(
  'addChain',
  'spec: object',
  function addChain(spec: ChainSpec): ChainRequest {
    const { family, table, name, type = 'filter', hook, prio = 'filter', dev, policy } = spec;
    const hooknum = typeof hook === 'string' ? hookNumber(family, hook) : hook;
    const word = typeof hook === 'number' ? hookName(family, hook) : hook;
    const base: ChainInput['attrs'] =
      hooknum === undefined
        ? {}
        : {
            type,
            hook: {
              hooknum,
              priority: priorityNumber(family, word ?? 'input', prio),
              ...devicesIn(dev),
              ...spec.hookAttrs,
            },
          };
    const others = without(
      spec,
      ...(['family', 'exclusive', 'comment', 'prio', 'dev', 'hookAttrs'] as const),
      ...(['table', 'name', 'type', 'hook', 'policy', 'userdata', 'handle', 'use'] as const),
    );
    const attrs = { table, name, ...base, policy, userdata: userdataOf(spec), ...others };
    const request = { message: chain, type: c.NFT_MSG_NEWCHAIN, flags: create(spec) };
    return { ...request, value: { family, attrs } };
  },
);

/** One interface by the attribute that kernels before 5.5 know too. */
const devicesIn = (dev: string | readonly string[] | undefined) =>
  typeof dev === 'string' && !dev.endsWith('*')
    ? { dev }
    : { devs: dev === undefined ? undefined : devicesOf(dev) };

/**
 * `delete chain inet example postrouting`, with its rules. EBUSY while another rule or an element
 * jumps to it.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, EBUSY while
 *   something jumps to it, when it is sent
 */
export const deleteChain = checkedFunction(
  'deleteChain',
  'spec: object',
  ({ family, table, name }: Named): ChainRequest =>
    named(chain, c.NFT_MSG_DELCHAIN, { family, table, name }),
);

/**
 * `destroy chain inet example postrouting`: deletes it with its rules, if it exists. EBUSY while
 * something jumps to it, ENOENT without the table.
 *
 * @throws CodecError for a wrong argument; NetlinkError EINVAL before Linux 6.3, EBUSY while
 *   something jumps to it, ENOENT without the table, when it is sent
 */
export const destroyChain = checkedFunction(
  'destroyChain',
  'spec: object',
  ({ family, table, name }: Named): ChainRequest =>
    named(chain, c.NFT_MSG_DESTROYCHAIN, { family, table, name }),
);

/**
 * `flush chain inet example postrouting`: deletes all its rules.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, when it is
 *   sent
 */
export const flushChain = checkedFunction(
  'flushChain',
  'spec: object',
  ({ family, table, name }: Named): Request => ({
    message: nftRule,
    type: c.NFT_MSG_DELRULE,
    value: { family, attrs: { table, chain: name } },
  }),
);

/**
 * Gets one chain, without its rules. ENOENT if it does not exist.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENOENT if it does not exist, when it is
 *   sent
 */
export const getChain = checkedFunction(
  'getChain',
  'spec: object',
  ({ family, table, name }: Named): ChainRequest =>
    named(chain, c.NFT_MSG_GETCHAIN, { family, table, name }),
);

/**
 * Lists chains. The kernel lists the chains of all tables of a family.
 *
 * @throws CodecError for a wrong argument
 */
export const listChains = checkedFunction(
  'listChains',
  'filter?: object',
  ({ family }: Within = {}): ChainRequest => ({
    message: chain,
    type: c.NFT_MSG_GETCHAIN,
    value: { family },
  }),
);

export interface ChainVerbs {
  list(filter?: Within): ChainObject[];
  /** ENOENT if it does not exist. */
  get(spec: Named): ChainObject;
  /** The same, or undefined if it does not exist. */
  find(spec: Named): ChainObject | undefined;
  /**
   * EEXIST with `exclusive`, ENOENT without the table.
   *
   * @example chains.add({ family: 'inet', table: 'example', name: 'input', hook: 'input' })
   */
  add(spec: ChainSpec): void;
  /** Deletes a chain with its rules. EBUSY while something jumps to it. */
  delete(spec: Named): void;
  /** The same, if it exists. Since Linux 6.3. */
  destroy(spec: Named): void;
  /** Deletes the rules of a chain. */
  flush(spec: Named): void;
}

export function chains(target: Target): ChainVerbs {
  return {
    list: (filter = {}) =>
      target
        .list(listChains(filter))
        .filter(({ attrs }) => filter.table === undefined || attrs.table === filter.table)
        .map(chainObject),
    ...reading(target, getChain, chainObject),
    add: (spec) => target.change(addChain(spec)),
    delete: (spec) => target.change(deleteChain(spec)),
    destroy: (spec) => target.change(destroyChain(spec)),
    flush: (spec) => target.change(flushChain(spec)),
  };
}
