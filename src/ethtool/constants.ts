/** Numbers of ethtool: include/uapi/linux/{ethtool,ethtool_netlink}.h. */

export const ETHTOOL_GENL_NAME = 'ethtool';
export const ETHTOOL_GENL_VERSION = 1;
/** The group of notifications. */
export const ETHTOOL_MCGRP_MONITOR_NAME = 'monitor';
