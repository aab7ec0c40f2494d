/**
 * Changes the Ethernet header, or marks congestion: `TCA_ACT_OPTIONS` of kind `skbmod`.
 *
 * include/uapi/linux/tc_act/tc_skbmod.h; tc-skbmod(8); `action skbmod swap mac`.
 */
import { mac } from '../../../netlink/codec/address.ts';
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { u32 } from '../../../netlink/codec/codec.ts';
import { struct } from '../../../netlink/codec/struct.ts';
import { hostEtherType } from '../../protocols.ts';
import { flags64 } from '../../units.ts';
import { gen, tcfT } from '../control.ts';

/** `SKBMOD_F_*`: which attributes apply, and operations that have no attribute. */
const flags = flags64({ dmac: 0x01n, smac: 0x02n, etype: 0x04n, swapmac: 0x08n, ecn: 0x10n });

export const tcSkbmod = struct('tc_skbmod', { ...gen, _pad: u32, flags });

export const skbmod = attrs({
  tm: attr('TCA_SKBMOD_TM', 1, tcfT, 'times of creation and of first and last use'),
  parms: attr('TCA_SKBMOD_PARMS', 2, tcSkbmod, 'what to change'),
  dmac: attr('TCA_SKBMOD_DMAC', 3, mac, 'destination'),
  smac: attr('TCA_SKBMOD_SMAC', 4, mac, 'source'),
  etype: attr('TCA_SKBMOD_ETYPE', 5, hostEtherType, 'protocol'),
});
