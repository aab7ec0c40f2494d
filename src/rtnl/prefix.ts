/**
 * A prefix that a router advertises for an interface: `RTM_NEWPREFIX`.
 *
 * The kernel only reports it. include/uapi/linux/rtnetlink.h, `struct prefixmsg`; RFC 4861, section
 * 4.6.2; ip-monitor(8); `ip monitor prefix`.
 */
import { ipv6 } from '../netlink/codec/address.ts';
import { attr, attrs, type UnknownAttrs } from '../netlink/codec/attributes.ts';
import { counted, s32, u16, u32, u8, type Input, type Static } from '../netlink/codec/codec.ts';
import { flagsOf } from '../netlink/codec/enums.ts';
import { message } from '../netlink/codec/message.ts';
import { struct } from '../netlink/codec/struct.ts';
import { prefixText } from './addr/requests.ts';
import { RTM_NEWPREFIX } from './constants.ts';
import { family } from './family.ts';

/**
 * `IF_PREFIX_*` of include/net/if_inet6.h in older kernels, and in others the bits of the option:
 * `struct prefix_info` of include/net/addrconf.h.
 */
const flags = flagsOf(u8, {
  onlink: 0x1,
  autoconf: 0x2,
  option_pd: 0x10,
  option_router: 0x20,
  option_autoconf: 0x40,
  option_onlink: 0x80,
});

export const prefixmsg = struct('prefixmsg', {
  family,
  _pad1: u8,
  _pad2: u16,
  ifindex: s32,
  type: u8,
  len: u8,
  flags,
  _pad3: u8,
});

/** 0xffffffff means forever. */
const lifetime = counted(u32, 's');
const prefixCacheinfo = struct('prefix_cacheinfo', {
  preferredTime: lifetime,
  validTime: lifetime,
});

export const prefix = message(
  'prefix',
  { RTM_NEWPREFIX },
  prefixmsg,
  attrs({
    address: attr('PREFIX_ADDRESS', 1, ipv6, 'prefix; its length is in the header'),
    cacheinfo: attr('PREFIX_CACHEINFO', 2, prefixCacheinfo, 'how long it is preferred and valid'),
  }),
  {
    doc: 'A prefix that a router advertises.',
    subject: ({ attrs: a, len }) =>
      a?.address === undefined ? undefined : prefixText(a.address, len ?? 0),
  },
);

export type Prefix = Static<typeof prefix>;
export type PrefixInput = Input<typeof prefix>;

/** A prefix as it is reported. */
export interface PrefixObject extends UnknownAttrs {
  readonly family: Prefix['family'];
  readonly ifindex: number;
  readonly type: number;
  readonly cacheinfo?: Static<typeof prefixCacheinfo>;
  /** With prefix length: `2001:db8::/64`. */
  readonly address: string;
  /**
   * Whether the prefix is on-link, and is for autoconfiguration; independent of the kernel's bits.
   */
  readonly flags: ('onlink' | 'autoconf')[];
}

export function prefixObject({ attrs, len, flags: bits, ...head }: Prefix): PrefixObject {
  const { address = '::', ...rest } = attrs;
  const words = (['onlink', 'autoconf'] as const).filter(
    (word) => bits.includes(word) || bits.includes(`option_${word}`),
  );
  return { ...head, ...rest, flags: words, address: prefixText(address, len) };
}
