/**
 * Kinds without attributes of their own: `dummy`, which drops all packets; `ifb`, whose packets
 * come from tc(8); `nlmon` and `vsockmon`, which deliver the messages of netlink and of virtual
 * machines to packet sockets; `vcan`, a virtual CAN bus; `lowpan`, IPv6 over IEEE 802.15.4;
 * `netdevsim` and `virt_wifi`, devices for tests; `pfcp`, `team` and `wireguard`, which are driven
 * over generic netlink.
 */
import { attrs } from '../../../netlink/codec/attributes.ts';

export const plain = attrs({});
