/**
 * The known kinds of actions, `TCA_ACT_KIND`, with their `TCA_ACT_OPTIONS`.
 *
 * tc-actions(8).
 */
import { kinds } from '../../netlink/codec/by-kind.ts';
import { gact } from './kinds/gact.ts';
import { mirred } from './kinds/mirred.ts';

const known = { gact, mirred };

type Known = typeof known;

/** Options by kind. Open to declaration merging, as `LinkKinds` is. */
export interface ActionKinds extends Known {}

/** The registry, to which programs can add kinds. */
export const actionKinds = kinds('kind of action', known);
