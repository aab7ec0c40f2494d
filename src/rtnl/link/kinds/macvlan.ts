/**
 * An additional Ethernet address on a link: `IFLA_INFO_DATA` of the kinds `macvlan` and `macvtap`.
 *
 * include/uapi/linux/if_link.h, `IFLA_MACVLAN_*`; ip-link(8), "MACVLAN and MACVTAP Type Support";
 * `ip link add link eth0 name mac0 type macvlan mode bridge`.
 */
import { mac } from '../../../netlink/codec/address.ts';
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { s32, u16, u32, type Input, type Static } from '../../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../../netlink/codec/enums.ts';
import { list } from '../../../netlink/codec/list.ts';

/** `MACVLAN_MODE_*`: which other links of the master a link can reach. */
const mode = enumOf(u32, { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 });

/** `MACVLAN_FLAG_*`. */
const flags = flagsOf(u16, { nopromisc: 1, nodst: 2 });

/** `MACVLAN_MACADDR_*`: how a request changes the list of source addresses. */
const macaddrMode = enumOf(u32, { add: 0, del: 1, flush: 2, set: 3 });

export const macvlan = attrs({
  mode: attr('IFLA_MACVLAN_MODE', 1, mode, 'which other links of the master it can reach'),
  flags: attr('IFLA_MACVLAN_FLAGS', 2, flags, 'options'),
  macaddrMode: attr(
    'IFLA_MACVLAN_MACADDR_MODE',
    3,
    macaddrMode,
    'change of the source addresses; only in requests',
  ),
  macaddr: attr('IFLA_MACVLAN_MACADDR', 4, mac, 'source address to add or remove'),
  macaddrData: attr(
    'IFLA_MACVLAN_MACADDR_DATA',
    5,
    list('IFLA_MACVLAN_MACADDR', mac, { id: 4 }),
    'source addresses of mode source',
  ),
  macaddrCount: attr('IFLA_MACVLAN_MACADDR_COUNT', 6, u32, 'number of source addresses'),
  bcQueueLen: attr(
    'IFLA_MACVLAN_BC_QUEUE_LEN',
    7,
    u32,
    'requested length of the broadcast queue, in packets',
  ),
  bcQueueLenUsed: attr(
    'IFLA_MACVLAN_BC_QUEUE_LEN_USED',
    8,
    u32,
    'effective length of the broadcast queue, in packets',
  ),
  bcCutoff: attr(
    'IFLA_MACVLAN_BC_CUTOFF',
    9,
    s32,
    'number of members above which multicast is queued like broadcast',
  ),
});

export type Macvlan = Static<typeof macvlan>;
export type MacvlanInput = Input<typeof macvlan>;
