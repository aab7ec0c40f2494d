/**
 * Hooks and priorities by nft's words, which depend on the family: include/uapi/linux/netfilter.h, netfilter_bridge.h,
 * netfilter_arp.h; nft(8), CHAINS.
 */
import { CodecError } from '../netlink/errors.ts';
import type { Word } from '../netlink/enums.ts';
import type { TableFamily } from './nfgenmsg.ts';

const IP_HOOKS = ['prerouting', 'input', 'forward', 'output', 'postrouting', 'ingress'] as const;
const ARP_HOOKS = ['input', 'output', 'forward'] as const;
const NETDEV_HOOKS = ['ingress', 'egress'] as const;

export type HookName = (typeof IP_HOOKS | typeof NETDEV_HOOKS)[number];

const hooksOf = (family: TableFamily): readonly HookName[] =>
  family === 'netdev' ? NETDEV_HOOKS : family === 'arp' ? ARP_HOOKS : IP_HOOKS;

export function hookNumber(family: TableFamily, hook: HookName): number {
  const number = hooksOf(family).indexOf(hook);
  if (number < 0) throw new CodecError(`family ${family} has no hook ${hook}`);
  return number;
}

export const hookName = (family: TableFamily, number: number): HookName | undefined =>
  hooksOf(family)[number];

const PRIORITIES = { raw: -300, mangle: -150, dstnat: -100, filter: 0, security: 50, srcnat: 100 };
const BRIDGE_PRIORITIES = { dstnat: -300, filter: -200, out: 100, srcnat: 300 };

export type PriorityName = keyof typeof PRIORITIES | keyof typeof BRIDGE_PRIORITIES;

const prioritiesOf = (family: TableFamily): Readonly<Partial<Record<PriorityName, number>>> =>
  family === 'bridge' ? BRIDGE_PRIORITIES : PRIORITIES;

export function priorityNumber(family: TableFamily, priority: Word<PriorityName>): number {
  if (typeof priority === 'number') return priority;
  const number = prioritiesOf(family)[priority];
  if (number === undefined) throw new CodecError(`family ${family} has no priority ${priority}`);
  return number;
}

/** `srcnat`, `filter - 10`, `7`: as nft prints a priority, relative to a word that is less than 11 away. */
export function priorityText(family: TableFamily, number: number): string {
  for (const [word, base] of Object.entries(prioritiesOf(family))) {
    const distance = number - base;
    if (distance === 0) return word;
    if (Math.abs(distance) <= 10) {
      return `${word} ${distance < 0 ? '-' : '+'} ${Math.abs(distance)}`;
    }
  }
  return String(number);
}
