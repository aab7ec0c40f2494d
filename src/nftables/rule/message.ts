/**
 * A rule: a list of expressions in a chain. `NFT_MSG_NEWRULE`, `NFT_MSG_GETRULE`,
 * `NFT_MSG_DELRULE`.
 *
 * include/uapi/linux/netfilter/nf_tables.h, `enum nft_rule_attributes`; nft(8), RULES;
 * `nft add rule ip example input accept`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be32, be64, cstr, type Input, type Static } from '../../netlink/codec/codec.ts';
import { flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import {
  NFT_MSG_DELRULE,
  NFT_MSG_DESTROYRULE,
  NFT_MSG_GETRULE,
  NFT_MSG_GETRULE_RESET,
  NFT_MSG_NEWRULE,
} from '../messages/constants.ts';
import { expressions } from '../messages/expression.ts';
import { nfgenmsg, nftSubject } from '../messages/nfgenmsg.ts';
import { commentUserdata } from '../messages/userdata.ts';

/** Set on rules created by iptables-nft. */
export const nftaRuleCompat = attrs({
  proto: attr('NFTA_RULE_COMPAT_PROTO', 1, be32, 'protocol that the rule is limited to'),
  flags: attr(
    'NFTA_RULE_COMPAT_FLAGS',
    2,
    flagsOf(be32, { unused: 1, invert: 2 }),
    'invert: every protocol but this one',
  ),
});

export const nftaRule = attrs({
  table: attr('NFTA_RULE_TABLE', 1, cstr, 'table it belongs to'),
  chain: attr('NFTA_RULE_CHAIN', 2, cstr, 'chain it belongs to'),
  handle: attr('NFTA_RULE_HANDLE', 3, be64, 'number assigned by the kernel'),
  expressions: attr('NFTA_RULE_EXPRESSIONS', 4, expressions, 'its matches and statements'),
  compat: attr('NFTA_RULE_COMPAT', 5, nftaRuleCompat, 'information for iptables-nft'),
  position: attr('NFTA_RULE_POSITION', 6, be64, 'handle of the preceding or the following rule'),
  userdata: attr('NFTA_RULE_USERDATA', 7, commentUserdata, 'comment'),
  id: attr('NFTA_RULE_ID', 9, be32, 'number within the transaction'),
  positionId: attr(
    'NFTA_RULE_POSITION_ID',
    10,
    be32,
    'neighbouring rule, by its number in the transaction',
  ),
  chainId: attr('NFTA_RULE_CHAIN_ID', 11, be32, 'chain, by its number in the transaction'),
});

export const nftRule = message(
  'rule',
  { NFT_MSG_NEWRULE, NFT_MSG_GETRULE, NFT_MSG_DELRULE, NFT_MSG_GETRULE_RESET, NFT_MSG_DESTROYRULE },
  nfgenmsg,
  nftaRule,
  {
    doc: 'A rule of a chain.',
    subject: ({ family, attrs: a }) =>
      nftSubject(
        family,
        a?.table,
        a?.chain,
        a?.handle === undefined ? undefined : `handle ${a.handle}`,
      ),
  },
);

export type Rule = Static<typeof nftRule>;
export type RuleInput = Input<typeof nftRule>;
