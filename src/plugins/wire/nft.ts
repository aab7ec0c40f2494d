/** nf_tables as far as ADD and DEL need it; src/nftables/nf-tables.ts has all of it. */
import { connect, type Connection } from '../../netlink/connection.ts';
import { NETLINK_NETFILTER } from '../../netlink/constants.ts';
import { protocolOf } from '../../netlink/codec/protocol.ts';
import { socketIn } from '../../netlink/namespace.ts';
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

/** Throws on a kernel without nf_tables. */
export const connectNft = (): Connection =>
  connect(nftProtocol, socketIn(undefined, nftProtocol.number));
