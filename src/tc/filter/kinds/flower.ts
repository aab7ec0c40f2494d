/**
 * Matches fields of packets, which hardware can do too: `TCA_OPTIONS` of kind `flower`, and the
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

/** One label; the outer one has depth 1. */
export const mplsOptLse = attrs({
  depth: attr('TCA_FLOWER_KEY_MPLS_OPT_LSE_DEPTH', 1, u8, 'number of the label, from outside'),
  ttl: attr('TCA_FLOWER_KEY_MPLS_OPT_LSE_TTL', 2, u8, 'time to live'),
  bos: attr('TCA_FLOWER_KEY_MPLS_OPT_LSE_BOS', 3, u8, 'whether it is the last one'),
  tc: attr('TCA_FLOWER_KEY_MPLS_OPT_LSE_TC', 4, u8, 'traffic class'),
  label: attr('TCA_FLOWER_KEY_MPLS_OPT_LSE_LABEL', 5, u32, 'label'),
});

export const mplsOpts = attrs({
  lse: manyAttr('TCA_FLOWER_KEY_MPLS_OPTS_LSE', 1, nested(mplsOptLse), 'a label'),
});

export const cfm = attrs({
  mdLevel: attr('TCA_FLOWER_KEY_CFM_MD_LEVEL', 1, u8, 'level of the maintenance domain'),
  opcode: attr('TCA_FLOWER_KEY_CFM_OPCODE', 2, u8, 'what it says'),
});

export const flower = attrs({
  classid: attr('TCA_FLOWER_CLASSID', 1, handle, 'class of the packet'),
  indev: attr('TCA_FLOWER_INDEV', 2, cstr, 'link that it came from'),
  act: attr('TCA_FLOWER_ACT', 3, actionList, 'what is done with it'),
  keyEthDst: attr('TCA_FLOWER_KEY_ETH_DST', 4, mac, 'destination'),
  keyEthDstMask: attr('TCA_FLOWER_KEY_ETH_DST_MASK', 5, mac, 'bits of it that count'),
  keyEthSrc: attr('TCA_FLOWER_KEY_ETH_SRC', 6, mac, 'source'),
  keyEthSrcMask: attr('TCA_FLOWER_KEY_ETH_SRC_MASK', 7, mac, 'bits of it that count'),
  keyEthType: attr('TCA_FLOWER_KEY_ETH_TYPE', 8, etherType, 'protocol'),
  keyIpProto: attr('TCA_FLOWER_KEY_IP_PROTO', 9, ipProto, 'transport protocol'),
  keyIpv4Src: attr('TCA_FLOWER_KEY_IPV4_SRC', 10, ipv4, 'source'),
  keyIpv4SrcMask: attr('TCA_FLOWER_KEY_IPV4_SRC_MASK', 11, ipv4, 'bits of it that count'),
  keyIpv4Dst: attr('TCA_FLOWER_KEY_IPV4_DST', 12, ipv4, 'destination'),
  keyIpv4DstMask: attr('TCA_FLOWER_KEY_IPV4_DST_MASK', 13, ipv4, 'bits of it that count'),
  keyIpv6Src: attr('TCA_FLOWER_KEY_IPV6_SRC', 14, ipv6, 'source'),
  keyIpv6SrcMask: attr('TCA_FLOWER_KEY_IPV6_SRC_MASK', 15, ipv6, 'bits of it that count'),
  keyIpv6Dst: attr('TCA_FLOWER_KEY_IPV6_DST', 16, ipv6, 'destination'),
  keyIpv6DstMask: attr('TCA_FLOWER_KEY_IPV6_DST_MASK', 17, ipv6, 'bits of it that count'),
  keyTcpSrc: attr('TCA_FLOWER_KEY_TCP_SRC', 18, be16, 'source port of TCP'),
  keyTcpDst: attr('TCA_FLOWER_KEY_TCP_DST', 19, be16, 'destination port of TCP'),
  keyUdpSrc: attr('TCA_FLOWER_KEY_UDP_SRC', 20, be16, 'source port of UDP'),
  keyUdpDst: attr('TCA_FLOWER_KEY_UDP_DST', 21, be16, 'destination port of UDP'),
  flags: attr('TCA_FLOWER_FLAGS', 22, clsFlags, 'where it runs'),
  keyVlanId: attr('TCA_FLOWER_KEY_VLAN_ID', 23, u16, 'outer VLAN'),
  keyVlanPrio: attr('TCA_FLOWER_KEY_VLAN_PRIO', 24, u8, 'priority in its tag'),
  keyVlanEthType: attr('TCA_FLOWER_KEY_VLAN_ETH_TYPE', 25, etherType, 'protocol inside of it'),
  keyEncKeyId: attr('TCA_FLOWER_KEY_ENC_KEY_ID', 26, be32, 'id of the tunnel'),
  keyEncIpv4Src: attr('TCA_FLOWER_KEY_ENC_IPV4_SRC', 27, ipv4, 'source of the tunnel'),
  keyEncIpv4SrcMask: attr('TCA_FLOWER_KEY_ENC_IPV4_SRC_MASK', 28, ipv4, 'bits of it that count'),
  keyEncIpv4Dst: attr('TCA_FLOWER_KEY_ENC_IPV4_DST', 29, ipv4, 'destination of the tunnel'),
  keyEncIpv4DstMask: attr('TCA_FLOWER_KEY_ENC_IPV4_DST_MASK', 30, ipv4, 'bits of it that count'),
  keyEncIpv6Src: attr('TCA_FLOWER_KEY_ENC_IPV6_SRC', 31, ipv6, 'source of the tunnel'),
  keyEncIpv6SrcMask: attr('TCA_FLOWER_KEY_ENC_IPV6_SRC_MASK', 32, ipv6, 'bits of it that count'),
  keyEncIpv6Dst: attr('TCA_FLOWER_KEY_ENC_IPV6_DST', 33, ipv6, 'destination of the tunnel'),
  keyEncIpv6DstMask: attr('TCA_FLOWER_KEY_ENC_IPV6_DST_MASK', 34, ipv6, 'bits of it that count'),
  keyTcpSrcMask: attr('TCA_FLOWER_KEY_TCP_SRC_MASK', 35, be16, 'bits of the port that count'),
  keyTcpDstMask: attr('TCA_FLOWER_KEY_TCP_DST_MASK', 36, be16, 'bits of the port that count'),
  keyUdpSrcMask: attr('TCA_FLOWER_KEY_UDP_SRC_MASK', 37, be16, 'bits of the port that count'),
  keyUdpDstMask: attr('TCA_FLOWER_KEY_UDP_DST_MASK', 38, be16, 'bits of the port that count'),
  keySctpSrcMask: attr('TCA_FLOWER_KEY_SCTP_SRC_MASK', 39, be16, 'bits of the port that count'),
  keySctpDstMask: attr('TCA_FLOWER_KEY_SCTP_DST_MASK', 40, be16, 'bits of the port that count'),
  keySctpSrc: attr('TCA_FLOWER_KEY_SCTP_SRC', 41, be16, 'source port of SCTP'),
  keySctpDst: attr('TCA_FLOWER_KEY_SCTP_DST', 42, be16, 'destination port of SCTP'),
  keyEncUdpSrcPort: attr('TCA_FLOWER_KEY_ENC_UDP_SRC_PORT', 43, be16, 'source port of the tunnel'),
  keyEncUdpSrcPortMask: attr(
    'TCA_FLOWER_KEY_ENC_UDP_SRC_PORT_MASK',
    44,
    be16,
    'bits of it that count',
  ),
  keyEncUdpDstPort: attr(
    'TCA_FLOWER_KEY_ENC_UDP_DST_PORT',
    45,
    be16,
    'destination port of the tunnel',
  ),
  keyEncUdpDstPortMask: attr(
    'TCA_FLOWER_KEY_ENC_UDP_DST_PORT_MASK',
    46,
    be16,
    'bits of it that count',
  ),
  keyFlags: attr('TCA_FLOWER_KEY_FLAGS', 47, keyFlags, 'whether it is a fragment'),
  keyFlagsMask: attr('TCA_FLOWER_KEY_FLAGS_MASK', 48, keyFlags, 'which of them count'),
  keyIcmpv4Code: attr('TCA_FLOWER_KEY_ICMPV4_CODE', 49, u8, 'code of ICMP'),
  keyIcmpv4CodeMask: attr('TCA_FLOWER_KEY_ICMPV4_CODE_MASK', 50, u8, 'bits of it that count'),
  keyIcmpv4Type: attr('TCA_FLOWER_KEY_ICMPV4_TYPE', 51, u8, 'type of ICMP'),
  keyIcmpv4TypeMask: attr('TCA_FLOWER_KEY_ICMPV4_TYPE_MASK', 52, u8, 'bits of it that count'),
  keyIcmpv6Code: attr('TCA_FLOWER_KEY_ICMPV6_CODE', 53, u8, 'code of ICMPv6'),
  keyIcmpv6CodeMask: attr('TCA_FLOWER_KEY_ICMPV6_CODE_MASK', 54, u8, 'bits of it that count'),
  keyIcmpv6Type: attr('TCA_FLOWER_KEY_ICMPV6_TYPE', 55, u8, 'type of ICMPv6'),
  keyIcmpv6TypeMask: attr('TCA_FLOWER_KEY_ICMPV6_TYPE_MASK', 56, u8, 'bits of it that count'),
  keyArpSip: attr('TCA_FLOWER_KEY_ARP_SIP', 57, ipv4, 'sender of ARP'),
  keyArpSipMask: attr('TCA_FLOWER_KEY_ARP_SIP_MASK', 58, ipv4, 'bits of it that count'),
  keyArpTip: attr('TCA_FLOWER_KEY_ARP_TIP', 59, ipv4, 'target of ARP'),
  keyArpTipMask: attr('TCA_FLOWER_KEY_ARP_TIP_MASK', 60, ipv4, 'bits of it that count'),
  keyArpOp: attr('TCA_FLOWER_KEY_ARP_OP', 61, arpOp, 'request or reply'),
  keyArpOpMask: attr('TCA_FLOWER_KEY_ARP_OP_MASK', 62, u8, 'bits of it that count'),
  keyArpSha: attr('TCA_FLOWER_KEY_ARP_SHA', 63, mac, 'MAC address of the sender'),
  keyArpShaMask: attr('TCA_FLOWER_KEY_ARP_SHA_MASK', 64, mac, 'bits of it that count'),
  keyArpTha: attr('TCA_FLOWER_KEY_ARP_THA', 65, mac, 'MAC address of the target'),
  keyArpThaMask: attr('TCA_FLOWER_KEY_ARP_THA_MASK', 66, mac, 'bits of it that count'),
  keyMplsTtl: attr('TCA_FLOWER_KEY_MPLS_TTL', 67, u8, 'time to live of the outer label'),
  keyMplsBos: attr('TCA_FLOWER_KEY_MPLS_BOS', 68, u8, 'whether it is the last label'),
  keyMplsTc: attr('TCA_FLOWER_KEY_MPLS_TC', 69, u8, 'traffic class of the outer label'),
  keyMplsLabel: attr('TCA_FLOWER_KEY_MPLS_LABEL', 70, u32, 'outer label'),
  keyTcpFlags: attr('TCA_FLOWER_KEY_TCP_FLAGS', 71, tcpFlags, 'flags of TCP'),
  keyTcpFlagsMask: attr('TCA_FLOWER_KEY_TCP_FLAGS_MASK', 72, tcpFlags, 'which of them count'),
  keyIpTos: attr('TCA_FLOWER_KEY_IP_TOS', 73, u8, 'type of service'),
  keyIpTosMask: attr('TCA_FLOWER_KEY_IP_TOS_MASK', 74, u8, 'bits of it that count'),
  keyIpTtl: attr('TCA_FLOWER_KEY_IP_TTL', 75, u8, 'time to live'),
  keyIpTtlMask: attr('TCA_FLOWER_KEY_IP_TTL_MASK', 76, u8, 'bits of it that count'),
  keyCvlanId: attr('TCA_FLOWER_KEY_CVLAN_ID', 77, u16, 'inner VLAN'),
  keyCvlanPrio: attr('TCA_FLOWER_KEY_CVLAN_PRIO', 78, u8, 'priority in its tag'),
  keyCvlanEthType: attr('TCA_FLOWER_KEY_CVLAN_ETH_TYPE', 79, etherType, 'protocol inside of it'),
  keyEncIpTos: attr('TCA_FLOWER_KEY_ENC_IP_TOS', 80, u8, 'type of service of the tunnel'),
  keyEncIpTosMask: attr('TCA_FLOWER_KEY_ENC_IP_TOS_MASK', 81, u8, 'bits of it that count'),
  keyEncIpTtl: attr('TCA_FLOWER_KEY_ENC_IP_TTL', 82, u8, 'time to live of the tunnel'),
  keyEncIpTtlMask: attr('TCA_FLOWER_KEY_ENC_IP_TTL_MASK', 83, u8, 'bits of it that count'),
  keyEncOpts: attr('TCA_FLOWER_KEY_ENC_OPTS', 84, nested(encOpts), 'options of the tunnel'),
  keyEncOptsMask: attr(
    'TCA_FLOWER_KEY_ENC_OPTS_MASK',
    85,
    nested(encOpts),
    'bits of them that count',
  ),
  inHwCount: attr('TCA_FLOWER_IN_HW_COUNT', 86, u32, 'number of devices that have it'),
  keyPortSrcMin: attr('TCA_FLOWER_KEY_PORT_SRC_MIN', 87, be16, 'lowest source port'),
  keyPortSrcMax: attr('TCA_FLOWER_KEY_PORT_SRC_MAX', 88, be16, 'highest source port'),
  keyPortDstMin: attr('TCA_FLOWER_KEY_PORT_DST_MIN', 89, be16, 'lowest destination port'),
  keyPortDstMax: attr('TCA_FLOWER_KEY_PORT_DST_MAX', 90, be16, 'highest destination port'),
  keyCtState: attr('TCA_FLOWER_KEY_CT_STATE', 91, ctState, 'what is known of the connection'),
  keyCtStateMask: attr('TCA_FLOWER_KEY_CT_STATE_MASK', 92, ctState, 'which of it counts'),
  keyCtZone: attr('TCA_FLOWER_KEY_CT_ZONE', 93, u16, 'zone of the connection'),
  keyCtZoneMask: attr('TCA_FLOWER_KEY_CT_ZONE_MASK', 94, u16, 'bits of it that count'),
  keyCtMark: attr('TCA_FLOWER_KEY_CT_MARK', 95, u32, 'mark of the connection'),
  keyCtMarkMask: attr('TCA_FLOWER_KEY_CT_MARK_MASK', 96, u32, 'bits of it that count'),
  keyCtLabels: attr('TCA_FLOWER_KEY_CT_LABELS', 97, bytes, 'labels of the connection'),
  keyCtLabelsMask: attr('TCA_FLOWER_KEY_CT_LABELS_MASK', 98, bytes, 'bits of them that count'),
  keyMplsOpts: attr('TCA_FLOWER_KEY_MPLS_OPTS', 99, nested(mplsOpts), 'labels by their depth'),
  keyHash: attr('TCA_FLOWER_KEY_HASH', 100, u32, 'hash of the packet'),
  keyHashMask: attr('TCA_FLOWER_KEY_HASH_MASK', 101, u32, 'bits of it that count'),
  keyNumOfVlans: attr('TCA_FLOWER_KEY_NUM_OF_VLANS', 102, u8, 'number of tags'),
  keyPppoeSid: attr('TCA_FLOWER_KEY_PPPOE_SID', 103, be16, 'session of PPPoE'),
  keyPppProto: attr('TCA_FLOWER_KEY_PPP_PROTO', 104, pppProto, 'protocol inside of PPP'),
  keyL2tpv3Sid: attr('TCA_FLOWER_KEY_L2TPV3_SID', 105, be32, 'session of L2TPv3'),
  l2Miss: attr('TCA_FLOWER_L2_MISS', 106, u8, 'whether the bridge knew no port for it'),
  keyCfm: attr('TCA_FLOWER_KEY_CFM', 107, nested(cfm), 'message of connectivity fault management'),
  keySpi: attr('TCA_FLOWER_KEY_SPI', 108, be32, 'security parameter index of IPsec'),
  keySpiMask: attr('TCA_FLOWER_KEY_SPI_MASK', 109, be32, 'bits of it that count'),
  keyEncFlags: attr('TCA_FLOWER_KEY_ENC_FLAGS', 110, encFlags, 'flags of the tunnel'),
  keyEncFlagsMask: attr('TCA_FLOWER_KEY_ENC_FLAGS_MASK', 111, encFlags, 'which of them count'),
});
