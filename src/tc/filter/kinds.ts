/**
 * The known kinds of filters, `TCA_KIND`, with their `TCA_OPTIONS`.
 *
 * tc(8), "CLASSIFIERS".
 */
import { kinds } from '../../netlink/codec/by-kind.ts';
import { flower } from './kinds/flower.ts';
import { matchall } from './kinds/matchall.ts';

const known = { flower, matchall };

type Known = typeof known;

/** Options by kind. Open to declaration merging, as `LinkKinds` is. */
export interface FilterKinds extends Known {}

/** The registry; programs can add kinds. */
export const filterKinds = kinds('kind of filter', known);
