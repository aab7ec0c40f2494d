/**
 * Speeds and modes of a link, and those that it advertises.
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_LINKMODES_*`;
 * `ethtool -s eth0 speed 1000 duplex full`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { bool8, u32, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { bitset } from '../bitset.ts';
import { ethtoolMessages, header } from '../declare.ts';

/** `DUPLEX_*`, `MASTER_SLAVE_*`, `RATE_MATCH_*`: include/uapi/linux/ethtool.h. */
const duplex = enumOf(u8, { half: 0, full: 1, unknown: 0xff });
const masterSlaveCfg = enumOf(u8, {
  unsupported: 0,
  unknown: 1,
  'preferred-master': 2,
  'preferred-slave': 3,
  'forced-master': 4,
  'forced-slave': 5,
});
const masterSlaveState = enumOf(u8, { unsupported: 0, unknown: 1, master: 2, slave: 3, error: 4 });
const rateMatching = enumOf(u8, { none: 0, pause: 1, crs: 2, open_loop: 3 });

export const linkModesAttrs = attrs({
  header: attr('ETHTOOL_A_LINKMODES_HEADER', 1, header, 'the link'),
  autoneg: attr('ETHTOOL_A_LINKMODES_AUTONEG', 2, bool8, 'whether autonegotiation is on'),
  ours: attr(
    'ETHTOOL_A_LINKMODES_OURS',
    3,
    bitset,
    'supported modes, and whether they are advertised',
  ),
  peer: attr('ETHTOOL_A_LINKMODES_PEER', 4, bitset, 'modes that the other end advertises'),
  speed: attr('ETHTOOL_A_LINKMODES_SPEED', 5, u32, 'Mbit/s; 4294967295 if it is unknown'),
  duplex: attr('ETHTOOL_A_LINKMODES_DUPLEX', 6, duplex, 'duplex'),
  masterSlaveCfg: attr(
    'ETHTOOL_A_LINKMODES_MASTER_SLAVE_CFG',
    7,
    masterSlaveCfg,
    'configured end that provides the clock',
  ),
  masterSlaveState: attr(
    'ETHTOOL_A_LINKMODES_MASTER_SLAVE_STATE',
    8,
    masterSlaveState,
    'end that provides the clock',
  ),
  lanes: attr('ETHTOOL_A_LINKMODES_LANES', 9, u32, 'number of lanes'),
  rateMatching: attr(
    'ETHTOOL_A_LINKMODES_RATE_MATCHING',
    10,
    rateMatching,
    'rate matching between PHY and MAC',
  ),
});

const [request, reply] = ethtoolMessages(
  'linkmodes',
  linkModesAttrs,
  'Speeds and modes of a link, and those that it advertises.',
  { ETHTOOL_MSG_LINKMODES_GET: 4, ETHTOOL_MSG_LINKMODES_SET: 5 },
  { ETHTOOL_MSG_LINKMODES_GET_REPLY: 4, ETHTOOL_MSG_LINKMODES_NTF: 5 },
);

/** What the user sends. */
export const linkModesRequest = request;
/** What the kernel answers and reports. */
export const linkModes = reply;

export type LinkModes = Static<typeof linkModes>;
export type LinkModesInput = Input<typeof linkModes>;
