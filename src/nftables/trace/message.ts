/**
 * The path of a packet through the rules: one message for each rule that it matched, and for the
 * return or the policy at the end of a chain. `NFT_MSG_TRACE`.
 *
 * A rule with `meta nftrace set 1` starts the trace, which is sent to the group `NFNLGRP_NFTRACE`.
 *
 * include/uapi/linux/netfilter/nf_tables.h, `enum nft_trace_attributes`; nft(8), MONITOR; `nft
 * monitor trace`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import {
  be16,
  be32,
  be64,
  bytes,
  cstr,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { NFT_MSG_TRACE } from '../messages/constants.ts';
import { nftaVerdict, verdictCode } from '../messages/data.ts';
import { CT_STATE, CT_STATUS, ctDirection } from '../messages/expr-conntrack.ts';
import { NETFILTER_FAMILIES } from '../../netlink/netfilter.ts';
import { nfgenmsg, nftSubject } from '../messages/nfgenmsg.ts';

export const nftaTrace = attrs({
  table: attr('NFTA_TRACE_TABLE', 1, cstr, 'table'),
  chain: attr('NFTA_TRACE_CHAIN', 2, cstr, 'chain'),
  ruleHandle: attr('NFTA_TRACE_RULE_HANDLE', 3, be64, 'the rule that the packet matched'),
  type: attr(
    'NFTA_TRACE_TYPE',
    4,
    enumOf(be32, { policy: 1, return: 2, rule: 3 }),
    'what the message is about: a rule, a return or a policy',
  ),
  verdict: attr('NFTA_TRACE_VERDICT', 5, nftaVerdict, 'the verdict'),
  id: attr('NFTA_TRACE_ID', 6, be32, 'id, the same in all messages about a packet'),
  llHeader: attr('NFTA_TRACE_LL_HEADER', 7, bytes, 'link-layer header'),
  networkHeader: attr('NFTA_TRACE_NETWORK_HEADER', 8, bytes, 'network header'),
  transportHeader: attr('NFTA_TRACE_TRANSPORT_HEADER', 9, bytes, 'transport header'),
  iif: attr('NFTA_TRACE_IIF', 10, be32, 'index of the incoming interface'),
  iiftype: attr('NFTA_TRACE_IIFTYPE', 11, be16, 'its ARPHRD type'),
  oif: attr('NFTA_TRACE_OIF', 12, be32, 'index of the outgoing interface'),
  oiftype: attr('NFTA_TRACE_OIFTYPE', 13, be16, 'its ARPHRD type'),
  mark: attr('NFTA_TRACE_MARK', 14, be32, 'mark of the packet'),
  nfproto: attr('NFTA_TRACE_NFPROTO', 15, enumOf(be32, NETFILTER_FAMILIES), 'family of the packet'),
  policy: attr('NFTA_TRACE_POLICY', 16, verdictCode, 'policy of the base chain'),
  ctId: attr('NFTA_TRACE_CT_ID', 18, be32, 'conntrack id of the connection'),
  ctDirection: attr('NFTA_TRACE_CT_DIRECTION', 19, ctDirection, 'direction in the connection'),
  ctStatus: attr('NFTA_TRACE_CT_STATUS', 20, flagsOf(be32, CT_STATUS), 'status of the connection'),
  ctState: attr(
    'NFTA_TRACE_CT_STATE',
    21,
    flagsOf(be32, CT_STATE),
    'state of the connection, as in ct state',
  ),
});

export const trace = message('trace', { NFT_MSG_TRACE }, nfgenmsg, nftaTrace, {
  doc: 'A step of a traced packet through the rules.',
  subject: ({ family, attrs: a }) => nftSubject(family, a?.table, a?.chain),
});

export type Trace = Static<typeof trace>;
export type TraceInput = Input<typeof trace>;
