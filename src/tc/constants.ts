/** Numbers of traffic control: include/uapi/linux/{rtnetlink,pkt_sched,pkt_cls}.h. */

export const RTM_NEWQDISC = 36;
export const RTM_DELQDISC = 37;
export const RTM_GETQDISC = 38;
export const RTM_NEWTCLASS = 40;
export const RTM_DELTCLASS = 41;
export const RTM_GETTCLASS = 42;
export const RTM_NEWTFILTER = 44;
export const RTM_DELTFILTER = 45;
export const RTM_GETTFILTER = 46;
export const RTM_NEWACTION = 48;
export const RTM_DELACTION = 49;
export const RTM_GETACTION = 50;
export const RTM_NEWCHAIN = 100;
export const RTM_DELCHAIN = 101;
export const RTM_GETCHAIN = 102;

/** The link's index in a message about a block; the parent is then the number of the block. */
export const TCM_IFINDEX_MAGIC_BLOCK = -1;

/** The multicast group, RTNLGRP_TC. */
export const RTNLGRP_TC = 4;
