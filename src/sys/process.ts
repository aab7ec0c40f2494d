/** This process, on each runtime. */
import { thisProcess } from './runtime.ts';

export type { Ended, RunOptions, ThisProcess } from './process-types.ts';
export { thisProcess };
