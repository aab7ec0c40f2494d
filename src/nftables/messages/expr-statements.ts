/**
 * Expressions that count, limit, log or reject: `counter`, `quota`, `limit`, `connlimit`, `last`,
 * `log`, `reject`, `queue`, `notrack`, `synproxy`, `flow_offload`, `objref`, and the iptables
 * extensions `match` and `target`.
 *
 * include/uapi/linux/netfilter/nf_tables.h, nf_tables_compat.h, nf_log.h, nf_synproxy.h; nft(8),
 * STATEMENTS.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be16, be32, be64, bytes, cstr, u8 } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { register } from './data.ts';

export const counter = attrs({
  bytes: attr('NFTA_COUNTER_BYTES', 1, be64, 'bytes seen'),
  packets: attr('NFTA_COUNTER_PACKETS', 2, be64, 'packets seen'),
});

export const quota = attrs({
  bytes: attr('NFTA_QUOTA_BYTES', 1, be64, 'bytes allowed'),
  flags: attr(
    'NFTA_QUOTA_FLAGS',
    2,
    flagsOf(be32, { over: 1, depleted: 2 }),
    'over: match once it is exceeded',
  ),
  consumed: attr('NFTA_QUOTA_CONSUMED', 4, be64, 'bytes seen'),
});

export const limit = attrs({
  rate: attr('NFTA_LIMIT_RATE', 1, be64, 'packets or bytes per unit'),
  unit: attr('NFTA_LIMIT_UNIT', 2, be64, 'unit, in seconds'),
  burst: attr('NFTA_LIMIT_BURST', 3, be32, 'packets or bytes allowed above the rate'),
  type: attr('NFTA_LIMIT_TYPE', 4, enumOf(be32, { packets: 0, bytes: 1 }), 'packets or bytes'),
  flags: attr('NFTA_LIMIT_FLAGS', 5, flagsOf(be32, { over: 1 }), 'over: match once it is exceeded'),
});

export const connlimit = attrs({
  count: attr('NFTA_CONNLIMIT_COUNT', 1, be32, 'connections allowed'),
  flags: attr(
    'NFTA_CONNLIMIT_FLAGS',
    2,
    flagsOf(be32, { over: 1 }),
    'over: match once it is exceeded',
  ),
});

export const last = attrs({
  set: attr('NFTA_LAST_SET', 1, be32, 'whether a packet was seen'),
  msecs: attr('NFTA_LAST_MSECS', 2, be64, 'milliseconds since the last packet'),
});

/** `enum nft_log_level`. */
const logLevel = enumOf(be32, {
  emerg: 0,
  alert: 1,
  crit: 2,
  err: 3,
  warn: 4,
  notice: 5,
  info: 6,
  debug: 7,
  audit: 8,
});

/** `NF_LOG_*`. */
const logFlags = flagsOf(be32, {
  'tcp sequence': 0x01,
  'tcp options': 0x02,
  'ip options': 0x04,
  skuid: 0x08,
  ether: 0x20,
});

export const log = attrs({
  group: attr('NFTA_LOG_GROUP', 1, be16, 'group of nfnetlink_log'),
  prefix: attr('NFTA_LOG_PREFIX', 2, cstr, 'prefix of the message'),
  snaplen: attr('NFTA_LOG_SNAPLEN', 3, be32, 'number of packet bytes to log'),
  qthreshold: attr('NFTA_LOG_QTHRESHOLD', 4, be16, 'number of packets in one message'),
  level: attr('NFTA_LOG_LEVEL', 5, logLevel, 'level of the kernel log'),
  flags: attr('NFTA_LOG_FLAGS', 6, logFlags, 'additional information to log'),
});

export const reject = attrs({
  type: attr(
    'NFTA_REJECT_TYPE',
    1,
    enumOf(be32, { icmp: 0, 'tcp reset': 1, icmpx: 2 }),
    'type of reply',
  ),
  icmpCode: attr('NFTA_REJECT_ICMP_CODE', 2, u8, 'ICMP code'),
});

export const queue = attrs({
  num: attr('NFTA_QUEUE_NUM', 1, be16, 'first queue'),
  total: attr('NFTA_QUEUE_TOTAL', 2, be16, 'number of queues'),
  flags: attr('NFTA_QUEUE_FLAGS', 3, flagsOf(be16, { bypass: 1, fanout: 2 }), 'queueing mode'),
  sregQnum: attr('NFTA_QUEUE_SREG_QNUM', 4, register, 'register with the queue number'),
});

export const notrack = attrs({});

/** Answers the first packets of a TCP connection in place of the server. */
export const synproxy = attrs({
  mss: attr('NFTA_SYNPROXY_MSS', 1, be16, 'maximum segment size announced to the client'),
  wscale: attr('NFTA_SYNPROXY_WSCALE', 2, u8, 'window scale of the server'),
  flags: attr(
    'NFTA_SYNPROXY_FLAGS',
    3,
    flagsOf(be32, { mss: 1, wscale: 2, 'sack-perm': 4, timestamp: 8, ecn: 16 }),
    'options offered to the client',
  ),
});

export const flowOffload = attrs({
  tableName: attr('NFTA_FLOW_TABLE_NAME', 1, cstr, 'flowtable that the connection is added to'),
});

/** `NFT_OBJECT_*`, by nft's names. */
export const objectType = enumOf(be32, {
  counter: 1,
  quota: 2,
  'ct helper': 3,
  limit: 4,
  connlimit: 5,
  tunnel: 6,
  'ct timeout': 7,
  secmark: 8,
  'ct expectation': 9,
  synproxy: 10,
});

export const objref = attrs({
  immType: attr('NFTA_OBJREF_IMM_TYPE', 1, objectType, 'type of object'),
  immName: attr('NFTA_OBJREF_IMM_NAME', 2, cstr, 'its name'),
  setSreg: attr('NFTA_OBJREF_SET_SREG', 3, register, 'register with the key of a map of objects'),
  setName: attr('NFTA_OBJREF_SET_NAME', 4, cstr, 'the map'),
  setId: attr('NFTA_OBJREF_SET_ID', 5, be32, 'the map, by its number in the transaction'),
});

/** `-m NAME` of iptables. */
export const xtMatch = attrs({
  name: attr('NFTA_MATCH_NAME', 1, cstr, 'name of the extension'),
  rev: attr('NFTA_MATCH_REV', 2, be32, 'its revision'),
  info: attr('NFTA_MATCH_INFO', 3, bytes, 'its C struct'),
});

/** `-j NAME` of iptables. */
export const xtTarget = attrs({
  name: attr('NFTA_TARGET_NAME', 1, cstr, 'name of the extension'),
  rev: attr('NFTA_TARGET_REV', 2, be32, 'its revision'),
  info: attr('NFTA_TARGET_INFO', 3, bytes, 'its C struct'),
});
