/**
 * Kernel settings below `/proc/sys`, in the network namespace of the calling thread. sysctl(8),
 * Documentation/networking/ip-sysctl.rst.
 *
 * Names are paths with slashes, because interface names may contain dots.
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

/** In nested containers `/proc/sys` is often read-only, or belongs to another user. */
const REFUSALS: readonly unknown[] = ['EROFS', 'EACCES', 'EPERM'];

/** Whether an error means that the setting may not be written here, as opposed to a failure. */
const isRefusal = (error: unknown): boolean =>
  REFUSALS.includes((error as NodeJS.ErrnoException).code);

/**
 * Writes without creating: a missing setting is ENOENT. A setting that may not be written is no
 * error if it already has the value.
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
 * The value is set once write(2) has succeeded, whatever close(2) reports: a step that failed
 * because of close(2) would not be undone.
 */
function closeAnyway(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // Linux has closed it anyway.
  }
}

/** Whether an existing setting may be written. */
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
 * Writes a setting that the kernel may not have, such as those of IPv6, or may not let us write.
 * True when it was written.
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
