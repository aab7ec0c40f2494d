/**
 * All nf_tables messages, `NETLINK_NETFILTER`. A new message is added to this list and to
 * `fixtures/nftables`.
 */
import { NETLINK_NETFILTER } from '../../netlink/constants.ts';
import { protocol } from '../../netlink/codec/message.ts';
import { batch, generation } from './batch.ts';
import { chain } from './chain.ts';
import { element } from './element.ts';
import { flowtable } from './flowtable.ts';
import { nftObject } from './object.ts';
import { nftRule } from './rule.ts';
import { nftSet } from './set.ts';
import { table } from './table.ts';

export const nftables = protocol('NETLINK_NETFILTER', NETLINK_NETFILTER, [
  batch,
  generation,
  table,
  chain,
  nftRule,
  nftSet,
  element,
  nftObject,
  flowtable,
]);
