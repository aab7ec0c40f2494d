/**
 * A WireGuard link with its keys and peers.
 *
 * include/uapi/linux/wireguard.h; drivers/net/wireguard/netlink.c; wg(8); `wg show wg0`,
 * `wg setconf wg0 FILE`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { ip } from '../../netlink/codec/address.ts';
import {
  cstr,
  s64,
  u16,
  u32,
  u64,
  u8,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { list } from '../../netlink/codec/list.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { genlMessage } from '../../genl/declare.ts';
import * as c from '../constants.ts';
import { endpoint } from './endpoint.ts';
import { key } from './wireguard-key.ts';

/** `WGDEVICE_F_*` */
const deviceFlags = flagsOf(u32, { replace_peers: 0x1 });
/** `WGPEER_F_*` */
const peerFlags = flagsOf(u32, { remove_me: 0x1, replace_allowedips: 0x2, update_only: 0x4 });
/** `WGALLOWEDIP_F_*` */
const allowedipFlags = flagsOf(u32, { remove_me: 0x1 });

const timespec = struct('__kernel_timespec', { sec: s64, nsec: s64 });

export const wgallowedip = attrs({
  family: attr('WGALLOWEDIP_A_FAMILY', 1, enumOf(u16, { inet: 2, inet6: 10 }), 'family'),
  ipaddr: attr('WGALLOWEDIP_A_IPADDR', 2, ip, 'address of the network'),
  cidrMask: attr('WGALLOWEDIP_A_CIDR_MASK', 3, u8, 'length of the prefix'),
  flags: attr(
    'WGALLOWEDIP_A_FLAGS',
    4,
    allowedipFlags,
    'with `remove_me` it is removed; Linux 6.16 or newer',
  ),
});

export const wgpeer = attrs({
  publicKey: attr('WGPEER_A_PUBLIC_KEY', 1, key, 'public key, which identifies the peer'),
  presharedKey: attr('WGPEER_A_PRESHARED_KEY', 2, key, 'shared secret; zeros for none'),
  flags: attr('WGPEER_A_FLAGS', 3, peerFlags, 'in requests: what to do with the peer'),
  endpoint: attr('WGPEER_A_ENDPOINT', 4, endpoint, 'address and port of the peer'),
  persistentKeepaliveInterval: attr(
    'WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL',
    5,
    u16,
    'interval of keepalive packets, in seconds; 0: off',
  ),
  lastHandshakeTime: attr(
    'WGPEER_A_LAST_HANDSHAKE_TIME',
    6,
    timespec,
    'time of the last handshake since 1970; 0: never',
  ),
  rxBytes: attr('WGPEER_A_RX_BYTES', 7, u64, 'bytes received'),
  txBytes: attr('WGPEER_A_TX_BYTES', 8, u64, 'bytes sent'),
  allowedips: attr(
    'WGPEER_A_ALLOWEDIPS',
    9,
    nested(list('WGPEER_A_ALLOWEDIPS', nested(wgallowedip))),
    'networks behind the peer: allowed sources of its packets, and destinations routed to it',
  ),
  protocolVersion: attr('WGPEER_A_PROTOCOL_VERSION', 10, u32, 'version of the protocol: 1'),
});

export const wgdeviceAttrs = attrs({
  ifindex: attr('WGDEVICE_A_IFINDEX', 1, u32, 'index of the link'),
  ifname: attr('WGDEVICE_A_IFNAME', 2, cstr, 'name of the link'),
  privateKey: attr('WGDEVICE_A_PRIVATE_KEY', 3, key, 'private key; zeros for none'),
  publicKey: attr('WGDEVICE_A_PUBLIC_KEY', 4, key, 'public key that belongs to it'),
  flags: attr('WGDEVICE_A_FLAGS', 5, deviceFlags, 'in requests: whether to remove all peers first'),
  listenPort: attr('WGDEVICE_A_LISTEN_PORT', 6, u16, 'UDP port; 0: chosen by the kernel'),
  fwmark: attr('WGDEVICE_A_FWMARK', 7, u32, 'firewall mark of sent packets; 0: none'),
  peers: attr(
    'WGDEVICE_A_PEERS',
    8,
    nested(list('WGDEVICE_A_PEERS', nested(wgpeer))),
    'peers; further messages continue the list',
  ),
});

export const wgdevice = genlMessage(
  'wgdevice',
  { WG_CMD_GET_DEVICE: c.WG_CMD_GET_DEVICE, WG_CMD_SET_DEVICE: c.WG_CMD_SET_DEVICE },
  wgdeviceAttrs,
  {
    doc: 'A WireGuard link, or as much of its peers as one message holds.',
    subject: ({ attrs: a }) => a?.ifname ?? (a?.ifindex === undefined ? undefined : `${a.ifindex}`),
  },
);

export type Wgdevice = Static<typeof wgdevice>;
export type WgdeviceInput = Input<typeof wgdevice>;
