/**
 * A label for the IPv6 addresses of a prefix, used to select source addresses, RFC 6724:
 * `RTM_NEWADDRLABEL`, `RTM_DELADDRLABEL`, `RTM_GETADDRLABEL`.
 *
 * include/uapi/linux/if_addrlabel.h; ip-addrlabel(8); `ip addrlabel add prefix 2001:db8::/32 label
 * 99`.
 */
import { ipv6 } from '../../netlink/codec/address.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { u32, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { message } from '../../netlink/codec/message.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { RTM_DELADDRLABEL, RTM_GETADDRLABEL, RTM_NEWADDRLABEL } from '../constants.ts';
import { family } from '../family.ts';

export const ifaddrlblmsg = struct('ifaddrlblmsg', {
  family,
  _reserved: u8,
  prefixlen: u8,
  flags: u8,
  index: u32,
  seq: u32,
});

export const ifal = attrs({
  address: attr('IFAL_ADDRESS', 1, ipv6, 'prefix; its length is in the header'),
  label: attr('IFAL_LABEL', 2, u32, 'label'),
});

export const addrLabel = message(
  'addrLabel',
  { RTM_NEWADDRLABEL, RTM_DELADDRLABEL, RTM_GETADDRLABEL },
  ifaddrlblmsg,
  ifal,
  { doc: 'A label for the addresses of a prefix.', subject: ({ attrs: a }) => a?.address },
);

export type AddrLabel = Static<typeof addrLabel>;
export type AddrLabelInput = Input<typeof addrLabel>;
