/** The C library of this process: `libc-types.ts` has its calls. */
import type { Libc } from './libc-types.ts';
import { openLibc } from './runtime.ts';

export type { Libc };

let loaded: Libc | undefined;

/** The C library of this process, opened on first use. */
export function libc(): Libc {
  return (loaded ??= openLibc());
}
