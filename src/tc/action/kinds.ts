/**
 * The known kinds of actions, `TCA_ACT_KIND`, with their `TCA_ACT_OPTIONS`.
 *
 * tc-actions(8).
 */
import { kinds } from '../../netlink/codec/by-kind.ts';
import { bpf } from './kinds/bpf.ts';
import { connmark } from './kinds/connmark.ts';
import { csum } from './kinds/csum.ts';
import { ct } from './kinds/ct.ts';
import { ctinfo } from './kinds/ctinfo.ts';
import { gact } from './kinds/gact.ts';
import { gate } from './kinds/gate.ts';
import { mirred } from './kinds/mirred.ts';
import { mpls } from './kinds/mpls-label.ts';
import { nat } from './kinds/nat.ts';
import { pedit } from './kinds/pedit.ts';
import { police } from './kinds/police.ts';
import { sample } from './kinds/sample.ts';
import { simple } from './kinds/simple.ts';
import { skbedit } from './kinds/skbedit.ts';
import { skbmod } from './kinds/skbmod.ts';
import { tunnelKey } from './kinds/tunnel-key.ts';
import { vlan } from './kinds/vlan-tag.ts';

const known = {
  bpf,
  connmark,
  csum,
  ct,
  ctinfo,
  gact,
  gate,
  mirred,
  mpls,
  nat,
  pedit,
  police,
  sample,
  simple,
  skbedit,
  skbmod,
  tunnel_key: tunnelKey,
  vlan,
};

type Known = typeof known;

/** Options by kind. Open to declaration merging, as `LinkKinds` is. */
export interface ActionKinds extends Known {}

/** The registry; programs can add kinds. */
export const actionKinds = kinds('kind of action', known);
