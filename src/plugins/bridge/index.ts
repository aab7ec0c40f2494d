/** The bridge plugin: containers on a software switch of the host. CNI SPEC 1.1.0. */
import type { Plugin } from '../cni/skel.ts';
import { add } from './add.ts';
import { del } from './del.ts';

export const bridge: Plugin = { name: 'bridge', add: (call) => add(call), del };
