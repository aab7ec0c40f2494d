/**
 * Matches fields of packets, in hardware if it can: `TCA_OPTIONS` of kind `flower`, and the
 * template of a chain.
 *
 * include/uapi/linux/pkt_cls.h, `TCA_FLOWER_*`; fl_policy in net/sched/cls_flower.c; tc-flower(8);
 * `tc filter add dev d0 ingress protocol ip flower dst_ip 192.0.2.0/24 action drop`.
 */
import { ipv4, ipv6, mac } from '../../../netlink/codec/address.ts';
import { attr, attrs, manyAttr } from '../../../netlink/codec/attributes.ts';
import { be16, be32, bytes, cstr, u16, u32, u8 } from '../../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../../netlink/codec/enums.ts';
import { nested } from '../../../netlink/codec/nested.ts';
import { actionList } from '../../action/tca-act.ts';
import { etherType, ipProto } from '../../protocols.ts';
import { handle } from '../../units.ts';
import { clsFlags } from '../flags.ts';
import { encOpts } from './flower-tunnel.ts';

const keyFlags = flagsOf(be32, { frag: 1, firstfrag: 2 });
const encFlags = flagsOf(be32, { csum: 4, 'dont-fragment': 8, oam: 16, 'crit-opt': 32 });
const arpOp = enumOf(u8, { request: 1, reply: 2 });
const tcpFlags = flagsOf(be16, {
  fin: 0x01,
  syn: 0x02,
  rst: 0x04,
  psh: 0x08,
  ack: 0x10,
  urg: 0x20,
  ece: 0x40,
  cwr: 0x80,
});
const ctState = flagsOf(u16, { new: 1, est: 2, rel: 4, trk: 8, inv: 16, rpl: 32 });
/** `PPP_*`, include/uapi/linux/ppp_defs.h. */
const pppProto = enumOf(be16, { ip: 0x21, ipv6: 0x57, mpls_uc: 0x281, mpls_mc: 0x283 });

/** One label; the outermost has depth 1. */
export const mplsOptLse = attrs({
  depth: attr('TCA_FLOWER_KEY_MPLS_OPT_LSE_DEPTH', 1, u8, 'depth of the label; 1: outermost'),
  ttl: attr('TCA_FLOWER_KEY_MPLS_OPT_LSE_TTL', 2, u8, 'TTL of the label'),
  bos: attr('TCA_FLOWER_KEY_MPLS_OPT_LSE_BOS', 3, u8, 'bottom of stack'),
  tc: attr('TCA_FLOWER_KEY_MPLS_OPT_LSE_TC', 4, u8, 'traffic class'),
  label: attr('TCA_FLOWER_KEY_MPLS_OPT_LSE_LABEL', 5, u32, 'label'),
});

export const mplsOpts = attrs({
  lse: manyAttr('TCA_FLOWER_KEY_MPLS_OPTS_LSE', 1, nested(mplsOptLse), 'a label'),
});

export const cfm = attrs({
  mdLevel: attr('TCA_FLOWER_KEY_CFM_MD_LEVEL', 1, u8, 'maintenance domain level'),
  opcode: attr('TCA_FLOWER_KEY_CFM_OPCODE', 2, u8, 'opcode'),
});

export const flower = attrs({
  classid: attr('TCA_FLOWER_CLASSID', 1, handle, 'class that the packet goes to'),
  indev: attr('TCA_FLOWER_INDEV', 2, cstr, 'name of the input interface'),
  act: attr('TCA_FLOWER_ACT', 3, actionList, 'actions on the packet'),
  keyEthDst: attr('TCA_FLOWER_KEY_ETH_DST', 4, mac, 'destination MAC address'),
  keyEthDstMask: attr('TCA_FLOWER_KEY_ETH_DST_MASK', 5, mac, 'mask of the destination MAC address'),
  keyEthSrc: attr('TCA_FLOWER_KEY_ETH_SRC', 6, mac, 'source MAC address'),
  keyEthSrcMask: attr('TCA_FLOWER_KEY_ETH_SRC_MASK', 7, mac, 'mask of the source MAC address'),
  keyEthType: attr('TCA_FLOWER_KEY_ETH_TYPE', 8, etherType, 'EtherType'),
  keyIpProto: attr('TCA_FLOWER_KEY_IP_PROTO', 9, ipProto, 'transport protocol'),
  keyIpv4Src: attr('TCA_FLOWER_KEY_IPV4_SRC', 10, ipv4, 'source address'),
  keyIpv4SrcMask: attr('TCA_FLOWER_KEY_IPV4_SRC_MASK', 11, ipv4, 'mask of the source address'),
  keyIpv4Dst: attr('TCA_FLOWER_KEY_IPV4_DST', 12, ipv4, 'destination address'),
  keyIpv4DstMask: attr('TCA_FLOWER_KEY_IPV4_DST_MASK', 13, ipv4, 'mask of the destination address'),
  keyIpv6Src: attr('TCA_FLOWER_KEY_IPV6_SRC', 14, ipv6, 'source address'),
  keyIpv6SrcMask: attr('TCA_FLOWER_KEY_IPV6_SRC_MASK', 15, ipv6, 'mask of the source address'),
  keyIpv6Dst: attr('TCA_FLOWER_KEY_IPV6_DST', 16, ipv6, 'destination address'),
  keyIpv6DstMask: attr('TCA_FLOWER_KEY_IPV6_DST_MASK', 17, ipv6, 'mask of the destination address'),
  keyTcpSrc: attr('TCA_FLOWER_KEY_TCP_SRC', 18, be16, 'TCP source port'),
  keyTcpDst: attr('TCA_FLOWER_KEY_TCP_DST', 19, be16, 'TCP destination port'),
  keyUdpSrc: attr('TCA_FLOWER_KEY_UDP_SRC', 20, be16, 'UDP source port'),
  keyUdpDst: attr('TCA_FLOWER_KEY_UDP_DST', 21, be16, 'UDP destination port'),
  flags: attr('TCA_FLOWER_FLAGS', 22, clsFlags, 'where the filter runs'),
  keyVlanId: attr('TCA_FLOWER_KEY_VLAN_ID', 23, u16, 'VLAN id of the outer tag'),
  keyVlanPrio: attr('TCA_FLOWER_KEY_VLAN_PRIO', 24, u8, 'priority in the outer tag'),
  keyVlanEthType: attr(
    'TCA_FLOWER_KEY_VLAN_ETH_TYPE',
    25,
    etherType,
    'EtherType after the outer tag',
  ),
  keyEncKeyId: attr('TCA_FLOWER_KEY_ENC_KEY_ID', 26, be32, 'tunnel id'),
  keyEncIpv4Src: attr('TCA_FLOWER_KEY_ENC_IPV4_SRC', 27, ipv4, 'outer source address'),
  keyEncIpv4SrcMask: attr(
    'TCA_FLOWER_KEY_ENC_IPV4_SRC_MASK',
    28,
    ipv4,
    'mask of the outer source address',
  ),
  keyEncIpv4Dst: attr('TCA_FLOWER_KEY_ENC_IPV4_DST', 29, ipv4, 'outer destination address'),
  keyEncIpv4DstMask: attr(
    'TCA_FLOWER_KEY_ENC_IPV4_DST_MASK',
    30,
    ipv4,
    'mask of the outer destination address',
  ),
  keyEncIpv6Src: attr('TCA_FLOWER_KEY_ENC_IPV6_SRC', 31, ipv6, 'outer source address'),
  keyEncIpv6SrcMask: attr(
    'TCA_FLOWER_KEY_ENC_IPV6_SRC_MASK',
    32,
    ipv6,
    'mask of the outer source address',
  ),
  keyEncIpv6Dst: attr('TCA_FLOWER_KEY_ENC_IPV6_DST', 33, ipv6, 'outer destination address'),
  keyEncIpv6DstMask: attr(
    'TCA_FLOWER_KEY_ENC_IPV6_DST_MASK',
    34,
    ipv6,
    'mask of the outer destination address',
  ),
  keyTcpSrcMask: attr('TCA_FLOWER_KEY_TCP_SRC_MASK', 35, be16, 'mask of the TCP source port'),
  keyTcpDstMask: attr('TCA_FLOWER_KEY_TCP_DST_MASK', 36, be16, 'mask of the TCP destination port'),
  keyUdpSrcMask: attr('TCA_FLOWER_KEY_UDP_SRC_MASK', 37, be16, 'mask of the UDP source port'),
  keyUdpDstMask: attr('TCA_FLOWER_KEY_UDP_DST_MASK', 38, be16, 'mask of the UDP destination port'),
  keySctpSrcMask: attr('TCA_FLOWER_KEY_SCTP_SRC_MASK', 39, be16, 'mask of the SCTP source port'),
  keySctpDstMask: attr(
    'TCA_FLOWER_KEY_SCTP_DST_MASK',
    40,
    be16,
    'mask of the SCTP destination port',
  ),
  keySctpSrc: attr('TCA_FLOWER_KEY_SCTP_SRC', 41, be16, 'SCTP source port'),
  keySctpDst: attr('TCA_FLOWER_KEY_SCTP_DST', 42, be16, 'SCTP destination port'),
  keyEncUdpSrcPort: attr('TCA_FLOWER_KEY_ENC_UDP_SRC_PORT', 43, be16, 'outer source port'),
  keyEncUdpSrcPortMask: attr(
    'TCA_FLOWER_KEY_ENC_UDP_SRC_PORT_MASK',
    44,
    be16,
    'mask of the outer source port',
  ),
  keyEncUdpDstPort: attr('TCA_FLOWER_KEY_ENC_UDP_DST_PORT', 45, be16, 'outer destination port'),
  keyEncUdpDstPortMask: attr(
    'TCA_FLOWER_KEY_ENC_UDP_DST_PORT_MASK',
    46,
    be16,
    'mask of the outer destination port',
  ),
  keyFlags: attr('TCA_FLOWER_KEY_FLAGS', 47, keyFlags, 'fragment flags'),
  keyFlagsMask: attr('TCA_FLOWER_KEY_FLAGS_MASK', 48, keyFlags, 'mask of the fragment flags'),
  keyIcmpv4Code: attr('TCA_FLOWER_KEY_ICMPV4_CODE', 49, u8, 'ICMP code'),
  keyIcmpv4CodeMask: attr('TCA_FLOWER_KEY_ICMPV4_CODE_MASK', 50, u8, 'mask of the ICMP code'),
  keyIcmpv4Type: attr('TCA_FLOWER_KEY_ICMPV4_TYPE', 51, u8, 'ICMP type'),
  keyIcmpv4TypeMask: attr('TCA_FLOWER_KEY_ICMPV4_TYPE_MASK', 52, u8, 'mask of the ICMP type'),
  keyIcmpv6Code: attr('TCA_FLOWER_KEY_ICMPV6_CODE', 53, u8, 'ICMPv6 code'),
  keyIcmpv6CodeMask: attr('TCA_FLOWER_KEY_ICMPV6_CODE_MASK', 54, u8, 'mask of the ICMPv6 code'),
  keyIcmpv6Type: attr('TCA_FLOWER_KEY_ICMPV6_TYPE', 55, u8, 'ICMPv6 type'),
  keyIcmpv6TypeMask: attr('TCA_FLOWER_KEY_ICMPV6_TYPE_MASK', 56, u8, 'mask of the ICMPv6 type'),
  keyArpSip: attr('TCA_FLOWER_KEY_ARP_SIP', 57, ipv4, 'ARP sender IP address'),
  keyArpSipMask: attr('TCA_FLOWER_KEY_ARP_SIP_MASK', 58, ipv4, 'mask of the ARP sender IP address'),
  keyArpTip: attr('TCA_FLOWER_KEY_ARP_TIP', 59, ipv4, 'ARP target IP address'),
  keyArpTipMask: attr('TCA_FLOWER_KEY_ARP_TIP_MASK', 60, ipv4, 'mask of the ARP target IP address'),
  keyArpOp: attr('TCA_FLOWER_KEY_ARP_OP', 61, arpOp, 'ARP operation'),
  keyArpOpMask: attr('TCA_FLOWER_KEY_ARP_OP_MASK', 62, u8, 'mask of the ARP operation'),
  keyArpSha: attr('TCA_FLOWER_KEY_ARP_SHA', 63, mac, 'ARP sender MAC address'),
  keyArpShaMask: attr('TCA_FLOWER_KEY_ARP_SHA_MASK', 64, mac, 'mask of the ARP sender MAC address'),
  keyArpTha: attr('TCA_FLOWER_KEY_ARP_THA', 65, mac, 'ARP target MAC address'),
  keyArpThaMask: attr('TCA_FLOWER_KEY_ARP_THA_MASK', 66, mac, 'mask of the ARP target MAC address'),
  keyMplsTtl: attr('TCA_FLOWER_KEY_MPLS_TTL', 67, u8, 'TTL of the outermost label'),
  keyMplsBos: attr('TCA_FLOWER_KEY_MPLS_BOS', 68, u8, 'bottom of stack bit of the outermost label'),
  keyMplsTc: attr('TCA_FLOWER_KEY_MPLS_TC', 69, u8, 'traffic class of the outermost label'),
  keyMplsLabel: attr('TCA_FLOWER_KEY_MPLS_LABEL', 70, u32, 'outermost label'),
  keyTcpFlags: attr('TCA_FLOWER_KEY_TCP_FLAGS', 71, tcpFlags, 'TCP flags'),
  keyTcpFlagsMask: attr('TCA_FLOWER_KEY_TCP_FLAGS_MASK', 72, tcpFlags, 'mask of the TCP flags'),
  keyIpTos: attr('TCA_FLOWER_KEY_IP_TOS', 73, u8, 'TOS or traffic class'),
  keyIpTosMask: attr('TCA_FLOWER_KEY_IP_TOS_MASK', 74, u8, 'mask of the TOS or traffic class'),
  keyIpTtl: attr('TCA_FLOWER_KEY_IP_TTL', 75, u8, 'TTL or hop limit'),
  keyIpTtlMask: attr('TCA_FLOWER_KEY_IP_TTL_MASK', 76, u8, 'mask of the TTL or hop limit'),
  keyCvlanId: attr('TCA_FLOWER_KEY_CVLAN_ID', 77, u16, 'VLAN id of the inner tag'),
  keyCvlanPrio: attr('TCA_FLOWER_KEY_CVLAN_PRIO', 78, u8, 'priority in the inner tag'),
  keyCvlanEthType: attr(
    'TCA_FLOWER_KEY_CVLAN_ETH_TYPE',
    79,
    etherType,
    'EtherType after the inner tag',
  ),
  keyEncIpTos: attr('TCA_FLOWER_KEY_ENC_IP_TOS', 80, u8, 'outer TOS'),
  keyEncIpTosMask: attr('TCA_FLOWER_KEY_ENC_IP_TOS_MASK', 81, u8, 'mask of the outer TOS'),
  keyEncIpTtl: attr('TCA_FLOWER_KEY_ENC_IP_TTL', 82, u8, 'outer TTL'),
  keyEncIpTtlMask: attr('TCA_FLOWER_KEY_ENC_IP_TTL_MASK', 83, u8, 'mask of the outer TTL'),
  keyEncOpts: attr('TCA_FLOWER_KEY_ENC_OPTS', 84, nested(encOpts), 'tunnel options'),
  keyEncOptsMask: attr(
    'TCA_FLOWER_KEY_ENC_OPTS_MASK',
    85,
    nested(encOpts),
    'mask of the tunnel options',
  ),
  inHwCount: attr('TCA_FLOWER_IN_HW_COUNT', 86, u32, 'number of devices that offload it'),
  keyPortSrcMin: attr('TCA_FLOWER_KEY_PORT_SRC_MIN', 87, be16, 'lowest source port'),
  keyPortSrcMax: attr('TCA_FLOWER_KEY_PORT_SRC_MAX', 88, be16, 'highest source port'),
  keyPortDstMin: attr('TCA_FLOWER_KEY_PORT_DST_MIN', 89, be16, 'lowest destination port'),
  keyPortDstMax: attr('TCA_FLOWER_KEY_PORT_DST_MAX', 90, be16, 'highest destination port'),
  keyCtState: attr('TCA_FLOWER_KEY_CT_STATE', 91, ctState, 'conntrack state'),
  keyCtStateMask: attr('TCA_FLOWER_KEY_CT_STATE_MASK', 92, ctState, 'mask of the conntrack state'),
  keyCtZone: attr('TCA_FLOWER_KEY_CT_ZONE', 93, u16, 'conntrack zone'),
  keyCtZoneMask: attr('TCA_FLOWER_KEY_CT_ZONE_MASK', 94, u16, 'mask of the conntrack zone'),
  keyCtMark: attr('TCA_FLOWER_KEY_CT_MARK', 95, u32, 'conntrack mark'),
  keyCtMarkMask: attr('TCA_FLOWER_KEY_CT_MARK_MASK', 96, u32, 'mask of the conntrack mark'),
  keyCtLabels: attr('TCA_FLOWER_KEY_CT_LABELS', 97, bytes, 'conntrack labels'),
  keyCtLabelsMask: attr('TCA_FLOWER_KEY_CT_LABELS_MASK', 98, bytes, 'mask of the conntrack labels'),
  keyMplsOpts: attr('TCA_FLOWER_KEY_MPLS_OPTS', 99, nested(mplsOpts), 'labels, by depth'),
  keyHash: attr('TCA_FLOWER_KEY_HASH', 100, u32, 'hash of the packet'),
  keyHashMask: attr('TCA_FLOWER_KEY_HASH_MASK', 101, u32, 'mask of the hash of the packet'),
  keyNumOfVlans: attr('TCA_FLOWER_KEY_NUM_OF_VLANS', 102, u8, 'number of VLAN tags'),
  keyPppoeSid: attr('TCA_FLOWER_KEY_PPPOE_SID', 103, be16, 'PPPoE session id'),
  keyPppProto: attr('TCA_FLOWER_KEY_PPP_PROTO', 104, pppProto, 'PPP protocol'),
  keyL2tpv3Sid: attr('TCA_FLOWER_KEY_L2TPV3_SID', 105, be32, 'L2TPv3 session id'),
  l2Miss: attr('TCA_FLOWER_L2_MISS', 106, u8, 'whether the lookup in the bridge missed'),
  keyCfm: attr('TCA_FLOWER_KEY_CFM', 107, nested(cfm), 'connectivity fault management (CFM)'),
  keySpi: attr('TCA_FLOWER_KEY_SPI', 108, be32, 'IPsec SPI'),
  keySpiMask: attr('TCA_FLOWER_KEY_SPI_MASK', 109, be32, 'mask of the IPsec SPI'),
  keyEncFlags: attr('TCA_FLOWER_KEY_ENC_FLAGS', 110, encFlags, 'tunnel flags'),
  keyEncFlagsMask: attr('TCA_FLOWER_KEY_ENC_FLAGS_MASK', 111, encFlags, 'mask of the tunnel flags'),
});
