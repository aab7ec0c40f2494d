/**
 * A gateway with its family, for a route of another family: IPv4 through an IPv6 router, MPLS
 * through either.
 *
 * include/uapi/linux/rtnetlink.h, `struct rtvia`;
 * `ip route add 198.51.100.0/24 via inet6 fe80::1 dev eth0`.
 */
import { ip, ipv4, ipv6, lladdr } from '../../netlink/codec/address.ts';
import type { Codec } from '../../netlink/codec/codec.ts';
import type { Word } from '../../netlink/codec/enums.ts';
import { CodecError } from '../../errors.ts';
import { family16 } from '../family.ts';

/**
 * `addr` is an IP address, or a link-layer address for family `link` and families without a name.
 */
export interface Via {
  family: Word<keyof typeof family16.numbers>;
  addr: string;
}

const addressOf = (family: unknown): Codec<string> =>
  family === 'inet' || family === 'inet6' ? ip : lladdr;

/** Addresses are read by their length and written by their family. */
const written = { inet: ipv4, inet6: ipv6 } as const;

export const via: Codec<Via, Readonly<Via>> = {
  type: 'struct rtvia',
  get(view, at, end) {
    if (end - at < 2) throw new CodecError(`${end - at} bytes, 2 needed`);
    const family = family16.read(view, at);
    return { family, addr: addressOf(family).get(view, at + 2, end) };
  },
  put(writer, { family, addr }) {
    family16.put(writer, family);
    (written[family as keyof typeof written] ?? lladdr).put(writer, addr);
  },
  show: ({ family, addr }) => `${family} ${addr}`,
};
