/**
 * Several links bonded into one: `IFLA_INFO_DATA` of kind `bond`. Members are in `bond-port.ts`.
 *
 * include/uapi/linux/if_link.h, `IFLA_BOND_*`; include/uapi/linux/if_bonding.h;
 * Documentation/networking/bonding.rst, whose option names are used;
 * `ip link add bond0 type bond mode 802.3ad`. Times are in ms.
 */
import { ipv4, ipv6, mac } from '../../../netlink/codec/address.ts';
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { bool8, u16, u32, u8, type Input, type Static } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';
import { list } from '../../../netlink/codec/list.ts';
import { nested } from '../../../netlink/codec/nested.ts';

const mode = enumOf(u8, {
  'balance-rr': 0,
  'active-backup': 1,
  'balance-xor': 2,
  broadcast: 3,
  '802.3ad': 4,
  'balance-tlb': 5,
  'balance-alb': 6,
});
const arpValidate = enumOf(u32, {
  none: 0,
  active: 1,
  backup: 2,
  all: 3,
  filter: 4,
  filter_active: 5,
  filter_backup: 6,
});
const arpAllTargets = enumOf(u32, { any: 0, all: 1 });
const primaryReselect = enumOf(u8, { always: 0, better: 1, failure: 2 });
const failOverMac = enumOf(u8, { none: 0, active: 1, follow: 2 });
const xmitHashPolicy = enumOf(u8, {
  layer2: 0,
  'layer3+4': 1,
  'layer2+3': 2,
  'encap2+3': 3,
  'encap3+4': 4,
  'vlan+srcmac': 5,
});
const adLacpRate = enumOf(u8, { slow: 0, fast: 1 });
const adSelect = enumOf(u8, { stable: 0, bandwidth: 1, count: 2 });

/** `IFLA_BOND_AD_INFO_*`: the active aggregator of IEEE 802.3ad. */
export const bondAdInfo = attrs({
  aggregator: attr('IFLA_BOND_AD_INFO_AGGREGATOR', 1, u16, 'id of the aggregator'),
  numPorts: attr('IFLA_BOND_AD_INFO_NUM_PORTS', 2, u16, 'number of ports'),
  actorKey: attr('IFLA_BOND_AD_INFO_ACTOR_KEY', 3, u16, 'key of the actor'),
  partnerKey: attr('IFLA_BOND_AD_INFO_PARTNER_KEY', 4, u16, 'key of the partner'),
  partnerMac: attr('IFLA_BOND_AD_INFO_PARTNER_MAC', 5, mac, 'address of the partner'),
});

export const bond = attrs({
  mode: attr('IFLA_BOND_MODE', 1, mode, 'bonding mode'),
  activeSlave: attr('IFLA_BOND_ACTIVE_SLAVE', 2, u32, 'index of the active member'),
  miimon: attr('IFLA_BOND_MIIMON', 3, u32, 'interval of carrier checks, in ms; 0: off'),
  updelay: attr('IFLA_BOND_UPDELAY', 4, u32, 'delay before a member counts as up, in ms'),
  downdelay: attr('IFLA_BOND_DOWNDELAY', 5, u32, 'delay before a member counts as down, in ms'),
  useCarrier: attr('IFLA_BOND_USE_CARRIER', 6, bool8, 'query the driver, not the MII registers'),
  arpInterval: attr('IFLA_BOND_ARP_INTERVAL', 7, u32, 'interval of ARP probes, in ms; 0: off'),
  arpIpTarget: attr(
    'IFLA_BOND_ARP_IP_TARGET',
    8,
    list('arp_ip_target', ipv4, { from: 0 }),
    'addresses to probe, at most 16',
  ),
  arpValidate: attr('IFLA_BOND_ARP_VALIDATE', 9, arpValidate, 'members that validate ARP replies'),
  arpAllTargets: attr(
    'IFLA_BOND_ARP_ALL_TARGETS',
    10,
    arpAllTargets,
    'whether any or all targets must reply',
  ),
  primary: attr('IFLA_BOND_PRIMARY', 11, u32, 'index of the preferred member'),
  primaryReselect: attr('IFLA_BOND_PRIMARY_RESELECT', 12, primaryReselect, 'when to return to it'),
  failOverMac: attr(
    'IFLA_BOND_FAIL_OVER_MAC',
    13,
    failOverMac,
    'which members get the address of the bond',
  ),
  xmitHashPolicy: attr(
    'IFLA_BOND_XMIT_HASH_POLICY',
    14,
    xmitHashPolicy,
    'how flows are distributed',
  ),
  resendIgmp: attr('IFLA_BOND_RESEND_IGMP', 15, u32, 'number of IGMP reports after a failover'),
  numPeerNotif: attr(
    'IFLA_BOND_NUM_PEER_NOTIF',
    16,
    u8,
    'number of peer notifications after a failover',
  ),
  allSlavesActive: attr(
    'IFLA_BOND_ALL_SLAVES_ACTIVE',
    17,
    bool8,
    'accept packets on backup members',
  ),
  minLinks: attr('IFLA_BOND_MIN_LINKS', 18, u32, 'members required for carrier'),
  lpInterval: attr('IFLA_BOND_LP_INTERVAL', 19, u32, 'interval of learning packets, in s'),
  packetsPerSlave: attr(
    'IFLA_BOND_PACKETS_PER_SLAVE',
    20,
    u32,
    'consecutive packets per member in balance-rr',
  ),
  adLacpRate: attr('IFLA_BOND_AD_LACP_RATE', 21, adLacpRate, 'rate requested from the partner'),
  adSelect: attr('IFLA_BOND_AD_SELECT', 22, adSelect, 'how the aggregator is selected'),
  adInfo: attr('IFLA_BOND_AD_INFO', 23, bondAdInfo, 'the active aggregator'),
  adActorSysPrio: attr('IFLA_BOND_AD_ACTOR_SYS_PRIO', 24, u16, 'system priority of the actor'),
  adUserPortKey: attr('IFLA_BOND_AD_USER_PORT_KEY', 25, u16, 'upper part of the port key'),
  adActorSystem: attr('IFLA_BOND_AD_ACTOR_SYSTEM', 26, mac, 'system address of the actor'),
  tlbDynamicLb: attr('IFLA_BOND_TLB_DYNAMIC_LB', 27, bool8, 'rebalance flows in balance-tlb'),
  peerNotifDelay: attr(
    'IFLA_BOND_PEER_NOTIF_DELAY',
    28,
    u32,
    'interval of peer notifications, in ms',
  ),
  adLacpActive: attr('IFLA_BOND_AD_LACP_ACTIVE', 29, bool8, 'send LACPDUs unconditionally'),
  missedMax: attr('IFLA_BOND_MISSED_MAX', 30, u8, 'missed probes after which a member is down'),
  nsIp6Target: attr(
    'IFLA_BOND_NS_IP6_TARGET',
    31,
    nested(list('ns_ip6_target', ipv6, { from: 0 })),
    'IPv6 addresses to probe, at most 16',
  ),
  coupledControl: attr('IFLA_BOND_COUPLED_CONTROL', 32, bool8, 'collect and distribute together'),
  broadcastNeigh: attr(
    'IFLA_BOND_BROADCAST_NEIGH',
    33,
    bool8,
    'send ARP and NDP through all members',
  ),
});

export type Bond = Static<typeof bond>;
export type BondInput = Input<typeof bond>;
