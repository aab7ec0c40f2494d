/**
 * Chooses the implementation for this runtime. The build of the executables replaces this file with
 * `engine.ts`, which has the same exports and contains neither Node's nor Bun's code.
 */
import { bunLibc } from './bun.ts';
import { bunFiles } from './bun-files.ts';
import { bunWhenReadable } from './bun-readable.ts';
import type { Files } from './file-types.ts';
import type { Libc } from './libc-types.ts';
import { nodeLibc, nodeWhenReadable } from './node.ts';
import { nodeFiles } from './node-files.ts';
import type { WhenReadable } from './readable.ts';
import { removeByFiles, scanByFiles } from './scan-by-files.ts';
import type { RemoveUnchanged, ScanFiles } from './scan-record.ts';

export { nodeProcess as thisProcess } from './node-process.ts';

const isBun = 'Bun' in globalThis;

/** For monitors, which the executables do not have. */
export const whenReadable: WhenReadable = isBun ? bunWhenReadable : nodeWhenReadable;

export const openLibc = (): Libc => (isBun ? bunLibc() : nodeLibc());

export const openFiles = (): Files => (isBun ? bunFiles() : nodeFiles());

let scan: ScanFiles | undefined;

export const scanFiles: ScanFiles = (...args) => (scan ??= scanByFiles(openFiles()))(...args);

export const removeUnchanged: RemoveUnchanged = (...args) => removeByFiles(openFiles(), ...args);
