/** Enumerations that the messages of several socket families share, by the names of ss(8). */
import { counted, u32, u8 } from '../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../netlink/codec/enums.ts';
import { IP_FAMILIES } from '../netlink/codec/ip-family.ts';
import { struct } from '../netlink/codec/struct.ts';
import * as c from './constants.ts';

export const family = enumOf(u8, {
  ...IP_FAMILIES,
  unix: c.AF_UNIX,
  netlink: c.AF_NETLINK,
  packet: c.AF_PACKET,
  vsock: c.AF_VSOCK,
});

/** include/net/tcp_states.h; sockets of other families have the same ones. */
export const STATES = {
  established: 1,
  'syn-sent': 2,
  'syn-recv': 3,
  'fin-wait-1': 4,
  'fin-wait-2': 5,
  'time-wait': 6,
  closed: 7,
  'close-wait': 8,
  'last-ack': 9,
  listening: 10,
  closing: 11,
  'new-syn-recv': 12,
  'bound-inactive': 13,
} as const;

export type SocketState = keyof typeof STATES;

export const state = enumOf(u8, STATES);

const bits = Object.fromEntries(
  Object.entries(STATES).map(([word, number]) => [word, 2 ** number]),
) as Record<SocketState, number>;

/** The states that a request asks for. */
export const states = flagsOf(u32, bits);

export const socketType = enumOf(u8, {
  stream: 1,
  dgram: 2,
  raw: 3,
  rdm: 4,
  seqpacket: 5,
  packet: 10,
});

/** `RCV_SHUTDOWN`, `SEND_SHUTDOWN`: include/net/sock.h. */
export const shutdown = flagsOf(u8, { receive: 1, send: 2 });

const size = counted(u32, 'bytes');

/** `SK_MEMINFO_*`, which the kernel sends as an array. */
export const skMeminfo = struct(
  'sk_meminfo',
  {
    rmemAlloc: size,
    rcvbuf: size,
    wmemAlloc: size,
    sndbuf: size,
    fwdAlloc: size,
    wmemQueued: size,
    optmem: size,
  },
  // Linux 3.0 and 4.6.
  { backlog: size, drops: u32 },
);
