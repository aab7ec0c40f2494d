/**
 * A neighbour table and its parameters, for all interfaces or for one: `RTM_NEWNEIGHTBL`,
 * `RTM_GETNEIGHTBL`, `RTM_SETNEIGHTBL`.
 *
 * include/uapi/linux/neighbour.h; ip-ntable(8); `ip ntable show dev eth0`,
 * `ip ntable change name arp_cache dev eth0 base_reachable 20000`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import {
  counted,
  cstr,
  u16,
  u32,
  u64,
  u8,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { RTM_GETNEIGHTBL, RTM_NEWNEIGHTBL, RTM_SETNEIGHTBL } from '../constants.ts';
import { family } from '../family.ts';

export const ndtmsg = struct('ndtmsg', { family, _pad1: u8, _pad2: u16 });

export const ndtConfig = struct('ndt_config', {
  keyLen: counted(u16, 'bytes'),
  entrySize: counted(u16, 'bytes'),
  entries: u32,
  lastFlush: counted(u32, 'ms'),
  lastRand: counted(u32, 'ms'),
  hashRnd: u32,
  hashMask: u32,
  hashChainGc: u32,
  proxyQlen: u32,
});

export const ndtStats = struct('ndt_stats', {
  allocs: u64,
  destroys: u64,
  hashGrows: u64,
  resFailed: u64,
  lookups: u64,
  hits: u64,
  rcvProbesMcast: u64,
  rcvProbesUcast: u64,
  periodicGcRuns: u64,
  forcedGcRuns: u64,
  tableFulls: u64,
});

export const ndtpa = attrs({
  ifindex: attr('NDTPA_IFINDEX', 1, u32, 'interface; missing for the defaults of new interfaces'),
  refcnt: attr('NDTPA_REFCNT', 2, u32, 'number of users of these parameters'),
  reachableTime: attr(
    'NDTPA_REACHABLE_TIME',
    3,
    u64,
    'current time that a neighbour stays reachable, in ms',
  ),
  baseReachableTime: attr('NDTPA_BASE_REACHABLE_TIME', 4, u64, 'mean of reachableTime, in ms'),
  retransTime: attr('NDTPA_RETRANS_TIME', 5, u64, 'interval of probes, in ms'),
  gcStaletime: attr(
    'NDTPA_GC_STALETIME',
    6,
    u64,
    'time after which unused entries are removed, in ms',
  ),
  delayProbeTime: attr('NDTPA_DELAY_PROBE_TIME', 7, u64, 'delay of the first probe, in ms'),
  queueLen: attr('NDTPA_QUEUE_LEN', 8, u32, 'maximum number of packets waiting for an answer'),
  appProbes: attr('NDTPA_APP_PROBES', 9, u32, 'number of probes by a daemon'),
  ucastProbes: attr('NDTPA_UCAST_PROBES', 10, u32, 'number of unicast probes'),
  mcastProbes: attr('NDTPA_MCAST_PROBES', 11, u32, 'number of multicast or broadcast probes'),
  anycastDelay: attr('NDTPA_ANYCAST_DELAY', 12, u64, 'maximum delay of an anycast answer, in ms'),
  proxyDelay: attr('NDTPA_PROXY_DELAY', 13, u64, 'maximum delay of a proxy answer, in ms'),
  proxyQlen: attr('NDTPA_PROXY_QLEN', 14, u32, 'maximum number of waiting proxy requests'),
  locktime: attr('NDTPA_LOCKTIME', 15, u64, 'minimum time between two changes, in ms'),
  queueLenbytes: attr(
    'NDTPA_QUEUE_LENBYTES',
    16,
    u32,
    'maximum number of bytes waiting for an answer',
  ),
  mcastReprobes: attr(
    'NDTPA_MCAST_REPROBES',
    17,
    u32,
    'number of multicast probes after failed unicast probes',
  ),
  intervalProbeTimeMs: attr(
    'NDTPA_INTERVAL_PROBE_TIME_MS',
    19,
    u64,
    'interval of probes of managed entries, in ms',
  ),
});

export const ndta = attrs({
  name: attr('NDTA_NAME', 1, cstr, '`arp_cache` or `ndisc_cache`'),
  thresh1: attr('NDTA_THRESH1', 2, u32, 'number of entries below which nothing is removed'),
  thresh2: attr('NDTA_THRESH2', 3, u32, 'number of entries above which removal is urgent'),
  thresh3: attr('NDTA_THRESH3', 4, u32, 'maximum number of entries'),
  config: attr('NDTA_CONFIG', 5, ndtConfig, 'sizes and ages'),
  parms: attr('NDTA_PARMS', 6, ndtpa, 'parameters'),
  stats: attr('NDTA_STATS', 7, ndtStats, 'counters'),
  gcInterval: attr('NDTA_GC_INTERVAL', 8, u64, 'interval of removals, in ms'),
});

export const neighTable = message(
  'neighTable',
  { RTM_NEWNEIGHTBL, RTM_GETNEIGHTBL, RTM_SETNEIGHTBL },
  ndtmsg,
  ndta,
  { doc: 'A neighbour table and its parameters.', subject: ({ attrs: a }) => a?.name },
);

export type NeighTable = Static<typeof neighTable>;
export type NeighTableInput = Input<typeof neighTable>;
