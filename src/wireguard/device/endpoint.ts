/**
 * Where a peer is reached: `struct sockaddr_in` or `struct sockaddr_in6`,
 * include/uapi/linux/{in,in6}.h.
 */
import { ipv4, ipv6 } from '../../netlink/codec/address.ts';
import { LITTLE_ENDIAN } from '../../netlink/codec/bytes.ts';
import { be16, be32, blob, u16, u32, type Codec } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { AF_INET, AF_INET6 } from '../../netlink/constants.ts';
import { CodecError } from '../../errors.ts';
import { describe } from '../../netlink/codec/given.ts';

const family = enumOf(u16, { inet: AF_INET, inet6: AF_INET6 });
const sockaddrIn = struct('sockaddr_in', { family, port: be16, address: ipv4, _zero: blob(8) });
const sockaddrIn6 = struct('sockaddr_in6', {
  family,
  port: be16,
  flowinfo: be32,
  address: ipv6,
  scopeId: u32,
});

/** An address with its port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
  /** Of IPv6: traffic class and flow label. */
  readonly flowinfo?: number | undefined;
  /** Of link-local addresses: the index of the interface. */
  readonly scopeId?: number | undefined;
}

const formOf = (number: number): Codec<any, any> => {
  if (number === AF_INET) return sockaddrIn;
  if (number === AF_INET6) return sockaddrIn6;
  throw new CodecError(`an endpoint of family ${number}, ${AF_INET} or ${AF_INET6} needed`);
};

export const endpoint: Codec<Endpoint> = {
  type: 'struct sockaddr_in or sockaddr_in6',
  get(view, at, end) {
    if (end - at < 2) throw new CodecError(`${end - at} bytes, 16 or 28 needed`);
    const { family: _, ...rest } = formOf(view.getUint16(at, LITTLE_ENDIAN)).get(view, at, end);
    return rest as Endpoint;
  },
  put(writer, value) {
    if (typeof value?.address !== 'string') {
      throw new CodecError(`${describe(value)} is not an endpoint: an address and a port`);
    }
    if (value.port === undefined) throw new CodecError('an endpoint without a port');
    const is6 = value.address.includes(':');
    (is6 ? sockaddrIn6 : sockaddrIn).put(writer, { family: is6 ? AF_INET6 : AF_INET, ...value });
  },
  show({ address, port }) {
    return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  },
  inner: () => [{ codec: sockaddrIn }, { codec: sockaddrIn6 }],
};
