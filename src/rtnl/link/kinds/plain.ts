/**
 * Kinds without attributes of their own: `dummy`, which drops what it is given; `ifb`, whose packets come from tc(8);
 * `nlmon`, which shows netlink messages to packet sockets; `vcan`, a CAN bus in memory; `team`, driven over generic netlink.
 */
import { attrs } from '../../../netlink/codec/attributes.ts';

export const plain = attrs({});
