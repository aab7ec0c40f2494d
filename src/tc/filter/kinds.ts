/**
 * The known kinds of filters, `TCA_KIND`, with their `TCA_OPTIONS`.
 *
 * tc(8), "CLASSIFIERS".
 */
import { kinds } from '../../netlink/codec/by-kind.ts';
import { basic } from './kinds/basic.ts';
import { bpf } from './kinds/bpf-filter.ts';
import { cgroup } from './kinds/cgroup.ts';
import { flow } from './kinds/flow.ts';
import { flower } from './kinds/flower.ts';
import { fw } from './kinds/fw.ts';
import { matchall } from './kinds/matchall.ts';
import { route } from './kinds/route.ts';
import { u32Filter } from './kinds/u32.ts';

const known = { basic, bpf, cgroup, flow, flower, fw, matchall, route, u32: u32Filter };

type Known = typeof known;

/** Options by kind. Open to declaration merging, as `LinkKinds` is. */
export interface FilterKinds extends Known {}

/** The registry; programs can add kinds. */
export const filterKinds = kinds('kind of filter', known);
