/** nf_tables as far as ADD and DEL speak it; src/nftables/protocol.ts has all of it. */
import { NETLINK_NETFILTER } from '../../netlink/constants.ts';
import { protocolOf } from '../../netlink/protocol.ts';
import { rule } from './nft-rule.ts';
import { batch, chain, generation, table } from './nft-ruleset.ts';
import { element, set } from './nft-set.ts';

export const nftProtocol = protocolOf('NETLINK_NETFILTER', NETLINK_NETFILTER, [
  batch,
  generation,
  table,
  chain,
  rule,
  set,
  element,
]);
