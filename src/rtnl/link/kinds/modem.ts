/**
 * Channels of one modem: `IFLA_INFO_DATA` of the kinds `rmnet`, which splits a link by Qualcomm's
 * multiplexing protocol, `wwan`, which the modem's driver creates, and `ppp`, over a channel that a
 * program has opened.
 *
 * include/uapi/linux/if_link.h, `IFLA_RMNET_*`, `IFLA_PPP_*`; include/uapi/linux/wwan.h,
 * `IFLA_WWAN_*`; ip-link(8), "RMNET Type Support"; `ip link add link wwan0 name rmnet0 type rmnet
 * mux_id 1`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { s32, u16, u32, type Input, type Static } from '../../../netlink/codec/codec.ts';
import { flagsOf } from '../../../netlink/codec/enums.ts';
import { struct } from '../../../netlink/codec/struct.ts';

/** `RMNET_FLAGS_*`. */
const flags = flagsOf(u32, {
  ingress_deaggregation: 0x01,
  ingress_map_commands: 0x02,
  ingress_map_cksumv4: 0x04,
  egress_map_cksumv4: 0x08,
  ingress_map_cksumv5: 0x10,
  egress_map_cksumv5: 0x20,
});

export const rmnetFlags = struct('ifla_rmnet_flags', { flags, mask: flags });

export const rmnet = attrs({
  muxId: attr('IFLA_RMNET_MUX_ID', 1, u16, 'channel, 1 to 254'),
  flags: attr(
    'IFLA_RMNET_FLAGS',
    2,
    rmnetFlags,
    'data format flags, with a mask of those to change',
  ),
});

export const wwan = attrs({
  linkId: attr('IFLA_WWAN_LINK_ID', 1, u32, 'channel'),
});

export const ppp = attrs({
  devFd: attr('IFLA_PPP_DEV_FD', 1, s32, 'descriptor of /dev/ppp; only in requests'),
});

export type Rmnet = Static<typeof rmnet>;
export type RmnetInput = Input<typeof rmnet>;
export type Wwan = Static<typeof wwan>;
export type WwanInput = Input<typeof wwan>;
export type Ppp = Static<typeof ppp>;
export type PppInput = Input<typeof ppp>;
