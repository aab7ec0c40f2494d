/** Numbers of logged packets: include/uapi/linux/netfilter/{nfnetlink,nfnetlink_log}.h. */

export const NFNL_SUBSYS_ULOG = 4;
const ulog = (message: number): number => (NFNL_SUBSYS_ULOG << 8) | message;

/* enum nfulnl_msg_types, with the subsystem in the upper byte as in nlmsg_type. */
export const NFULNL_MSG_PACKET = ulog(0);
export const NFULNL_MSG_CONFIG = ulog(1);
