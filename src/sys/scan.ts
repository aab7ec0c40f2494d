/**
 * Reading many small files of a directory: the records that `scan` of the executables' host writes
 * (src/host/scan.h), whose numbers are in little-endian.
 */
import { removeUnchanged as removeHere, scanFiles as scanHere } from './runtime.ts';
import type { RemoveUnchanged, ScanFiles } from './scan-record.ts';

export { FOUND, hashOf, type ScanFiles } from './scan-record.ts';

/* The implementations of this runtime. */
export const scanFiles: ScanFiles = scanHere;
export const removeUnchanged: RemoveUnchanged = removeHere;
