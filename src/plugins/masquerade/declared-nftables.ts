/**
 * The messages of nf_tables, and the verbs on them, that CHECK, STATUS and DEL use by their
 * declarations. The lists of the library would bring all others into the executable.
 */
import { protocol } from '../../netlink/codec/message.ts';
import { NETLINK_NETFILTER } from '../../netlink/constants.ts';
import { chain } from '../../nftables/chain/message.ts';
import { chains } from '../../nftables/chain/verbs.ts';
import { element } from '../../nftables/element/message.ts';
import { elements } from '../../nftables/element/verbs.ts';
import { batch, generation } from '../../nftables/messages/batch.ts';
import { nftRule } from '../../nftables/rule/message.ts';
import { rules } from '../../nftables/rule/verbs.ts';
import { nftSet } from '../../nftables/set/message.ts';
import { sets } from '../../nftables/set/verbs.ts';
import { table } from '../../nftables/table/message.ts';
import { tables } from '../../nftables/table/verbs.ts';
import { transactor } from '../../nftables/transaction.ts';

export const declaredNftables = protocol('NETLINK_NETFILTER', NETLINK_NETFILTER, [
  batch,
  generation,
  table,
  chain,
  nftRule,
  nftSet,
  element,
]);

export const transact = transactor((target) => ({
  tables: tables(target),
  chains: chains(target),
  rules: rules(target),
  sets: sets(target),
  elements: elements(target),
}));

export type Batch = Parameters<Parameters<typeof transact>[1]>[0];
