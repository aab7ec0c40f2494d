/**
 * Two links that each carry every frame, IEC 62439-3: `IFLA_INFO_DATA` of kind `hsr`.
 *
 * include/uapi/linux/if_link.h, `IFLA_HSR_*`;
 * `ip link add hsr0 type hsr slave1 eth0 slave2 eth1 version 1`.
 */
import { mac } from '../../../netlink/codec/address.ts';
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u16, u32, u8, type Input, type Static } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';

/** `HSR_PROTOCOL_*`: a ring, or two parallel networks. */
const protocol = enumOf(u8, { hsr: 0, prp: 1 });

export const hsr = attrs({
  slave1: attr('IFLA_HSR_SLAVE1', 1, u32, 'index of the first link'),
  slave2: attr('IFLA_HSR_SLAVE2', 2, u32, 'index of the second link'),
  multicastSpec: attr('IFLA_HSR_MULTICAST_SPEC', 3, u8, 'last byte of supervisionAddr'),
  supervisionAddr: attr(
    'IFLA_HSR_SUPERVISION_ADDR',
    4,
    mac,
    'multicast address of supervision frames',
  ),
  seqNr: attr('IFLA_HSR_SEQ_NR', 5, u16, 'sequence number of the next frame'),
  version: attr('IFLA_HSR_VERSION', 6, u8, 'version of HSR, 0 or 1'),
  protocol: attr('IFLA_HSR_PROTOCOL', 7, protocol, 'HSR or PRP'),
  interlink: attr('IFLA_HSR_INTERLINK', 8, u32, 'index of the interlink port'),
});

export type Hsr = Static<typeof hsr>;
export type HsrInput = Input<typeof hsr>;
