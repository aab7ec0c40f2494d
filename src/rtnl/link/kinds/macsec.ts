/**
 * Encrypted Ethernet, IEEE 802.1AE: `IFLA_INFO_DATA` of kind `macsec`. Keys are set over generic
 * netlink.
 *
 * include/uapi/linux/if_link.h, `IFLA_MACSEC_*`; include/uapi/linux/if_macsec.h; ip-macsec(8);
 * `ip link add link eth0 macsec0 type macsec encrypt on`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import {
  be16,
  be64,
  bool8,
  u32,
  u64,
  u8,
  type Input,
  type Static,
} from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';

/** `MACSEC_VALIDATE_*`: the handling of frames that fail validation. */
const validation = enumOf(u8, { disabled: 0, check: 1, strict: 2 });

/** `MACSEC_OFFLOAD_*`: where encryption is done. */
const offload = enumOf(u8, { off: 0, phy: 1, mac: 2 });

export const macsec = attrs({
  sci: attr('IFLA_MACSEC_SCI', 1, be64, 'secure channel id: Ethernet address, then port'),
  port: attr('IFLA_MACSEC_PORT', 2, be16, 'port of the channel; only in requests'),
  icvLen: attr('IFLA_MACSEC_ICV_LEN', 3, u8, 'length of the integrity check value in bytes'),
  cipherSuite: attr('IFLA_MACSEC_CIPHER_SUITE', 4, u64, 'IEEE number of the cipher'),
  window: attr('IFLA_MACSEC_WINDOW', 5, u32, 'replay window, in packets'),
  encodingSa: attr('IFLA_MACSEC_ENCODING_SA', 6, u8, 'secure association for sending, 0 to 3'),
  encrypt: attr('IFLA_MACSEC_ENCRYPT', 7, bool8, 'encrypt, not only authenticate'),
  protect: attr('IFLA_MACSEC_PROTECT', 8, bool8, 'authenticate sent frames'),
  incSci: attr('IFLA_MACSEC_INC_SCI', 9, bool8, 'include the channel id in each frame'),
  es: attr('IFLA_MACSEC_ES', 10, bool8, 'end station bit'),
  scb: attr('IFLA_MACSEC_SCB', 11, bool8, 'single copy broadcast bit'),
  replayProtect: attr('IFLA_MACSEC_REPLAY_PROTECT', 12, bool8, 'drop replayed frames'),
  validation: attr('IFLA_MACSEC_VALIDATION', 13, validation, 'validation of received frames'),
  offload: attr('IFLA_MACSEC_OFFLOAD', 15, offload, 'where encryption is done'),
});

export type Macsec = Static<typeof macsec>;
export type MacsecInput = Input<typeof macsec>;
