/**
 * What the interfaces of the binding are made of on this runtime. The build of the executables puts
 * `engine.ts` in the place of this file: it offers the same, and neither of these runtimes.
 */
import { bunLibc } from './bun.ts';
import { bunFiles } from './bun-files.ts';
import { bunWhenReadable } from './bun-readable.ts';
import type { Files } from './file-types.ts';
import type { Libc } from './libc.ts';
import { nodeLibc, nodeWhenReadable } from './node.ts';
import { nodeFiles } from './node-files.ts';
import type { WhenReadable } from './readable.ts';

export { nodeProcess as thisProcess } from './node-process.ts';

const isBun = 'Bun' in globalThis;

/** For monitors, which the executables have none of. */
export const whenReadable: WhenReadable = isBun ? bunWhenReadable : nodeWhenReadable;

export const openLibc = (): Libc => (isBun ? bunLibc() : nodeLibc());

export const openFiles = (): Files => (isBun ? bunFiles() : nodeFiles());
