/**
 * Whether a link has a carrier, and why not.
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_LINKSTATE_*`; `ethtool eth0`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { bool8, u32, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { ethtoolMessages, header } from '../declare.ts';

/** `ETHTOOL_LINK_EXT_STATE_*`: include/uapi/linux/ethtool.h. */
const extState = enumOf(u8, {
  autoneg: 0,
  link_training_failure: 1,
  link_logical_mismatch: 2,
  bad_signal_integrity: 3,
  no_cable: 4,
  cable_issue: 5,
  eeprom_issue: 6,
  calibration_failure: 7,
  power_budget_exceeded: 8,
  overheat: 9,
  module: 10,
});

export const linkStateAttrs = attrs({
  header: attr('ETHTOOL_A_LINKSTATE_HEADER', 1, header, 'the link'),
  link: attr('ETHTOOL_A_LINKSTATE_LINK', 2, bool8, 'whether there is a carrier'),
  sqi: attr('ETHTOOL_A_LINKSTATE_SQI', 3, u32, 'signal quality index (SQI)'),
  sqiMax: attr('ETHTOOL_A_LINKSTATE_SQI_MAX', 4, u32, 'maximum of the SQI'),
  extState: attr('ETHTOOL_A_LINKSTATE_EXT_STATE', 5, extState, 'why there is no carrier'),
  extSubstate: attr('ETHTOOL_A_LINKSTATE_EXT_SUBSTATE', 6, u8, 'details of that reason'),
  extDownCnt: attr(
    'ETHTOOL_A_LINKSTATE_EXT_DOWN_CNT',
    7,
    u32,
    'number of times the carrier was lost',
  ),
});

const [request, reply] = ethtoolMessages(
  'linkstate',
  linkStateAttrs,
  'Whether a link has a carrier, and why not.',
  { ETHTOOL_MSG_LINKSTATE_GET: 6 },
  { ETHTOOL_MSG_LINKSTATE_GET_REPLY: 6 },
);

/** What the user sends. */
export const linkStateRequest = request;
/** What the kernel answers and reports. */
export const linkState = reply;

export type LinkState = Static<typeof linkState>;
export type LinkStateInput = Input<typeof linkState>;
