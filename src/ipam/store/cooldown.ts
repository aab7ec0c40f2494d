/**
 * Freed addresses that are cooling down: one empty file for each in our own state, whose mtime is
 * when the address was freed.
 *
 * Neighbours, connection tracking and load balancers remember an address for a while; `cooldown`
 * keeps it from being assigned to another owner before they have forgotten it. The files survive a
 * reboot.
 */
import { closeSync, constants, futimesSync, lstatSync, openSync } from '../../sys/files.ts';
import { formatAddress, type Address } from '../../ip.ts';
import { directoryNames, ownDirectory } from './lease-directory.ts';
import { removeFile } from './lease-file.ts';

const { O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;

const folderOf = (state: string): string => `${state}/freed`;

/** Records that the address was freed now. */
export function rest(state: string, address: Address): void {
  ownDirectory(folderOf(state));
  const fd = openSync(
    `${folderOf(state)}/${formatAddress(address)}`,
    O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK,
    0o600,
  );
  try {
    const now = Date.now() / 1000;
    futimesSync(fd, now, now);
  } finally {
    closeSync(fd);
  }
}

/** True for `cooldown` milliseconds after the address was freed. */
export function isResting(state: string, address: Address, cooldown: number): boolean {
  return isFresh(`${folderOf(state)}/${formatAddress(address)}`, cooldown);
}

/** Removes the expired files. */
export function forgetRested(state: string, cooldown: number): void {
  const folder = folderOf(state);
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory()) return;
  for (const name of directoryNames(folder)) {
    if (!isFresh(`${folder}/${name}`, cooldown)) removeFile(`${folder}/${name}`);
  }
}

/**
 * If the clock was set back, the mtime may be in the future; it then counts for as long as one in
 * the past.
 */
function isFresh(file: string, cooldown: number): boolean {
  const freedAt = lstatSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return freedAt !== undefined && Math.abs(Date.now() - freedAt) < cooldown;
}
