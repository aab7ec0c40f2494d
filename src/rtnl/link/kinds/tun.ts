/**
 * A link whose other end is a program: `IFLA_INFO_DATA` of kind `tun`. It is created through
 * /dev/net/tun, not by netlink.
 *
 * include/uapi/linux/if_link.h, `IFLA_TUN_*`; Documentation/networking/tuntap.rst;
 * `ip tuntap add tap0 mode tap`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { bool8, u32, u8, type Input, type Static } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';

/** `IFF_TUN`, `IFF_TAP`: IP packets or Ethernet frames. */
const tunType = enumOf(u8, { tun: 1, tap: 2 });

export const tun = attrs({
  owner: attr('IFLA_TUN_OWNER', 1, u32, 'user who may attach'),
  group: attr('IFLA_TUN_GROUP', 2, u32, 'group that may attach'),
  type: attr('IFLA_TUN_TYPE', 3, tunType, 'IP packets or Ethernet frames'),
  pi: attr('IFLA_TUN_PI', 4, bool8, 'packets have a protocol header'),
  vnetHdr: attr('IFLA_TUN_VNET_HDR', 5, bool8, 'packets have a virtio header'),
  persist: attr('IFLA_TUN_PERSIST', 6, bool8, 'persists without a program'),
  multiQueue: attr('IFLA_TUN_MULTI_QUEUE', 7, bool8, 'supports several queues'),
  numQueues: attr('IFLA_TUN_NUM_QUEUES', 8, u32, 'number of attached queues'),
  numDisabledQueues: attr('IFLA_TUN_NUM_DISABLED_QUEUES', 9, u32, 'number of detached queues'),
});

export type Tun = Static<typeof tun>;
export type TunInput = Input<typeof tun>;
