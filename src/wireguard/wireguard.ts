/** WireGuard, a family of generic netlink. */
import { genlFamily } from '../genl/declare.ts';
import * as c from './constants.ts';
import { wgdevice } from './device/message.ts';

export const wireguard = genlFamily(c.WG_GENL_NAME, {
  version: c.WG_GENL_VERSION,
  messages: [wgdevice],
});
