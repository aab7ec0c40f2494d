/**
 * The kind of a link: `IFLA_LINKINFO`. The kind selects the attributes of `data`, the kind of the
 * link's master those of `slaveData`.
 *
 * include/uapi/linux/if_link.h, `IFLA_INFO_*`; ip-link(8), "TYPE". Adding a kind takes two steps:
 *
 * @example
 * linkKinds.register('wiretap', wiretap);
 * declare module 'netlink-ts/rtnl' {
 *   interface LinkKinds { wiretap: typeof wiretap }
 * }
 */
import {
  attr,
  attrs,
  type AttributeSet,
  type UnknownAttrs,
  type UnknownAttrsIn,
} from '../../netlink/codec/attributes.ts';
import { byKind, kinds, type SecondChoice } from '../../netlink/codec/by-kind.ts';
import { cstr, u32, type Input, type Static } from '../../netlink/codec/codec.ts';
import { struct } from '../../netlink/codec/struct.ts';
import {
  linkKinds,
  linkSlaveKinds,
  type LinkKinds,
  type LinkSlaveKinds,
  type PlainKind,
} from './kinds.ts';
import type { NetkitDataSpec } from './kinds/netkit.ts';
import type { VethDataSpec } from './kinds/veth.ts';

/** CAN controllers count bus errors here; no other kind in the kernel uses `IFLA_INFO_XSTATS`. */
export const canStats = struct('can_device_stats', {
  busError: u32,
  errorWarning: u32,
  errorPassive: u32,
  busOff: u32,
  arbitrationLost: u32,
  restarts: u32,
});

/**
 * iproute2 sends no slave kind, but the kind `bridge_slave`; the kernel goes by the link's master.
 */
const slaveByKind: SecondChoice = {
  by: 'kind',
  word: (kind) => /^(.+)_slave$/.exec(kind)?.[1],
};

const set = attrs({
  kind: attr('IFLA_INFO_KIND', 1, cstr, 'name after `type` in ip-link'),
  data: attr('IFLA_INFO_DATA', 2, byKind('kind', linkKinds), 'attributes of the kind'),
  xstats: attr(
    'IFLA_INFO_XSTATS',
    3,
    byKind('kind', kinds('link kind', { can: canStats })),
    'counters of the kind',
  ),
  slaveKind: attr('IFLA_INFO_SLAVE_KIND', 4, cstr, 'kind of the master'),
  slaveData: attr(
    'IFLA_INFO_SLAVE_DATA',
    5,
    byKind('slaveKind', linkSlaveKinds, slaveByKind),
    'attributes of a member, by the kind of its master',
  ),
});

type KindWord = keyof LinkKinds & string;
type OwnWord = Exclude<KindWord, PlainKind>;
type SlaveKindWord = keyof LinkSlaveKinds & string;

/**
 * The data of a link by its kind, and of a member by the kind of its master. Interfaces, because
 * the declarations of programs refer to them by name.
 */
export interface KindOf<K extends KindWord> {
  kind: K;
  data?: Static<LinkKinds[K]>;
}
export interface KindOfInput<K extends KindWord> {
  kind: K;
  data?: Input<LinkKinds[K]> | undefined;
}
/** The same in a spec, where the other end of a pair is as flat as the link. */
export interface KindOfSpec<K extends KindWord> {
  kind: K;
  data?: DataSpec<K> | undefined;
}
type DataSpec<K extends KindWord> = K extends 'veth' | 'vxcan'
  ? VethDataSpec
  : K extends 'netkit'
    ? NetkitDataSpec
    : Input<LinkKinds[K]>;
export interface SlaveKindOf<K extends SlaveKindWord> {
  slaveKind: K;
  slaveData?: Static<LinkSlaveKinds[K]>;
}
export interface SlaveKindOfInput<K extends SlaveKindWord> {
  slaveKind: K;
  slaveData?: Input<LinkSlaveKinds[K]> | undefined;
}

/** One variant per kind, and one for all others, whose data is kept as the bytes `nla2`. */
type Kind =
  { [K in OwnWord]: KindOf<K> }[OwnWord] | KindOf<PlainKind> | { kind?: string; data?: undefined };
type KindIn = { [K in OwnWord]: KindOfInput<K> }[OwnWord] | KindOfInput<PlainKind> | OtherKindInput;
type KindSpec = { [K in OwnWord]: KindOfSpec<K> }[OwnWord] | KindOfSpec<PlainKind> | OtherKindInput;
type SlaveKind =
  | { [K in SlaveKindWord]: SlaveKindOf<K> }[SlaveKindWord]
  | { slaveKind?: string; slaveData?: undefined };
type SlaveKindIn = { [K in SlaveKindWord]: SlaveKindOfInput<K> }[SlaveKindWord] | OtherSlaveInput;

declare const unknown: unique symbol;
/** The data of an unregistered kind: none, only the bytes `nla2`. */
export interface UnknownKindData {
  readonly [unknown]: never;
}
/** A link of an undeclared kind, or without one. */
export interface OtherKindInput {
  kind?: string | undefined;
  data?: UnknownKindData | undefined;
}
/** A link whose master is of an undeclared kind, or that has none. */
export interface OtherSlaveInput {
  slaveKind?: string | undefined;
  slaveData?: UnknownKindData | undefined;
}

/**
 * The kind of a spec, and of a member, by name. With the name as a type parameter, the compiler
 * reports errors in the data of this kind; for the union it would list all kinds. A name unknown at
 * compile time may be any of them; `''` stands for a spec without a kind.
 */
export type KindBy<K> = string extends K
  ? KindSpec
  : [K] extends [KindWord]
    ? KindOfSpec<K>
    : OtherKindInput;
export type SlaveKindBy<S> = string extends S
  ? SlaveKindIn
  : [S] extends [SlaveKindWord]
    ? SlaveKindOfInput<S>
    : OtherSlaveInput;
/** The known names, for completion in editors; others are allowed. */
export type AnyKind = KindWord | (string & {});
export type AnySlaveKind = SlaveKindWord | (string & {});

export type CanStats = Static<typeof canStats>;

/** A union: `info.kind === 'bridge'` narrows `info.data` to the attributes of a bridge. */
export type LinkInfo = Kind & SlaveKind & { xstats?: CanStats } & UnknownAttrs;
export type LinkInfoInput = LinkKindInput & LinkInfoRest;
/** The kind with its attributes, and those of a member of a master. */
export type LinkKindInput = KindIn & SlaveKindIn;
/** The same in a spec. */
export type LinkKindSpec = KindSpec & SlaveKindIn;
export interface LinkInfoRest extends UnknownAttrsIn {
  xstats?: Input<typeof canStats> | undefined;
}

export const linkinfo = set as unknown as AttributeSet<
  LinkInfo,
  LinkInfoInput,
  typeof set.attributes
>;
