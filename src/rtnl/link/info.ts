/**
 * What kind of link it is: `IFLA_LINKINFO`. The kind chooses the set of attributes that `data`
 * holds, the kind of the link's master that of `slaveData`.
 *
 * include/uapi/linux/if_link.h, `IFLA_INFO_*`; ip-link(8), "TYPE". A kind of your own takes two
 * steps:
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
import { linkKinds, linkSlaveKinds, type LinkKinds, type LinkSlaveKinds } from './kinds.ts';

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
 * iproute2 sends no slave kind, but `bridge_slave` as the kind; to the kernel the link's master
 * decides.
 */
const slaveByKind: SecondChoice = {
  by: 'kind',
  word: (kind) => /^(.+)_slave$/.exec(kind)?.[1],
};

const set = attrs({
  kind: attr('IFLA_INFO_KIND', 1, cstr, 'the word after `type` in ip-link'),
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
    'attributes of a member of such a master',
  ),
});

type KindWord = keyof LinkKinds & string;
type SlaveKindWord = keyof LinkSlaveKinds & string;

/**
 * What a link of a kind says, and the member of such a master. Interfaces, because declarations of
 * programs name them.
 */
export interface KindOf<K extends KindWord> {
  kind: K;
  data?: Static<LinkKinds[K]>;
}
export interface KindOfInput<K extends KindWord> {
  kind: K;
  data?: Input<LinkKinds[K]> | undefined;
}
export interface SlaveKindOf<K extends SlaveKindWord> {
  slaveKind: K;
  slaveData?: Static<LinkSlaveKinds[K]>;
}
export interface SlaveKindOfInput<K extends SlaveKindWord> {
  slaveKind: K;
  slaveData?: Input<LinkSlaveKinds[K]> | undefined;
}

/** One variant for each kind, and one for every other word, whose data stay the bytes `nla2`. */
type Kind = { [K in KindWord]: KindOf<K> }[KindWord] | { kind?: string; data?: undefined };
type KindIn = { [K in KindWord]: KindOfInput<K> }[KindWord] | OtherKindInput;
type SlaveKind =
  | { [K in SlaveKindWord]: SlaveKindOf<K> }[SlaveKindWord]
  | { slaveKind?: string; slaveData?: undefined };
type SlaveKindIn = { [K in SlaveKindWord]: SlaveKindOfInput<K> }[SlaveKindWord] | OtherSlaveInput;

declare const unknown: unique symbol;
/** The data of a kind that nobody has registered: there are none, but the bytes `nla2`. */
export interface UnknownKindData {
  readonly [unknown]: never;
}
/** A link of a kind that is not declared, or without one. */
export interface OtherKindInput {
  kind?: string | undefined;
  data?: UnknownKindData | undefined;
}
/** A link whose master is of a kind that is not declared, or that has none. */
export interface OtherSlaveInput {
  slaveKind?: string | undefined;
  slaveData?: UnknownKindData | undefined;
}

/**
 * The kind of a spec by its word, and that of a member. With the word as a parameter the compiler
 * speaks of the data of this kind where there is a mistake in it; of the union it would name all
 * kinds. A word that is not known before the program runs may be any of them; `''` is that of a
 * spec without one.
 */
export type KindBy<K> = string extends K
  ? KindIn
  : [K] extends [KindWord]
    ? KindOfInput<K>
    : OtherKindInput;
export type SlaveKindBy<S> = string extends S
  ? SlaveKindIn
  : [S] extends [SlaveKindWord]
    ? SlaveKindOfInput<S>
    : OtherSlaveInput;
/** The words, as an editor offers them; there are other ones. */
export type AnyKind = KindWord | (string & {});
export type AnySlaveKind = SlaveKindWord | (string & {});

export type CanStats = Static<typeof canStats>;

/** A union: `info.kind === 'bridge'` narrows `info.data` to the attributes of a bridge. */
export type LinkInfo = Kind & SlaveKind & { xstats?: CanStats } & UnknownAttrs;
export type LinkInfoInput = LinkKindInput & LinkInfoRest;
/** The kind with its attributes, and those of a member. */
export type LinkKindInput = KindIn & SlaveKindIn;
export interface LinkInfoRest extends UnknownAttrsIn {
  xstats?: Input<typeof canStats> | undefined;
}

export const linkinfo = set as unknown as AttributeSet<
  LinkInfo,
  LinkInfoInput,
  typeof set.attributes
>;
