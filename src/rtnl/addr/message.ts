/**
 * An address of an interface: `RTM_NEWADDR`, `RTM_DELADDR`, `RTM_GETADDR`.
 *
 * include/uapi/linux/if_addr.h; rtnetlink(7); `ip address add 192.0.2.2/24 dev eth0`.
 */
import { familyIp } from '../../netlink/codec/address.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import {
  counted,
  cstr,
  mapped,
  s32,
  u8,
  u32,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { message } from '../../netlink/codec/message.ts';
import { struct } from '../../netlink/codec/struct.ts';
import {
  RTM_DELADDR,
  RTM_DELANYCAST,
  RTM_DELMULTICAST,
  RTM_GETADDR,
  RTM_GETANYCAST,
  RTM_GETMULTICAST,
  RTM_NEWADDR,
  RTM_NEWANYCAST,
  RTM_NEWMULTICAST,
} from '../constants.ts';
import { family } from '../family.ts';
import { scope } from '../scope.ts';
import { addrSubject } from '../subjects.ts';

/** `IFA_F_*`. The header field holds the lower eight, `IFA_FLAGS` all of them. */
const IFA_F = {
  secondary: 0x01,
  nodad: 0x02,
  optimistic: 0x04,
  dadfailed: 0x08,
  home: 0x10,
  deprecated: 0x20,
  tentative: 0x40,
  permanent: 0x80,
  mngtmpaddr: 0x100,
  noprefixroute: 0x200,
  autojoin: 0x400,
  'stable-privacy': 0x800,
} as const;
const {
  mngtmpaddr: _9,
  noprefixroute: _10,
  autojoin: _11,
  'stable-privacy': _12,
  ...IFA_F_LOW
} = IFA_F;

export const ifaddrmsg = struct('ifaddrmsg', {
  family,
  prefixlen: u8,
  flags: flagsOf(u8, IFA_F_LOW),
  scope,
  index: u32,
});

/** In seconds; the largest number means forever. */
const lifetime = mapped<number>(counted(u32, 's'), {
  type: 'u32 in s',
  map: (seconds) => seconds,
  number: (seconds) => seconds,
  show: (seconds) => (seconds === 0xffffffff ? 'forever' : String(seconds)),
});

export const ifaCacheinfo = struct('ifa_cacheinfo', {
  prefered: lifetime,
  valid: lifetime,
  cstamp: counted(u32, '1/100 s'),
  tstamp: counted(u32, '1/100 s'),
});

/** `IFAPROT_*`: the origin of the address. */
const protocol = enumOf(u8, { unspec: 0, kernel_lo: 1, kernel_ra: 2, kernel_ll: 3 });

export const ifa = attrs({
  address: attr('IFA_ADDRESS', 1, familyIp, 'prefix address; the peer on a point-to-point link'),
  local: attr('IFA_LOCAL', 2, familyIp, 'the address of the interface'),
  label: attr('IFA_LABEL', 3, cstr, 'interface name, at most 15 bytes'),
  broadcast: attr('IFA_BROADCAST', 4, familyIp, 'broadcast address'),
  anycast: attr('IFA_ANYCAST', 5, familyIp, 'anycast address'),
  cacheinfo: attr('IFA_CACHEINFO', 6, ifaCacheinfo, 'lifetimes in seconds, stamps in 1/100 s'),
  multicast: attr('IFA_MULTICAST', 7, familyIp, 'multicast address'),
  flags: attr(
    'IFA_FLAGS',
    8,
    flagsOf(u32, IFA_F),
    'all flags; the header holds only the lower eight',
  ),
  rtPriority: attr('IFA_RT_PRIORITY', 9, u32, 'metric of the prefix route'),
  targetNetnsid: attr('IFA_TARGET_NETNSID', 10, s32, 'namespace id that the request applies to'),
  proto: attr('IFA_PROTO', 11, protocol, 'origin of the address'),
});

export const addr = message('addr', { RTM_NEWADDR, RTM_DELADDR, RTM_GETADDR }, ifaddrmsg, ifa, {
  doc: 'An address of an interface.',
  subject: addrSubject,
});

/** An answer keeps the type of its request; changes of groups are reported since Linux 6.14. */
export const groupAddr = message(
  'groupAddr',
  {
    RTM_NEWMULTICAST,
    RTM_DELMULTICAST,
    RTM_GETMULTICAST,
    RTM_NEWANYCAST,
    RTM_DELANYCAST,
    RTM_GETANYCAST,
  },
  ifaddrmsg,
  ifa,
  {
    doc: 'A multicast group or an anycast address of an interface.',
    subject: ({ attrs: a }) => a?.multicast ?? a?.anycast,
  },
);

export type Addr = Static<typeof addr>;
export type AddrInput = Input<typeof addr>;
