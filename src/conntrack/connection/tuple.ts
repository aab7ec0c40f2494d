/**
 * The addresses and ports of one direction of a connection: `CTA_TUPLE_*`.
 *
 * include/uapi/linux/netfilter/nfnetlink_conntrack.h; ctnetlink_parse_tuple() in
 * net/netfilter/nf_conntrack_netlink.c.
 */
import { familyOf, type Family } from '../../ip.ts';
import { ipv4, ipv6 } from '../../netlink/codec/address.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { be16, u8, type Input, type Static } from '../../netlink/codec/codec.ts';
import { enumOf } from '../../netlink/codec/enums.ts';
import { nested } from '../../netlink/codec/nested.ts';
import { TRACKED } from '../../netlink/ip-protocols.ts';

/** The protocols that conntrack(8) names; include/uapi/linux/in.h. */
export const protonum = enumOf(u8, TRACKED);

export const ctaIp = attrs({
  v4Src: attr('CTA_IP_V4_SRC', 1, ipv4, 'source'),
  v4Dst: attr('CTA_IP_V4_DST', 2, ipv4, 'destination'),
  v6Src: attr('CTA_IP_V6_SRC', 3, ipv6, 'source'),
  v6Dst: attr('CTA_IP_V6_DST', 4, ipv6, 'destination'),
});

export const ctaProto = attrs({
  num: attr('CTA_PROTO_NUM', 1, protonum, 'protocol'),
  srcPort: attr('CTA_PROTO_SRC_PORT', 2, be16, 'source port; of gre, key'),
  dstPort: attr('CTA_PROTO_DST_PORT', 3, be16, 'destination port; of gre, key'),
  icmpId: attr('CTA_PROTO_ICMP_ID', 4, be16, 'identifier of an echo'),
  icmpType: attr('CTA_PROTO_ICMP_TYPE', 5, u8, 'type'),
  icmpCode: attr('CTA_PROTO_ICMP_CODE', 6, u8, 'code'),
  icmpv6Id: attr('CTA_PROTO_ICMPV6_ID', 7, be16, 'identifier of an echo'),
  icmpv6Type: attr('CTA_PROTO_ICMPV6_TYPE', 8, u8, 'type'),
  icmpv6Code: attr('CTA_PROTO_ICMPV6_CODE', 9, u8, 'code'),
});

export const ctaTuple = attrs({
  ip: attr('CTA_TUPLE_IP', 1, nested(ctaIp), 'addresses'),
  proto: attr('CTA_TUPLE_PROTO', 2, nested(ctaProto), 'protocol and ports'),
  zone: attr('CTA_TUPLE_ZONE', 3, be16, 'zone of this direction only'),
});

type Tuple = Static<typeof ctaTuple>;
type TupleInput = Input<typeof ctaTuple>;

/** One direction of a connection. */
export interface TupleObject {
  readonly src?: string;
  readonly dst?: string;
  /** `tcp`, or the number of the protocol. */
  readonly protonum?: NonNullable<Tuple['proto']>['num'];
  readonly sport?: number;
  readonly dport?: number;
  /** Of ICMP and ICMPv6. */
  readonly type?: number;
  readonly code?: number;
  readonly id?: number;
  readonly zone?: number;
}

/** A tuple in a request. The family follows from the addresses. */
export type TupleSpec = { readonly [K in keyof TupleObject]?: TupleObject[K] | undefined };

/** Leaves out the keys without a value. */
const given = <T extends object>(values: T): T =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;

export const tupleObject = ({ ip = {}, proto = {}, zone }: Tuple): TupleObject =>
  given({
    src: ip.v4Src ?? ip.v6Src,
    dst: ip.v4Dst ?? ip.v6Dst,
    protonum: proto.num,
    sport: proto.srcPort,
    dport: proto.dstPort,
    type: proto.icmpType ?? proto.icmpv6Type,
    code: proto.icmpCode ?? proto.icmpv6Code,
    id: proto.icmpId ?? proto.icmpv6Id,
    zone,
  }) as TupleObject;

/** The family of its addresses. */
export const tupleFamily = ({ src = '', dst = '' }: TupleSpec): Family => familyOf(`${src}${dst}`);

export function tupleMessage(tuple: TupleSpec): TupleInput {
  const { src, dst, protonum: num, sport: srcPort, dport: dstPort, type, code, id, zone } = tuple;
  const isIcmpv6 = num === 'icmpv6' || num === 58;
  return {
    ip: tupleFamily(tuple) === 'inet6' ? { v6Src: src, v6Dst: dst } : { v4Src: src, v4Dst: dst },
    proto: isIcmpv6
      ? { num, icmpv6Id: id, icmpv6Type: type, icmpv6Code: code }
      : { num, srcPort, dstPort, icmpId: id, icmpType: type, icmpCode: code },
    zone,
  };
}
