/**
 * Hooks and priorities by nft's names, which depend on the family: include/uapi/linux/netfilter.h,
 * netfilter_bridge.h, netfilter_arp.h; nft(8), CHAINS.
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import { CodecError } from '../../errors.ts';
import type { Word } from '../../netlink/codec/enums.ts';
import type { TableFamily } from './nfgenmsg.ts';

const IP_HOOKS = ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress'] as const;
const ARP_HOOKS = ['input', 'output', 'forward'] as const;
const NETDEV_HOOKS = ['ingress', 'egress'] as const;

export type HookName = (typeof IP_HOOKS | typeof NETDEV_HOOKS)[number];

const hooksOf = (family: TableFamily): readonly HookName[] =>
  family === 'netdev' ? NETDEV_HOOKS : family === 'arp' ? ARP_HOOKS : IP_HOOKS;

export function hookNumber(family: TableFamily, hook: HookName): number {
  const number = hooksOf(family).indexOf(hook);
  if (number < 0) throw new CodecError(`hook: family ${family} has no hook ${hook}`);
  return number;
}

/**
 * The name of a hook in a family; undefined for an unknown number.
 *
 * @throws CodecError for a wrong argument
 */
export const hookName = checkedFunction(
  'hookName',
  'family: string, number: number',
  (family: TableFamily, number: number): HookName | undefined => hooksOf(family)[number],
);

const IP = ['inet', 'ip', 'ip6'] as const;

/** By family, some for one hook only: nftables, src/rule.c, `std_prio_family_hook_compat`. */
const PRIORITIES = [
  ['raw', -300, IP],
  ['mangle', -150, IP],
  ['dstnat', -100, IP, 'prerouting'],
  ['filter', 0, [...IP, 'arp', 'netdev']],
  ['security', 50, IP],
  ['srcnat', 100, IP, 'postrouting'],
  ['dstnat', -300, ['bridge'], 'prerouting'],
  ['filter', -200, ['bridge']],
  ['out', 100, ['bridge'], 'output'],
  ['srcnat', 300, ['bridge'], 'postrouting'],
] as const;

export type PriorityName = (typeof PRIORITIES)[number][0];

/** The priority names for this family and hook. */
const prioritiesOn = (family: TableFamily, hook: HookName): (typeof PRIORITIES)[number][] =>
  PRIORITIES.filter(
    ([, , families, only = hook]) =>
      (families as readonly TableFamily[]).includes(family) && only === hook,
  );

export function priorityNumber(
  family: TableFamily,
  hook: HookName,
  priority: Word<PriorityName>,
): number {
  if (typeof priority === 'number') return priority;
  const found = prioritiesOn(family, hook).find(([word]) => word === priority);
  if (found !== undefined) return found[1];
  throw new CodecError(
    `priority: family ${family} has no priority ${priority} on hook ${hook}: use a number`,
  );
}

/**
 * A priority as nft prints it, relative to a name less than 11 away: `srcnat`, `filter - 10`, `7`.
 *
 * @throws CodecError for a wrong argument
 */
export const priorityText = checkedFunction(
  'priorityText',
  'family: string, hook: string, number: number',
  function priorityText(family: TableFamily, hook: HookName, number: number): string {
    for (const [word, base] of prioritiesOn(family, hook)) {
      const distance = number - base;
      if (distance === 0) return word;
      if (Math.abs(distance) <= 10) {
        return `${word} ${distance < 0 ? '-' : '+'} ${Math.abs(distance)}`;
      }
    }
    return String(number);
  },
);
