/** Numbers of held packets: include/uapi/linux/netfilter/{nfnetlink,nfnetlink_queue}.h. */

export const NFNL_SUBSYS_QUEUE = 3;
const queue = (message: number): number => (NFNL_SUBSYS_QUEUE << 8) | message;

/* enum nfqnl_msg_types, with the subsystem in the upper byte as in nlmsg_type. */
export const NFQNL_MSG_PACKET = queue(0);
export const NFQNL_MSG_VERDICT = queue(1);
export const NFQNL_MSG_CONFIG = queue(2);
export const NFQNL_MSG_VERDICT_BATCH = queue(3);
