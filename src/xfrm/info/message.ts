/**
 * The number of states and policies, and the kernel's hash tables for them.
 *
 * include/uapi/linux/xfrm.h; `ip xfrm state count`, `ip -s xfrm policy count`.
 */
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { u32, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import { struct } from '../../netlink/codec/struct.ts';
import * as c from '../constants.ts';

const head = struct('flags', { flags: u32 });

const sadhinfo = struct('xfrmu_sadhinfo', { sadhcnt: u32, sadhmcnt: u32 });
const spdinfoCounts = struct('xfrmu_spdinfo', {
  incnt: u32,
  outcnt: u32,
  fwdcnt: u32,
  inscnt: u32,
  outscnt: u32,
  fwdscnt: u32,
});
const spdhinfo = struct('xfrmu_spdhinfo', { spdhcnt: u32, spdhmcnt: u32 });
const spdhthresh = struct('xfrmu_spdhthresh', { lbits: u8, rbits: u8 });

export const xfrmaSad = attrs({
  cnt: attr('XFRMA_SAD_CNT', 1, u32, 'number of states'),
  hinfo: attr('XFRMA_SAD_HINFO', 2, sadhinfo, 'buckets of the hash table, current and maximum'),
});

export const xfrmaSpd = attrs({
  info: attr(
    'XFRMA_SPD_INFO',
    1,
    spdinfoCounts,
    'number of policies, by direction, and of sockets',
  ),
  hinfo: attr('XFRMA_SPD_HINFO', 2, spdhinfo, 'buckets of the hash table, current and maximum'),
  ipv4Hthresh: attr(
    'XFRMA_SPD_IPV4_HTHRESH',
    3,
    spdhthresh,
    'shortest IPv4 prefixes in the hash table, local and remote',
  ),
  ipv6Hthresh: attr(
    'XFRMA_SPD_IPV6_HTHRESH',
    4,
    spdhthresh,
    'shortest IPv6 prefixes in the hash table, local and remote',
  ),
});

export const sadinfo = message(
  'sadinfo',
  { XFRM_MSG_NEWSADINFO: c.XFRM_MSG_NEWSADINFO, XFRM_MSG_GETSADINFO: c.XFRM_MSG_GETSADINFO },
  head,
  xfrmaSad,
  { doc: 'The number of states.' },
);

export const spdinfo = message(
  'spdinfo',
  { XFRM_MSG_NEWSPDINFO: c.XFRM_MSG_NEWSPDINFO, XFRM_MSG_GETSPDINFO: c.XFRM_MSG_GETSPDINFO },
  head,
  xfrmaSpd,
  { doc: 'The number of policies; as a request, sets the thresholds of the hash table.' },
);

export type Sadinfo = Static<typeof sadinfo>;
export type SadinfoInput = Input<typeof sadinfo>;
export type Spdinfo = Static<typeof spdinfo>;
export type SpdinfoInput = Input<typeof spdinfo>;
