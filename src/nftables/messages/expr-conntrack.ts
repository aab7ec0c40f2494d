/**
 * Expressions that query a packet's connection, route, socket, IPsec transformation, tunnel or
 * sender, or generate a number: `ct`, `fib`, `rt`, `socket`, `xfrm`, `tunnel`, `osf`, `numgen`,
 * `hash`.
 *
 * include/uapi/linux/netfilter/nf_tables.h; nft(8), CONNTRACK EXPRESSIONS, FIB EXPRESSIONS, ROUTING
 * EXPRESSIONS, IPSEC EXPRESSIONS, OSF EXPRESSION.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be32, u8 } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { register } from './data.ts';

/** `enum nft_ct_keys`, by nft's names. */
export const ctKey = enumOf(be32, {
  state: 0,
  direction: 1,
  status: 2,
  mark: 3,
  secmark: 4,
  expiration: 5,
  helper: 6,
  l3proto: 7,
  saddr: 8,
  daddr: 9,
  protocol: 10,
  'proto-src': 11,
  'proto-dst': 12,
  label: 13,
  packets: 14,
  bytes: 15,
  avgpkt: 16,
  zone: 17,
  event: 18,
  'ip saddr': 19,
  'ip daddr': 20,
  'ip6 saddr': 21,
  'ip6 daddr': 22,
  id: 23,
});

/** The bits of `ct state` and `ct status`; include/uapi/linux/netfilter/nf_conntrack_common.h. */
export const CT_STATE = { invalid: 1, established: 2, related: 4, new: 8, untracked: 64 } as const;
export const CT_STATUS = {
  expected: 1,
  'seen-reply': 2,
  assured: 4,
  confirmed: 8,
  snat: 16,
  dnat: 32,
  dying: 512,
} as const;

/** `enum ip_conntrack_dir`. */
export const ctDirection = enumOf(u8, { original: 0, reply: 1 });

export const ct = attrs({
  dreg: attr('NFTA_CT_DREG', 1, register, 'destination register'),
  key: attr('NFTA_CT_KEY', 2, ctKey, 'property of the connection'),
  direction: attr('NFTA_CT_DIRECTION', 3, ctDirection, 'direction of the connection'),
  sreg: attr('NFTA_CT_SREG', 4, register, 'source register, to set it'),
});

export const fib = attrs({
  dreg: attr('NFTA_FIB_DREG', 1, register, 'destination register'),
  result: attr(
    'NFTA_FIB_RESULT',
    2,
    enumOf(be32, { oif: 1, oifname: 2, type: 3 }),
    'property of the route',
  ),
  flags: attr(
    'NFTA_FIB_FLAGS',
    3,
    flagsOf(be32, { saddr: 1, daddr: 2, mark: 4, iif: 8, oif: 16, present: 32 }),
    'keys of the route lookup',
  ),
});

export const rt = attrs({
  dreg: attr('NFTA_RT_DREG', 1, register, 'destination register'),
  key: attr(
    'NFTA_RT_KEY',
    2,
    enumOf(be32, { classid: 0, 'ip nexthop': 1, 'ip6 nexthop': 2, mtu: 3, ipsec: 4 }),
    'property of the route',
  ),
});

export const socket = attrs({
  key: attr(
    'NFTA_SOCKET_KEY',
    1,
    enumOf(be32, { transparent: 0, mark: 1, wildcard: 2, cgroupv2: 3 }),
    'property of the socket',
  ),
  dreg: attr('NFTA_SOCKET_DREG', 2, register, 'destination register'),
  level: attr('NFTA_SOCKET_LEVEL', 3, be32, 'level of the control group ancestor'),
});

export const xfrm = attrs({
  dreg: attr('NFTA_XFRM_DREG', 1, register, 'destination register'),
  key: attr(
    'NFTA_XFRM_KEY',
    2,
    enumOf(be32, {
      'ip daddr': 1,
      'ip6 daddr': 2,
      'ip saddr': 3,
      'ip6 saddr': 4,
      reqid: 5,
      spi: 6,
    }),
    'property of the IPsec state',
  ),
  dir: attr(
    'NFTA_XFRM_DIR',
    3,
    enumOf(u8, { in: 0, out: 1 }),
    'direction: transformations already made, or to come',
  ),
  spnum: attr('NFTA_XFRM_SPNUM', 4, be32, 'which of several states, starting at 0'),
});

export const tunnel = attrs({
  key: attr(
    'NFTA_TUNNEL_KEY',
    1,
    enumOf(be32, { path: 0, id: 1 }),
    'property: whether there is tunnel metadata, or the tunnel id',
  ),
  dreg: attr('NFTA_TUNNEL_DREG', 2, register, 'destination register'),
  mode: attr(
    'NFTA_TUNNEL_MODE',
    3,
    enumOf(be32, { none: 0, rx: 1, tx: 2 }),
    'metadata of received or of sent packets only',
  ),
});

export const osf = attrs({
  dreg: attr('NFTA_OSF_DREG', 1, register, 'register for the name of the operating system'),
  ttl: attr(
    'NFTA_OSF_TTL',
    2,
    enumOf(u8, { strict: 0, loose: 1, skip: 2 }),
    'how the time to live is compared with that of the fingerprint',
  ),
  flags: attr(
    'NFTA_OSF_FLAGS',
    3,
    flagsOf(be32, { version: 1 }),
    'version: the name includes the version',
  ),
});

export const numgen = attrs({
  dreg: attr('NFTA_NG_DREG', 1, register, 'destination register'),
  modulus: attr('NFTA_NG_MODULUS', 2, be32, 'number of different results'),
  type: attr('NFTA_NG_TYPE', 3, enumOf(be32, { inc: 0, random: 1 }), 'incremental or random'),
  offset: attr('NFTA_NG_OFFSET', 4, be32, 'smallest result'),
});

export const hash = attrs({
  sreg: attr('NFTA_HASH_SREG', 1, register, 'source register'),
  dreg: attr('NFTA_HASH_DREG', 2, register, 'destination register'),
  len: attr('NFTA_HASH_LEN', 3, be32, 'number of bytes'),
  modulus: attr('NFTA_HASH_MODULUS', 4, be32, 'number of different results'),
  seed: attr('NFTA_HASH_SEED', 5, be32, 'seed'),
  offset: attr('NFTA_HASH_OFFSET', 6, be32, 'smallest result'),
  type: attr('NFTA_HASH_TYPE', 7, enumOf(be32, { jhash: 0, symhash: 1 }), 'hash function'),
});
