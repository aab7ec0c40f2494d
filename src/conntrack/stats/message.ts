/**
 * Counters of connection tracking: of each processor, and of the namespace.
 *
 * include/uapi/linux/netfilter/nfnetlink_conntrack.h; conntrack(8); `conntrack -S`, `conntrack -C`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be32, type Input, type Static } from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import * as c from '../constants.ts';
import { nfgenmsg } from '../head.ts';

export const ctaStats = attrs({
  searched: attr('CTA_STATS_SEARCHED', 1, be32, 'lookups (old kernels)'),
  found: attr('CTA_STATS_FOUND', 2, be32, 'lookups that found a connection'),
  new: attr('CTA_STATS_NEW', 3, be32, 'new connections (old kernels)'),
  invalid: attr('CTA_STATS_INVALID', 4, be32, 'packets that cannot be tracked'),
  ignore: attr('CTA_STATS_IGNORE', 5, be32, 'packets that were tracked already'),
  delete: attr('CTA_STATS_DELETE', 6, be32, 'deleted connections (old kernels)'),
  deleteList: attr(
    'CTA_STATS_DELETE_LIST',
    7,
    be32,
    'connections moved to the dying list (old kernels)',
  ),
  insert: attr('CTA_STATS_INSERT', 8, be32, 'connections inserted into the table'),
  insertFailed: attr('CTA_STATS_INSERT_FAILED', 9, be32, 'failed insertions'),
  drop: attr(
    'CTA_STATS_DROP',
    10,
    be32,
    'packets dropped because the table was full or memory was short',
  ),
  earlyDrop: attr('CTA_STATS_EARLY_DROP', 11, be32, 'connections evicted early to make room'),
  error: attr('CTA_STATS_ERROR', 12, be32, 'invalid ICMP errors'),
  searchRestart: attr(
    'CTA_STATS_SEARCH_RESTART',
    13,
    be32,
    'lookups restarted because the table changed',
  ),
  clashResolve: attr('CTA_STATS_CLASH_RESOLVE', 14, be32, 'resolved insertion clashes'),
  chainToolong: attr(
    'CTA_STATS_CHAIN_TOOLONG',
    15,
    be32,
    'connections refused because their hash chain was too long',
  ),
});

export const ctaStatsGlobal = attrs({
  entries: attr('CTA_STATS_GLOBAL_ENTRIES', 1, be32, 'connections'),
  maxEntries: attr('CTA_STATS_GLOBAL_MAX_ENTRIES', 2, be32, 'maximum number of connections'),
});

export const statsCpu = message(
  'stats-cpu',
  { IPCTNL_MSG_CT_GET_STATS_CPU: c.IPCTNL_MSG_CT_GET_STATS_CPU },
  nfgenmsg,
  ctaStats,
  { doc: 'Counters of a processor.' },
);
export const stats = message(
  'stats',
  { IPCTNL_MSG_CT_GET_STATS: c.IPCTNL_MSG_CT_GET_STATS },
  nfgenmsg,
  ctaStatsGlobal,
  { doc: 'The number of connections.' },
);

export type ConntrackStatsCpu = Static<typeof statsCpu>;
export type ConntrackStatsCpuInput = Input<typeof statsCpu>;
export type ConntrackStats = Static<typeof stats>;
export type ConntrackStatsInput = Input<typeof stats>;
