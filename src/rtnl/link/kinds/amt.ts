/**
 * Automatic multicast tunneling, across networks without multicast routing, RFC 7450:
 * `IFLA_INFO_DATA` of kind `amt`.
 *
 * include/uapi/linux/amt.h, `IFLA_AMT_*`; ip-link(8), "AMT Type Support"; `ip link add amt0 type
 * amt mode relay local 192.0.2.1 dev eth0 relay_port 2268 max_tunnels 4`.
 */
import { ipv4 } from '../../../netlink/codec/address.ts';
import { attr, attrs } from '../../../netlink/codec/attributes.ts';
import { be16, u32, type Input, type Static } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';

/** `AMT_MODE_*`: the receiving end, or the one in the multicast network. */
const mode = enumOf(u32, { gateway: 0, relay: 1 });

export const amt = attrs({
  mode: attr('IFLA_AMT_MODE', 1, mode, 'end of the tunnel'),
  relayPort: attr('IFLA_AMT_RELAY_PORT', 2, be16, 'UDP port of the relay'),
  gatewayPort: attr('IFLA_AMT_GATEWAY_PORT', 3, be16, 'UDP port of the gateway'),
  link: attr('IFLA_AMT_LINK', 4, u32, 'index of the link that carries the tunnel'),
  localIp: attr('IFLA_AMT_LOCAL_IP', 5, ipv4, 'outer source address'),
  remoteIp: attr('IFLA_AMT_REMOTE_IP', 6, ipv4, 'address of the relay, once discovered'),
  discoveryIp: attr('IFLA_AMT_DISCOVERY_IP', 7, ipv4, 'address that relay discovery is sent to'),
  maxTunnels: attr('IFLA_AMT_MAX_TUNNELS', 8, u32, 'maximum number of tunnels of a relay'),
});

export type Amt = Static<typeof amt>;
export type AmtInput = Input<typeof amt>;
