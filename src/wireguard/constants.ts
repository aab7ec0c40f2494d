/** Numbers of WireGuard: include/uapi/linux/wireguard.h. */

export const WG_GENL_NAME = 'wireguard';
export const WG_GENL_VERSION = 1;

/* enum wg_cmd */
export const WG_CMD_GET_DEVICE = 0;
export const WG_CMD_SET_DEVICE = 1;
