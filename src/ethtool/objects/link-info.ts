/**
 * Port and transceiver of a link.
 *
 * include/uapi/linux/ethtool_netlink.h, `ETHTOOL_A_LINKINFO_*`; `ethtool eth0`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { ethtoolMessages, header } from '../declare.ts';

/** `PORT_*`, `XCVR_*`, `ETH_TP_MDI*`: include/uapi/linux/ethtool.h. */
const port = enumOf(u8, {
  tp: 0x00,
  aui: 0x01,
  mii: 0x02,
  fibre: 0x03,
  bnc: 0x04,
  da: 0x05,
  none: 0xef,
  other: 0xff,
});
const transceiver = enumOf(u8, { internal: 0, external: 1 });
const mdix = enumOf(u8, { invalid: 0, mdi: 1, mdix: 2, auto: 3 });

export const linkInfoAttrs = attrs({
  header: attr('ETHTOOL_A_LINKINFO_HEADER', 1, header, 'the link'),
  port: attr('ETHTOOL_A_LINKINFO_PORT', 2, port, 'connector'),
  phyaddr: attr('ETHTOOL_A_LINKINFO_PHYADDR', 3, u8, 'address of the PHY'),
  tpMdix: attr('ETHTOOL_A_LINKINFO_TP_MDIX', 4, mdix, 'MDI-X status: whether pairs are crossed'),
  tpMdixCtrl: attr('ETHTOOL_A_LINKINFO_TP_MDIX_CTRL', 5, mdix, 'requested MDI-X setting'),
  transceiver: attr('ETHTOOL_A_LINKINFO_TRANSCEIVER', 6, transceiver, 'where the PHY is'),
});

const [request, reply] = ethtoolMessages(
  'linkinfo',
  linkInfoAttrs,
  'Port and transceiver of a link.',
  { ETHTOOL_MSG_LINKINFO_GET: 2, ETHTOOL_MSG_LINKINFO_SET: 3 },
  { ETHTOOL_MSG_LINKINFO_GET_REPLY: 2, ETHTOOL_MSG_LINKINFO_NTF: 3 },
);

/** What the user sends. */
export const linkInfoRequest = request;
/** What the kernel answers and reports. */
export const linkInfo = reply;

export type LinkInfo = Static<typeof linkInfo>;
export type LinkInfoInput = Input<typeof linkInfo>;
