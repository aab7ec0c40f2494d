/**
 * Numbers of ctnetlink: include/uapi/linux/netfilter/{nfnetlink,nfnetlink_conntrack}.h,
 * nfnetlink_compat.h.
 */

export const NFNL_SUBSYS_CTNETLINK = 1;
export const NFNL_SUBSYS_CTNETLINK_EXP = 2;
const ct = (message: number): number => (NFNL_SUBSYS_CTNETLINK << 8) | message;
const exp = (message: number): number => (NFNL_SUBSYS_CTNETLINK_EXP << 8) | message;

/* enum cntl_msg_types, with the subsystem in the upper byte as in nlmsg_type. */
export const IPCTNL_MSG_CT_NEW = ct(0);
export const IPCTNL_MSG_CT_GET = ct(1);
export const IPCTNL_MSG_CT_DELETE = ct(2);
export const IPCTNL_MSG_CT_GET_CTRZERO = ct(3);
export const IPCTNL_MSG_CT_GET_STATS_CPU = ct(4);
export const IPCTNL_MSG_CT_GET_STATS = ct(5);

/* enum ctnl_exp_msg_types. */
export const IPCTNL_MSG_EXP_NEW = exp(0);
export const IPCTNL_MSG_EXP_GET = exp(1);
export const IPCTNL_MSG_EXP_DELETE = exp(2);

/* Multicast groups. */
export const NFNLGRP_CONNTRACK_NEW = 1;
export const NFNLGRP_CONNTRACK_UPDATE = 2;
export const NFNLGRP_CONNTRACK_DESTROY = 3;
export const NFNLGRP_CONNTRACK_EXP_NEW = 4;
export const NFNLGRP_CONNTRACK_EXP_DESTROY = 6;
