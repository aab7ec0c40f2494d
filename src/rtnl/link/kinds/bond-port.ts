/**
 * A member of a bond: `IFLA_INFO_SLAVE_DATA` of kind `bond`.
 *
 * include/uapi/linux/if_link.h, `IFLA_BOND_SLAVE_*`; `ip link set eth0 type bond_slave queue_id 1`.
 */
import { lladdr } from '../../../netlink/codec/address.ts';
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { s32, u16, u32, u8, type Input, type Static } from '../../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../../netlink/codec/enums.ts';

/** `BOND_STATE_*`. */
const state = enumOf(u8, { active: 0, backup: 1 });

/** `BOND_LINK_*`. */
const miiStatus = enumOf(u8, { up: 0, going_down: 1, down: 2, going_back: 3 });

/** `LACP_STATE_*`: the state byte of IEEE 802.3ad. */
const LACP_STATE = {
  active: 1,
  short_timeout: 2,
  aggregating: 4,
  in_sync: 8,
  collecting: 16,
  distributing: 32,
  defaulted: 64,
  expired: 128,
} as const;

/** `AD_CHURN_*`: whether actor and partner agree. */
const churn = enumOf(u8, { monitor: 0, churned: 1, none: 2 });

export const bondPort = attrs({
  state: attr('IFLA_BOND_SLAVE_STATE', 1, state, 'active or backup'),
  miiStatus: attr('IFLA_BOND_SLAVE_MII_STATUS', 2, miiStatus, 'link state'),
  linkFailureCount: attr('IFLA_BOND_SLAVE_LINK_FAILURE_COUNT', 3, u32, 'number of link failures'),
  permHwaddr: attr('IFLA_BOND_SLAVE_PERM_HWADDR', 4, lladdr, 'address before joining the bond'),
  queueId: attr('IFLA_BOND_SLAVE_QUEUE_ID', 5, u16, 'transmit queue that selects this member'),
  adAggregatorId: attr('IFLA_BOND_SLAVE_AD_AGGREGATOR_ID', 6, u16, 'its aggregator'),
  adActorOperPortState: attr(
    'IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE',
    7,
    flagsOf(u8, LACP_STATE),
    'LACP state of the actor',
  ),
  adPartnerOperPortState: attr(
    'IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE',
    8,
    flagsOf(u16, LACP_STATE),
    'LACP state of the partner',
  ),
  prio: attr('IFLA_BOND_SLAVE_PRIO', 9, s32, 'failover priority'),
  actorPortPrio: attr('IFLA_BOND_SLAVE_ACTOR_PORT_PRIO', 10, u16, 'port priority, 802.3ad'),
  adChurnActorState: attr(
    'IFLA_BOND_SLAVE_AD_CHURN_ACTOR_STATE',
    11,
    churn,
    'churn state of the actor',
  ),
  adChurnPartnerState: attr(
    'IFLA_BOND_SLAVE_AD_CHURN_PARTNER_STATE',
    12,
    churn,
    'churn state of the partner',
  ),
});

export type BondPort = Static<typeof bondPort>;
export type BondPortInput = Input<typeof bondPort>;
