/**
 * Counters of a link: `struct rtnl_link_stats` with 32 bits, `struct rtnl_link_stats64` with 64.
 *
 * include/uapi/linux/if_link.h explains each counter; `ip -s -s link`.
 */
import { u16, u32, u64, u8, type Scalar, type Static } from '../../netlink/codec/codec.ts';
import { struct } from '../../netlink/codec/struct.ts';

const counters = <C extends Scalar<any, any>>(width: C) => ({
  rxPackets: width,
  txPackets: width,
  rxBytes: width,
  txBytes: width,
  rxErrors: width,
  txErrors: width,
  rxDropped: width,
  txDropped: width,
  multicast: width,
  collisions: width,
  rxLengthErrors: width,
  rxOverErrors: width,
  rxCrcErrors: width,
  rxFrameErrors: width,
  rxFifoErrors: width,
  rxMissedErrors: width,
  txAbortedErrors: width,
  txCarrierErrors: width,
  txFifoErrors: width,
  txHeartbeatErrors: width,
  txWindowErrors: width,
  rxCompressed: width,
  txCompressed: width,
});

/** The lower 32 bits of each counter. */
export const linkStats = struct('rtnl_link_stats', counters(u32), { rxNohandler: u32 });

export const linkStats64 = struct('rtnl_link_stats64', counters(u64), {
  rxNohandler: u64,
  rxOtherhostDropped: u64,
});

/**
 * Hardware resources of a device, from the days of ISA cards; `ip -s -s link` does not print them.
 */
export const linkIfmap = struct('rtnl_link_ifmap', {
  memStart: u64,
  memEnd: u64,
  baseAddr: u64,
  irq: u16,
  dma: u8,
  port: u8,
  _pad: u32,
});

export type LinkStats = Static<typeof linkStats>;
export type LinkStats64 = Static<typeof linkStats64>;
