/** EtherTypes of VLAN tags, by the names of iproute2; include/uapi/linux/if_ether.h. */
import { be16 } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';

export const vlanProtocol = enumOf(be16, { '802.1Q': 0x8100, '802.1ad': 0x88a8 });
