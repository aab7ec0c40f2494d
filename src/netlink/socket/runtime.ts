/**
 * What the interfaces of the binding are made of on this runtime. The build of the executables puts `engine.ts` in the place of this
 * file: it offers the same, and neither of these runtimes.
 */
import { bunLibc } from './bun.ts';
import { bunFiles } from './bun-files.ts';
import type { Files } from './file-types.ts';
import type { Libc } from './libc.ts';
import { nodeLibc } from './node.ts';
import { nodeFiles } from './node-files.ts';

export { nodeProcess as thisProcess } from './node-process.ts';

const isBun = 'Bun' in globalThis;

export const openLibc = (): Libc => (isBun ? bunLibc() : nodeLibc());

export const openFiles = (): Files => (isBun ? bunFiles() : nodeFiles());
