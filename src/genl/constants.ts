/** Numbers of generic netlink: include/uapi/linux/genetlink.h. */

/** The controller's id; all others are assigned when a family is registered. */
export const GENL_ID_CTRL = 16;

/* Commands of the controller. */
export const CTRL_CMD_NEWFAMILY = 1;
export const CTRL_CMD_DELFAMILY = 2;
export const CTRL_CMD_GETFAMILY = 3;
export const CTRL_CMD_NEWMCAST_GRP = 7;
export const CTRL_CMD_DELMCAST_GRP = 8;
export const CTRL_CMD_GETPOLICY = 10;

/** The group of the controller's notifications, `notify`: it has the controller's number. */
export const GENL_GRP_NOTIFY = GENL_ID_CTRL;
