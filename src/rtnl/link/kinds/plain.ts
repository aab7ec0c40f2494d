/**
 * Kinds without attributes of their own: `dummy`, which drops all packets; `ifb`, whose packets
 * come from tc(8); `nlmon`, which delivers netlink messages to packet sockets; `vcan`, a virtual
 * CAN bus; `team`, which is driven over generic netlink.
 */
import { attrs } from '../../../netlink/codec/attributes.ts';

export const plain = attrs({});
