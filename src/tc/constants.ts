/** Numbers of traffic control: include/uapi/linux/{rtnetlink,pkt_sched,pkt_cls}.h. */

export const RTM_NEWQDISC = 36;
export const RTM_DELQDISC = 37;
export const RTM_GETQDISC = 38;
export const RTM_NEWTCLASS = 40;
export const RTM_DELTCLASS = 41;
export const RTM_GETTCLASS = 42;

/** A group of notifications: RTNLGRP_TC. */
export const RTNLGRP_TC = 4;
