/**
 * Recomputes checksums after another action changed the packet: `TCA_ACT_OPTIONS` of kind `csum`.
 *
 * include/uapi/linux/tc_act/tc_csum.h; tc-csum(8); `action csum ip4h and tcp`.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u32 } from '../../../netlink/codec/codec.ts';
import { flagsOf } from '../../../netlink/codec/enums.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { gen, tcfT } from '../control.ts';

export const tcCsum = struct('tc_csum', {
  ...gen,
  updateFlags: flagsOf(u32, {
    ip4h: 0x01,
    icmp: 0x02,
    igmp: 0x04,
    tcp: 0x08,
    udp: 0x10,
    udplite: 0x20,
    sctp: 0x40,
  }),
});

export const csum = attrs({
  parms: attr('TCA_CSUM_PARMS', 1, tcCsum, 'checksums to update'),
  tm: attr('TCA_CSUM_TM', 2, tcfT, 'times of creation and of first and last use'),
});
