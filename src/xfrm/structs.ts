/** Structs that several messages of IPsec share: include/uapi/linux/xfrm.h. */
import {
  be16,
  be32,
  counted,
  s32,
  u16,
  u32,
  u64,
  u8,
  type Scalar,
} from '../netlink/codec/codec.ts';
import { embedded } from '../netlink/codec/embedded.ts';
import { enumOf, flagsOf } from '../netlink/codec/enums.ts';
import { IP_FAMILIES } from '../netlink/codec/ip-family.ts';
import { struct } from '../netlink/codec/struct.ts';
import { addressBeside } from './address.ts';
import * as ip from '../netlink/ip-protocols.ts';

export const family = enumOf(u16, IP_FAMILIES);

/**
 * `IPPROTO_*`: the transformations, and the usual protocols of a selector; include/uapi/linux/in.h.
 */
export const protocol = enumOf(u8, {
  any: 0,
  ...ip.TRANSPORTS,
  ipip: ip.IPPROTO_IPIP,
  ipv6: ip.IPPROTO_IPV6,
  route2: ip.IPPROTO_ROUTING,
  ...ip.IPSEC,
  'ipv6-icmp': ip.IPPROTO_ICMPV6,
  hao: ip.IPPROTO_DSTOPTS,
  comp: ip.IPPROTO_COMP,
  all: ip.IPPROTO_RAW,
});

/** `XFRM_MODE_*`. */
export const mode = enumOf(u8, {
  transport: 0,
  tunnel: 1,
  ro: 2,
  in_trigger: 3,
  beet: 4,
  iptfs: 5,
});

/** `XFRM_SHARE_*`. */
export const share = enumOf(u8, { any: 0, session: 1, user: 2, unique: 3 });

/** `XFRM_POLICY_*`. */
export const dir = enumOf(u8, { in: 0, out: 1, fwd: 2 });

const action = enumOf(u8, { allow: 0, block: 1 });
const policyFlags = flagsOf(u8, { localok: 1, icmp: 2 });

/** `XFRM_STATE_*`. */
const stateFlags = flagsOf(u8, {
  noecn: 1,
  'decap-dscp': 2,
  nopmtudisc: 4,
  wildrecv: 8,
  icmp: 16,
  'af-unspec': 32,
  align4: 64,
  esn: 128,
});

export const xfrmSelector = struct('xfrm_selector', {
  daddr: addressBeside(40),
  saddr: addressBeside(24),
  dport: be16,
  dportMask: be16,
  sport: be16,
  sportMask: be16,
  family,
  prefixlenD: u8,
  prefixlenS: u8,
  proto: protocol,
  _pad1: u8,
  _pad2: u16,
  ifindex: s32,
  user: u32,
});
const sel = embedded(xfrmSelector);

/** `distance` is the number of bytes from the address to the field with the family. */
const idOf = (distance: number | undefined) =>
  embedded(
    struct('xfrm_id', {
      daddr: addressBeside(distance),
      spi: be32,
      proto: protocol,
      _pad1: u8,
      _pad2: u16,
    }),
  );

const size = limit('bytes');
const count = limit('packets');
const age = limit('s');

/** A limit or a counter with its unit, which is a bigint. */
function limit(unit: string): Scalar<bigint, bigint | number | string> {
  return Object.assign(Object.create(u64) as typeof u64, { unit, type: `u64 in ${unit}` });
}

export const lifetimeCfg = struct('xfrm_lifetime_cfg', {
  softByteLimit: size,
  hardByteLimit: size,
  softPacketLimit: count,
  hardPacketLimit: count,
  softAddExpiresSeconds: age,
  hardAddExpiresSeconds: age,
  softUseExpiresSeconds: age,
  hardUseExpiresSeconds: age,
});
export const lifetimeCur = struct('xfrm_lifetime_cur', {
  bytes: size,
  packets: count,
  addTime: age,
  useTime: age,
});
const lft = embedded(lifetimeCfg);
const curlft = embedded(lifetimeCur);

const stats = embedded(
  struct('xfrm_stats', { replayWindow: u32, replay: u32, integrityFailed: u32 }),
);

const stateFields = {
  sel,
  id: idOf(156),
  saddr: addressBeside(132),
  lft,
  curlft,
  stats,
  seq: u32,
  reqid: u32,
  family,
  mode,
  replayWindow: counted(u8, 'packets'),
  flags: stateFlags,
};
const statePadding = { _pad1: u8, _pad2: u16, _pad3: u32 };

export const usersaInfo = struct('xfrm_usersa_info', { ...stateFields, ...statePadding });

export const usersaId = struct('xfrm_usersa_id', {
  daddr: addressBeside(20),
  spi: be32,
  family,
  proto: protocol,
  _pad: u8,
});

const policyFields = {
  sel,
  lft,
  curlft,
  priority: u32,
  index: u32,
  dir,
  action,
  flags: policyFlags,
  share,
};

export const userpolicyInfo = struct('xfrm_userpolicy_info', { ...policyFields, _pad: u32 });

export const userpolicyId = struct('xfrm_userpolicy_id', {
  sel,
  index: u32,
  dir,
  _pad1: u8,
  _pad2: u16,
});

export const userspiInfo = struct('xfrm_userspi_info', {
  info: embedded(usersaInfo),
  min: u32,
  max: u32,
});

/** The family of its addresses is usually that of the selector. */
export const userAcquire = struct('xfrm_user_acquire', {
  id: idOf(80),
  saddr: addressBeside(56),
  sel,
  policy: embedded(userpolicyInfo),
  aalgos: u32,
  ealgos: u32,
  calgos: u32,
  seq: u32,
});

const hard = { hard: enumOf(u8, { soft: 0, hard: 1 }), _pad1: u8, _pad2: u16, _pad3: u32 };

export const userExpire = struct('xfrm_user_expire', { state: embedded(usersaInfo), ...hard });
export const userPolexpire = struct('xfrm_user_polexpire', {
  pol: embedded(userpolicyInfo),
  ...hard,
});

/** `XFRM_AE_*`. */
const aeventFlags = flagsOf(u32, {
  rthr: 1,
  rval: 2,
  lval: 4,
  ethr: 8,
  cr: 16,
  ce: 32,
  cu: 64,
});

export const aeventId = struct('xfrm_aevent_id', {
  saId: embedded(usersaId),
  saddr: addressBeside(-4),
  flags: aeventFlags,
  reqid: u32,
});

export const userReport = struct('xfrm_user_report', {
  proto: protocol,
  _pad1: u8,
  _pad2: u16,
  sel,
});

export const userMapping = struct('xfrm_user_mapping', {
  id: embedded(usersaId),
  reqid: u32,
  oldSaddr: addressBeside(-8),
  newSaddr: addressBeside(-24),
  oldSport: be16,
  newSport: be16,
});

/** The header of requests that need none. */
export const nothing = struct('nothing', {});

export const usersaFlush = struct('xfrm_usersa_flush', { proto: protocol });

const verdict = enumOf(u8, { unspec: 0, block: 1, accept: 2 });
export const userpolicyDefault = struct('xfrm_userpolicy_default', {
  in: verdict,
  fwd: verdict,
  out: verdict,
});

/** A transformation that a policy requires. */
export const userTmpl = struct('xfrm_user_tmpl', {
  id: idOf(24),
  family,
  _pad1: u16,
  saddr: addressBeside(-4),
  reqid: u32,
  mode,
  share,
  optional: u8,
  _pad2: u8,
  aalgos: u32,
  ealgos: u32,
  calgos: u32,
});

export const userMigrate = struct('xfrm_user_migrate', {
  oldDaddr: addressBeside(72),
  oldSaddr: addressBeside(56),
  newDaddr: addressBeside(42),
  newSaddr: addressBeside(26),
  proto: protocol,
  mode,
  _pad: u16,
  reqid: u32,
  oldFamily: family,
  newFamily: family,
});

export const userKmaddress = struct('xfrm_user_kmaddress', {
  local: addressBeside(36),
  remote: addressBeside(20),
  _reserved: u32,
  family,
  _pad: u16,
});

export const addressFilter = struct('xfrm_address_filter', {
  saddr: addressBeside(32),
  daddr: addressBeside(16),
  family,
  splen: u8,
  dplen: u8,
});
