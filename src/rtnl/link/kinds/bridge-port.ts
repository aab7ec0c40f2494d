/**
 * A port of a bridge: `IFLA_INFO_SLAVE_DATA` of kind `bridge`, and `IFLA_PROTINFO` of family
 * AF_BRIDGE.
 *
 * include/uapi/linux/if_link.h, `IFLA_BRPORT_*`; bridge(8), "bridge link set"; ip-link(8),
 * "bridge_slave"; `bridge link set dev veth0 hairpin on`. Timers are in 1/100 s.
 */
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import {
  bool8,
  flag,
  u16,
  u32,
  u64,
  u8,
  type Input,
  type Static,
} from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';
import { bridgeId } from './bridge.ts';

/** `BR_STATE_*`, include/uapi/linux/if_bridge.h. */
export const stpState = enumOf(u8, {
  disabled: 0,
  listening: 1,
  learning: 2,
  forwarding: 3,
  blocking: 4,
});

export const bridgePort = attrs({
  state: attr('IFLA_BRPORT_STATE', 1, stpState, 'spanning tree state'),
  priority: attr('IFLA_BRPORT_PRIORITY', 2, u16, 'spanning tree priority, 0 to 63'),
  cost: attr('IFLA_BRPORT_COST', 3, u32, 'spanning tree cost of the port'),
  mode: attr(
    'IFLA_BRPORT_MODE',
    4,
    bool8,
    'hairpin: packets may leave through the port they came in',
  ),
  guard: attr('IFLA_BRPORT_GUARD', 5, bool8, 'a spanning tree packet disables the port'),
  protect: attr('IFLA_BRPORT_PROTECT', 6, bool8, 'the port never becomes root'),
  fastLeave: attr('IFLA_BRPORT_FAST_LEAVE', 7, bool8, 'a leave message stops multicast at once'),
  learning: attr('IFLA_BRPORT_LEARNING', 8, bool8, 'learn source addresses'),
  unicastFlood: attr(
    'IFLA_BRPORT_UNICAST_FLOOD',
    9,
    bool8,
    'flood packets for unknown addresses to the port',
  ),
  proxyarp: attr('IFLA_BRPORT_PROXYARP', 10, bool8, 'answer ARP for known neighbours'),
  learningSync: attr(
    'IFLA_BRPORT_LEARNING_SYNC',
    11,
    bool8,
    'sync addresses learned by the device',
  ),
  proxyarpWifi: attr(
    'IFLA_BRPORT_PROXYARP_WIFI',
    12,
    bool8,
    'proxy ARP by the rules of IEEE 802.11',
  ),
  rootId: attr('IFLA_BRPORT_ROOT_ID', 13, bridgeId, 'designated root'),
  bridgeId: attr('IFLA_BRPORT_BRIDGE_ID', 14, bridgeId, 'designated bridge'),
  designatedPort: attr('IFLA_BRPORT_DESIGNATED_PORT', 15, u16, 'designated port'),
  designatedCost: attr(
    'IFLA_BRPORT_DESIGNATED_COST',
    16,
    u16,
    'cost from the designated port to the root',
  ),
  id: attr('IFLA_BRPORT_ID', 17, u16, 'priority and number of the port'),
  no: attr('IFLA_BRPORT_NO', 18, u16, 'number of the port'),
  topologyChangeAck: attr(
    'IFLA_BRPORT_TOPOLOGY_CHANGE_ACK',
    19,
    bool8,
    'an acknowledgement is due',
  ),
  configPending: attr('IFLA_BRPORT_CONFIG_PENDING', 20, bool8, 'a configuration packet is due'),
  messageAgeTimer: attr(
    'IFLA_BRPORT_MESSAGE_AGE_TIMER',
    21,
    u64,
    'time until the root expires, in 1/100 s',
  ),
  forwardDelayTimer: attr(
    'IFLA_BRPORT_FORWARD_DELAY_TIMER',
    22,
    u64,
    'time until the next state, in 1/100 s',
  ),
  holdTimer: attr(
    'IFLA_BRPORT_HOLD_TIMER',
    23,
    u64,
    'time until the next packet may be sent, in 1/100 s',
  ),
  flush: attr('IFLA_BRPORT_FLUSH', 24, flag, 'forget learned addresses; only in requests'),
  multicastRouter: attr(
    'IFLA_BRPORT_MULTICAST_ROUTER',
    25,
    u8,
    '0 never, 1 on query, 2 always, 3 temporarily',
  ),
  mcastFlood: attr('IFLA_BRPORT_MCAST_FLOOD', 27, bool8, 'flood unknown multicast to the port'),
  mcastToUcast: attr('IFLA_BRPORT_MCAST_TO_UCAST', 28, bool8, 'deliver multicast as unicast'),
  vlanTunnel: attr('IFLA_BRPORT_VLAN_TUNNEL', 29, bool8, 'VLANs are mapped to tunnel ids'),
  bcastFlood: attr('IFLA_BRPORT_BCAST_FLOOD', 30, bool8, 'flood broadcast to the port'),
  groupFwdMask: attr('IFLA_BRPORT_GROUP_FWD_MASK', 31, u16, 'bit n: forward 01:80:c2:00:00:0n'),
  neighSuppress: attr('IFLA_BRPORT_NEIGH_SUPPRESS', 32, bool8, 'answer ARP and ND from the bridge'),
  isolated: attr('IFLA_BRPORT_ISOLATED', 33, bool8, 'no forwarding to other isolated ports'),
  backupPort: attr('IFLA_BRPORT_BACKUP_PORT', 34, u32, 'interface index of the backup port'),
  mrpRingOpen: attr('IFLA_BRPORT_MRP_RING_OPEN', 35, bool8, 'the MRP ring is open'),
  mrpInOpen: attr('IFLA_BRPORT_MRP_IN_OPEN', 36, bool8, 'the MRP interconnect ring is open'),
  mcastEhtHostsLimit: attr(
    'IFLA_BRPORT_MCAST_EHT_HOSTS_LIMIT',
    37,
    u32,
    'maximum number of tracked hosts',
  ),
  mcastEhtHostsCnt: attr('IFLA_BRPORT_MCAST_EHT_HOSTS_CNT', 38, u32, 'number of tracked hosts'),
  locked: attr('IFLA_BRPORT_LOCKED', 39, bool8, 'accept only known source addresses'),
  mab: attr('IFLA_BRPORT_MAB', 40, bool8, 'add locked entries for unknown source addresses'),
  mcastNGroups: attr('IFLA_BRPORT_MCAST_N_GROUPS', 41, u32, 'number of joined multicast groups'),
  mcastMaxGroups: attr(
    'IFLA_BRPORT_MCAST_MAX_GROUPS',
    42,
    u32,
    'maximum number of groups; 0: no limit',
  ),
  neighVlanSuppress: attr('IFLA_BRPORT_NEIGH_VLAN_SUPPRESS', 43, bool8, 'suppress per VLAN'),
  backupNhid: attr('IFLA_BRPORT_BACKUP_NHID', 44, u32, 'next hop of packets to the backup port'),
  neighForwardGrat: attr(
    'IFLA_BRPORT_NEIGH_FORWARD_GRAT',
    45,
    bool8,
    'forward gratuitous ARP and ND despite neighSuppress',
  ),
});

export type BridgePort = Static<typeof bridgePort>;
export type BridgePortInput = Input<typeof bridgePort>;
