/**
 * Realms: numbers that routes assign to the networks they lead to, for accounting and traffic
 * control.
 *
 * ip-route(8), ip-rule(8): `realm FROM/TO`. One 32-bit word in host byte order, the source in the
 * upper half.
 */
import { mapped, u32, type Scalar } from '../../netlink/codec/codec.ts';
import { CodecError } from '../../errors.ts';

/** Zero means no realm. A route has only `to`, unless it should also mark packets from there. */
export interface Realms {
  from: number;
  to: number;
}

const check = (realm: number): number => {
  if (Number.isInteger(realm) && realm >= 0 && realm <= 0xffff) return realm;
  throw new CodecError(`${realm} is not a realm, 0 to 65535`);
};

export const realms: Scalar<Realms, Partial<Realms>> = mapped<Realms, Partial<Realms>>(u32, {
  type: 'realms',
  map: (word) => ({ from: word >>> 16, to: word & 0xffff }),
  number: ({ from = 0, to = 0 }) => ((check(from) << 16) | check(to)) >>> 0,
  show: ({ from, to }) => `${from}/${to}`,
});
