/** Numbers of devlink: include/uapi/linux/devlink.h. */

export const DEVLINK_GENL_NAME = 'devlink';
export const DEVLINK_GENL_VERSION = 1;
/** The group of all notifications. */
export const DEVLINK_GENL_MCGRP_CONFIG_NAME = 'config';
