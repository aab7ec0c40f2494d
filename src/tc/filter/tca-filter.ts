/**
 * What filters and chains have in common: `TCA_*`. The kind selects what is in the options.
 *
 * include/uapi/linux/rtnetlink.h.
 */
import { attr, attrs, type AttributeSet } from '../../netlink/codec/attributes.ts';
import { byKind } from '../../netlink/codec/by-kind.ts';
import { cstr, u32, type Input, type Static } from '../../netlink/codec/codec.ts';
import { tcEstimator, tcStats } from '../stats.ts';
import { dumpFlags, type KindInput, type KindOf, type OtherKind } from '../tca.ts';
import { filterKinds, type FilterKinds } from './kinds.ts';

const set = attrs({
  kind: attr('TCA_KIND', 1, cstr, 'kind'),
  options: attr('TCA_OPTIONS', 2, byKind('kind', filterKinds), 'options, by kind'),
  stats: attr('TCA_STATS', 3, tcStats, 'counters of a policer outside of the actions'),
  rate: attr('TCA_RATE', 5, tcEstimator, 'rate estimator'),
  chain: attr('TCA_CHAIN', 11, u32, 'chain of filters'),
  dumpFlags: attr('TCA_DUMP_FLAGS', 15, dumpFlags, 'terse dumps'),
  extWarnMsg: attr('TCA_EXT_WARN_MSG', 16, cstr, 'a warning'),
});

type Common = Omit<Static<typeof set>, 'kind' | 'options'>;
type CommonInput = Omit<Input<typeof set>, 'kind' | 'options'>;
type NoXstats = object;

/** A union: `kind === 'flower'` narrows `options` to those of flower. */
export type FilterAttrs = (
  | { [W in keyof FilterKinds & string]: KindOf<FilterKinds, NoXstats, W> }[keyof FilterKinds &
      string]
  | OtherKind
) &
  Common;
export type FilterAttrsInput = KindInput<FilterKinds> & CommonInput;

export const filterAttrs = set as unknown as AttributeSet<
  FilterAttrs,
  FilterAttrsInput,
  typeof set.attributes
>;
