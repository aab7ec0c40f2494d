/**
 * The forwarding settings of an interface, of all interfaces, or for new ones: `RTM_NEWNETCONF`,
 * `RTM_GETNETCONF`.
 *
 * include/uapi/linux/netconf.h; ip-netconf(8); `ip netconf show dev eth0`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { s32, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { RTM_DELNETCONF, RTM_GETNETCONF, RTM_NEWNETCONF } from '../constants.ts';
import { family } from '../family.ts';

export const netconfmsg = struct('netconfmsg', { family });

/** `NETCONFA_IFINDEX_ALL`, `NETCONFA_IFINDEX_DEFAULT`. */
const ifindex = enumOf(s32, { all: -1, default: -2 });
/** Documentation/networking/ip-sysctl.rst, `rp_filter`. */
const rpFilter = enumOf(s32, { off: 0, strict: 1, loose: 2 });

/** Other values are 0 and 1, in four bytes each. */
export const netconfa = attrs({
  ifindex: attr('NETCONFA_IFINDEX', 1, ifindex, 'interface, all, or the default of new ones'),
  forwarding: attr('NETCONFA_FORWARDING', 2, s32, 'forward packets'),
  rpFilter: attr('NETCONFA_RP_FILTER', 3, rpFilter, 'reverse path filter'),
  mcForwarding: attr('NETCONFA_MC_FORWARDING', 4, s32, 'forward multicast'),
  proxyNeigh: attr('NETCONFA_PROXY_NEIGH', 5, s32, 'answer ARP or NDP for other hosts'),
  ignoreRoutesWithLinkdown: attr(
    'NETCONFA_IGNORE_ROUTES_WITH_LINKDOWN',
    6,
    s32,
    'ignore routes through an interface without carrier',
  ),
  input: attr('NETCONFA_INPUT', 7, s32, 'accept MPLS packets'),
  bcForwarding: attr('NETCONFA_BC_FORWARDING', 8, s32, 'forward directed broadcasts'),
  forceForwarding: attr(
    'NETCONFA_FORCE_FORWARDING',
    9,
    s32,
    'forward IPv6 from this interface even if forwarding is off',
  ),
});

/** As `ip netconf` prints it. */
function subject({ attrs: a }: Subject): string | undefined {
  const { ifindex: which } = a ?? {};
  return typeof which === 'number' ? `index ${which}` : which;
}
interface Subject {
  readonly attrs?: { readonly ifindex?: string | number | undefined } | undefined;
}

export const netconf = message(
  'netconf',
  { RTM_NEWNETCONF, RTM_DELNETCONF, RTM_GETNETCONF },
  netconfmsg,
  netconfa,
  { doc: 'Forwarding settings of an interface.', subject },
);

export type Netconf = Static<typeof netconf>;
export type NetconfInput = Input<typeof netconf>;
