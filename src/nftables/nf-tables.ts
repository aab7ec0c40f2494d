/**
 * All nf_tables messages, `NETLINK_NETFILTER`. A new message is added to this list and to
 * `fixtures/nftables`.
 */
import { NETLINK_NETFILTER } from '../netlink/constants.ts';
import { protocol } from '../netlink/codec/message.ts';
import { batch, generation } from './messages/batch.ts';
import { chain } from './chain/message.ts';
import { element } from './element/message.ts';
import { flowtable } from './flowtable/message.ts';
import { nftObject } from './object/message.ts';
import { nftRule } from './rule/message.ts';
import { nftSet } from './set/message.ts';
import { table } from './table/message.ts';
import { trace } from './trace/message.ts';

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
  trace,
]);
