/** The ipvlan plugin: containers that share the Ethernet address of a link of the host. CNI SPEC 1.1.0. */
import type { Plugin } from '../cni/skel.ts';
import { holdSignals, throwIfSignalled } from '../signals.ts';
import { add } from './add.ts';
import { check } from './check.ts';
import { del } from './del.ts';
import { gc } from './gc.ts';
import { status } from './status.ts';

export const ipvlan: Plugin = {
  name: 'ipvlan',
  add(call) {
    holdSignals();
    add(call, { afterStep: throwIfSignalled });
  },
  del,
  check,
  status,
  gc,
};
