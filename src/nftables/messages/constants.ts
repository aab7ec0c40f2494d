/**
 * Numbers of nf_tables: include/uapi/linux/netfilter/{nfnetlink,nf_tables}.h,
 * include/uapi/linux/netfilter.h.
 */

export const NFNL_SUBSYS_NFTABLES = 10;
const nft = (message: number): number => (NFNL_SUBSYS_NFTABLES << 8) | message;

/* Control messages of nfnetlink, which enclose a transaction. */
export const NFNL_MSG_BATCH_BEGIN = 16;
export const NFNL_MSG_BATCH_END = 17;

/* enum nf_tables_msg_types, with the subsystem in the upper byte as in nlmsg_type. */
export const NFT_MSG_NEWTABLE = nft(0);
export const NFT_MSG_GETTABLE = nft(1);
export const NFT_MSG_DELTABLE = nft(2);
export const NFT_MSG_NEWCHAIN = nft(3);
export const NFT_MSG_GETCHAIN = nft(4);
export const NFT_MSG_DELCHAIN = nft(5);
export const NFT_MSG_NEWRULE = nft(6);
export const NFT_MSG_GETRULE = nft(7);
export const NFT_MSG_DELRULE = nft(8);
export const NFT_MSG_NEWSET = nft(9);
export const NFT_MSG_GETSET = nft(10);
export const NFT_MSG_DELSET = nft(11);
export const NFT_MSG_NEWSETELEM = nft(12);
export const NFT_MSG_GETSETELEM = nft(13);
export const NFT_MSG_DELSETELEM = nft(14);
export const NFT_MSG_NEWGEN = nft(15);
export const NFT_MSG_GETGEN = nft(16);
export const NFT_MSG_TRACE = nft(17);
export const NFT_MSG_NEWOBJ = nft(18);
export const NFT_MSG_GETOBJ = nft(19);
export const NFT_MSG_DELOBJ = nft(20);
export const NFT_MSG_GETOBJ_RESET = nft(21);
export const NFT_MSG_NEWFLOWTABLE = nft(22);
export const NFT_MSG_GETFLOWTABLE = nft(23);
export const NFT_MSG_DELFLOWTABLE = nft(24);
export const NFT_MSG_GETRULE_RESET = nft(25);
export const NFT_MSG_DESTROYTABLE = nft(26);
export const NFT_MSG_DESTROYCHAIN = nft(27);
export const NFT_MSG_DESTROYRULE = nft(28);
export const NFT_MSG_DESTROYSET = nft(29);
export const NFT_MSG_DESTROYSETELEM = nft(30);
export const NFT_MSG_DESTROYOBJ = nft(31);
export const NFT_MSG_DESTROYFLOWTABLE = nft(32);
export const NFT_MSG_GETSETELEM_RESET = nft(33);

/* enum nft_registers, those with a use of their own. */
export const NFT_REG_VERDICT = 0;
export const NFT_REG_1 = 1;

/* Families of tables. */
export {
  NFPROTO_ARP,
  NFPROTO_BRIDGE,
  NFPROTO_INET,
  NFPROTO_IPV4,
  NFPROTO_IPV6,
  NFPROTO_NETDEV,
  NFPROTO_UNSPEC,
} from '../../netlink/netfilter.ts';

/** The multicast groups: changes of the ruleset, and packets that are traced. */
export const NFNLGRP_NFTABLES = 7;
export const NFNLGRP_NFTRACE = 9;
