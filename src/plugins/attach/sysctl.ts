/**
 * Kernel settings below `/proc/sys`, in the network namespace of the calling thread. sysctl(8),
 * Documentation/networking/ip-sysctl.rst.
 *
 * Names are paths with slashes, because interface names may hold dots.
 */
import { closeSync, constants, openSync, readFileSync, writeSync } from '../../sys/files.ts';

const path = (name: string): string => `/proc/sys/${name}`;

/** The value without its newline. Throws ENOENT for a setting that the kernel does not have. */
export const readSysctl = (name: string): string => readFileSync(path(name), 'utf8').trim();

/** The value, or undefined for a setting that the kernel does not have. */
export function tryReadSysctl(name: string): string | undefined {
  try {
    return readSysctl(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** In a container of containers `/proc/sys` is often read-only, or belongs to somebody else. */
const REFUSALS: readonly unknown[] = ['EROFS', 'EACCES', 'EPERM'];

/** Whether a setting may not be written here, as opposed to a failure. */
const isRefusal = (error: unknown): boolean =>
  REFUSALS.includes((error as NodeJS.ErrnoException).code);

/**
 * Writes without creating: a setting that is missing is ENOENT. One that may not be written may
 * have the value already.
 */
export function writeSysctl(name: string, value: string): void {
  let fd: number;
  try {
    fd = openSync(path(name), constants.O_WRONLY);
  } catch (error) {
    if (isRefusal(error) && readSysctl(name) === value) return;
    throw error;
  }
  try {
    writeSync(fd, value);
  } finally {
    closeAnyway(fd);
  }
}

/**
 * What write(2) has set is set, whatever close(2) says: a step that had failed for that would not
 * be undone.
 */
function closeAnyway(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Linux has closed it.
  }
}

/** Whether a setting that is there may be written. */
export function mayWriteSysctl(name: string): boolean {
  try {
    closeSync(openSync(path(name), constants.O_WRONLY));
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

/**
 * Writes a setting that the kernel may lack, such as those of IPv6, or not let us write. True when
 * it was written.
 */
export function tryWriteSysctl(name: string, value: string): boolean {
  try {
    writeSysctl(name, value);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || isRefusal(error)) return false;
    throw error;
  }
}
