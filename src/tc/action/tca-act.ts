/**
 * One action, in a filter or of its own: `TCA_ACT_*`. The kind selects what is in the options.
 *
 * include/uapi/linux/pkt_cls.h.
 */
import { attr, attrs, type AttributeSet } from '../../netlink/codec/attributes.ts';
import { byKind } from '../../netlink/codec/by-kind.ts';
import {
  bytes,
  cstr,
  u32,
  type Codec,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { flagsOf } from '../../netlink/codec/enums.ts';
import { list } from '../../netlink/codec/list.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { tcaStats } from '../stats.ts';
import type { KindInput, KindOf, OtherKind } from '../tca.ts';
import { actionKinds, type ActionKinds } from './kinds.ts';

const actFlag = flagsOf(u32, { no_percpu_stats: 1, skip_hw: 2, skip_sw: 4 });
const hwStat = flagsOf(u32, { immediate: 1, delayed: 2 });

/** `struct nla_bitfield32` of an action: its flags, and the mask of those that are set. */
export const actFlags = struct('nla_bitfield32', { value: actFlag, selector: actFlag });
/** The same for hardware counters; no bit at all is `disabled`. */
export const hwStats = struct('nla_bitfield32', { value: hwStat, selector: hwStat });

const set = attrs({
  kind: attr('TCA_ACT_KIND', 1, cstr, 'kind'),
  options: attr('TCA_ACT_OPTIONS', 2, byKind('kind', actionKinds), 'options, by kind'),
  index: attr('TCA_ACT_INDEX', 3, u32, 'index of the action, to get or delete it'),
  stats: attr('TCA_ACT_STATS', 4, tcaStats, 'counters'),
  cookie: attr('TCA_ACT_COOKIE', 6, bytes, 'user data, at most 16 bytes'),
  flags: attr('TCA_ACT_FLAGS', 7, actFlags, 'per-CPU counters or not, and where it runs'),
  hwStats: attr('TCA_ACT_HW_STATS', 8, hwStats, 'type of hardware counters required'),
  usedHwStats: attr('TCA_ACT_USED_HW_STATS', 9, hwStats, 'type of hardware counters in use'),
  inHwCount: attr('TCA_ACT_IN_HW_COUNT', 10, u32, 'number of devices that offload it'),
});

type Common = Omit<Static<typeof set>, 'kind' | 'options'>;
type CommonInput = Omit<Input<typeof set>, 'kind' | 'options'>;
type NoXstats = object;

/** A union: `kind === 'mirred'` narrows `options` to those of mirred. */
export type ActionAttrs = (
  | { [W in keyof ActionKinds & string]: KindOf<ActionKinds, NoXstats, W> }[keyof ActionKinds &
      string]
  | OtherKind
) &
  Common;
export type ActionAttrsInput = KindInput<ActionKinds> & CommonInput;

export const actionAttrs = set as unknown as AttributeSet<
  ActionAttrs,
  ActionAttrsInput,
  typeof set.attributes
>;

/** Actions in order. A list of more than 32 is numbered from 0, and is read too. */
export const actionList: Codec<ActionAttrs[], readonly ActionAttrsInput[]> = list(
  'action',
  actionAttrs,
  { from: 1, loose: true },
);
