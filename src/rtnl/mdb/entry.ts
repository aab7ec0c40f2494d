/**
 * One entry of a multicast database: the struct shared by requests and notifications.
 *
 * include/uapi/linux/if_bridge.h, `struct br_mdb_entry`.
 */
import * as lo from 'buffer-layout';
import { ipv4, ipv6, mac } from '../../netlink/codec/address.ts';
import { bytesOf, fromHex, toHex } from '../../netlink/codec/bytes.ts';
import { be16, scalar, u16, u32, u8, type Scalar } from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { CodecError } from '../../errors.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { AF_INET, AF_INET6, AF_UNSPEC } from '../constants.ts';

const state = enumOf(u8, { temp: 0, permanent: 1 });
const flags = flagsOf(u8, {
  offload: 1,
  fast_leave: 2,
  added_by_star_ex: 4,
  blocked: 8,
  offload_failed: 16,
});

/** A union of sixteen bytes, and the EtherType that selects its member. */
const UNION = 16;
const SPAN = UNION + 2;
const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;
const OTHER = '0x';

type Form = readonly [codec: Scalar<string>, ethertype: number];

/** The `AF_*` of a group and its sources; 0 for an Ethernet address. */
export function groupFamily(text = ''): number {
  const [, ethertype] = text.startsWith(OTHER) ? [] : formOf(text);
  return ethertype === ETH_P_IP ? AF_INET : ethertype === ETH_P_IPV6 ? AF_INET6 : AF_UNSPEC;
}

function formOf(text: string): Form {
  if (/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text)) return [mac, 0];
  return text.includes(':') ? [ipv6, ETH_P_IPV6] : [ipv4, ETH_P_IP];
}

function formFor(ethertype: number): Form | undefined {
  if (ethertype === 0) return [mac, 0];
  if (ethertype === ETH_P_IP) return [ipv4, ethertype];
  return ethertype === ETH_P_IPV6 ? [ipv6, ethertype] : undefined;
}

/**
 * A group: IPv4, IPv6 or Ethernet, recognized by its text. Bytes of any other form are kept as
 * `0x…`.
 */
const group: Scalar<string> = scalar<string>({
  type: 'multicast group',
  span: SPAN,
  zero: '00:00:00:00:00:00',
  layout: (property) => lo.blob(SPAN, property),
  read(view, at) {
    const form = formFor(be16.read(view, at + UNION));
    const used = form?.[0].span ?? 0;
    const rest = bytesOf(view, at + used, at + UNION);
    if (form === undefined || rest.some((byte) => byte !== 0)) {
      return OTHER + toHex(bytesOf(view, at, at + SPAN));
    }
    return form[0].read(view, at);
  },
  write(view, at, value) {
    const raw = bytesOf(view, at, at + SPAN).fill(0);
    if (value.startsWith(OTHER)) {
      if (!/^0x([0-9a-f]{2}){18}$/i.test(value)) throw new CodecError(`"${value}" is not a group`);
      raw.set(fromHex(value.slice(OTHER.length)));
      return;
    }
    const [codec, ethertype] = formOf(value);
    codec.write(view, at, value);
    be16.write(view, at + UNION, ethertype);
  },
  show: (value) => value,
});

export const brMdbEntry = struct('br_mdb_entry', {
  ifindex: u32,
  state,
  flags,
  vid: u16,
  addr: group,
  _pad: u16,
});
