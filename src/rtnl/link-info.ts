/**
 * What kind of link it is: `IFLA_LINKINFO`. The kind chooses the set of attributes that `data` holds, the kind of the
 * link's master that of `slaveData`.
 *
 * include/uapi/linux/if_link.h, `IFLA_INFO_*`; ip-link(8), "TYPE". A kind of your own takes two steps:
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
  type Strangers,
  type StrangersIn,
} from '../netlink/attributes.ts';
import { byKind, kinds, type SecondChoice } from '../netlink/by-kind.ts';
import { cstr, u32, type Codec, type Input, type Static } from '../netlink/codec.ts';
import { struct } from '../netlink/struct.ts';
import { linkKinds, linkSlaveKinds, type LinkKinds, type LinkSlaveKinds } from './link-kinds.ts';

/** CAN controllers count bus errors here; no other kind in the kernel uses `IFLA_INFO_XSTATS`. */
export const canStats = struct('can_device_stats', {
  busError: u32,
  errorWarning: u32,
  errorPassive: u32,
  busOff: u32,
  arbitrationLost: u32,
  restarts: u32,
});

/** iproute2 sends no slave kind, but `bridge_slave` as the kind; to the kernel the link's master decides. */
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

type Sets<R> = { [K in keyof R]: R[K] extends Codec<any, any> ? R[K] : never };

/** One variant for each kind, and one for every other word, whose data stay the bytes `nla2`. */
type Kind<S> =
  | { [K in keyof S & string]: { kind: K; data?: Static<S[K]> } }[keyof S & string]
  | { kind?: string; data?: undefined };
type KindIn<S> =
  | {
      [K in keyof S & string]: { kind: K; data?: Input<S[K]> | undefined };
    }[keyof S & string]
  | { kind?: string | undefined; data?: undefined };
type SlaveKind<S> =
  | { [K in keyof S & string]: { slaveKind: K; slaveData?: Static<S[K]> } }[keyof S & string]
  | { slaveKind?: string; slaveData?: undefined };
type SlaveKindIn<S> =
  | {
      [K in keyof S & string]: { slaveKind: K; slaveData?: Input<S[K]> | undefined };
    }[keyof S & string]
  | { slaveKind?: string | undefined; slaveData?: undefined };

export type CanStats = Static<typeof canStats>;

/** A union: `info.kind === 'bridge'` narrows `info.data` to the attributes of a bridge. */
export type LinkInfo = Kind<Sets<LinkKinds>> &
  SlaveKind<Sets<LinkSlaveKinds>> & { xstats?: CanStats } & Strangers;
export type LinkInfoInput = KindIn<Sets<LinkKinds>> &
  SlaveKindIn<Sets<LinkSlaveKinds>> & { xstats?: Input<typeof canStats> | undefined } & StrangersIn;

export const linkinfo = set as unknown as AttributeSet<
  LinkInfo,
  LinkInfoInput,
  typeof set.attributes
>;
