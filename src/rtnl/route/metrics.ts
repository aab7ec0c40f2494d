/**
 * The metrics of a route, in `RTA_METRICS`: properties of the path and initial values for TCP.
 *
 * include/uapi/linux/rtnetlink.h, `RTAX_*`; ip-route(8);
 * `ip route add default via 192.0.2.1 mtu lock 1400 initcwnd 20`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { bool32, cstr, u32 } from '../../netlink/codec/codec.ts';
import { flagsOf } from '../../netlink/codec/enums.ts';

/** Bit n stands for the metric with number n. */
const lock = flagsOf(u32, {
  mtu: 1 << 2,
  window: 1 << 3,
  rtt: 1 << 4,
  rttvar: 1 << 5,
  ssthresh: 1 << 6,
  cwnd: 1 << 7,
  advmss: 1 << 8,
  reordering: 1 << 9,
  hoplimit: 1 << 10,
  initcwnd: 1 << 11,
  features: 1 << 12,
  rto_min: 1 << 13,
  initrwnd: 1 << 14,
  quickack: 1 << 15,
  congctl: 1 << 16,
  fastopen_no_cookie: 1 << 17,
});

/** `RTAX_FEATURE_*`. */
const features = flagsOf(u32, { ecn: 1, sack: 2, timestamp: 4, allfrag: 8, tcp_usec_ts: 16 });

export const rtax = attrs({
  lock: attr('RTAX_LOCK', 1, lock, 'metrics that path discovery must not change'),
  mtu: attr('RTAX_MTU', 2, u32, 'path MTU in bytes'),
  window: attr('RTAX_WINDOW', 3, u32, 'maximum window to advertise, in bytes'),
  rtt: attr('RTAX_RTT', 4, u32, 'round-trip time in 1/8 ms'),
  rttvar: attr('RTAX_RTTVAR', 5, u32, 'its variance in 1/4 ms'),
  ssthresh: attr('RTAX_SSTHRESH', 6, u32, 'slow start threshold in segments'),
  cwnd: attr('RTAX_CWND', 7, u32, 'clamp of the congestion window in segments'),
  advmss: attr('RTAX_ADVMSS', 8, u32, 'segment size to advertise, in bytes'),
  reordering: attr('RTAX_REORDERING', 9, u32, 'reordering to expect, in segments'),
  hoplimit: attr('RTAX_HOPLIMIT', 10, u32, 'hop limit or time to live; 0: default'),
  initcwnd: attr('RTAX_INITCWND', 11, u32, 'initial congestion window in segments'),
  features: attr('RTAX_FEATURES', 12, features, 'features to enable for this route'),
  rtoMin: attr('RTAX_RTO_MIN', 13, u32, 'minimum retransmission timeout in ms'),
  initrwnd: attr('RTAX_INITRWND', 14, u32, 'initial receive window in segments'),
  quickack: attr('RTAX_QUICKACK', 15, bool32, 'acknowledge without delay'),
  ccAlgo: attr('RTAX_CC_ALGO', 16, cstr, 'congestion control algorithm'),
  fastopenNoCookie: attr('RTAX_FASTOPEN_NO_COOKIE', 17, bool32, 'TCP fast open needs no cookie'),
});
