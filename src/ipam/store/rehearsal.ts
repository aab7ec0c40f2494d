/**
 * Whether a file system that is nearly full still has room for what an ADD writes. The numbers of
 * free blocks and inodes do not show it: file systems keep some in reserve, and a second name of a
 * file costs an inode on some and nothing on others. So it is tried, with names of our own.
 */
import { thisProcess } from '../../sys/process.ts';
import { closeSync, lstatSync } from '../../sys/files.ts';
import { createTemporary, linkLease, removeFile } from './lease-file.ts';

/**
 * For each of `sets` range sets, writes and links a lease, and writes the last-reserved mark where
 * there is none to overwrite. `scratch` is where ADD has its temporary files.
 *
 * @throws IpamError `store`
 */
export function rehearse(scratch: string, path: string, sets: number): void {
  const made: string[] = [];
  const name = (word: string): string => {
    const file = `${scratch}/status-${thisProcess.pid}.${word}`;
    made.push(file);
    return file;
  };
  try {
    const temporary = name('new');
    for (let set = 0; set < sets; set++) {
      closeSync(createTemporary(temporary, 'rehearsal'));
      linkLease(temporary, name(`lease.${set}`));
      removeFile(temporary);
    }
    for (let set = 0; set < sets; set++) {
      const mark = `${path}/last_reserved_ip.${set}`;
      if (lstatSync(mark, { throwIfNoEntry: false }) !== undefined) continue;
      closeSync(createTemporary(name(`mark.${set}`), 'rehearsal'));
    }
  } finally {
    for (const file of made) removeFile(file);
  }
}
