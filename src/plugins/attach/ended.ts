/**
 * When ADDs ended. A GC that had started before keeps what they made, and the kernel does not
 * record when that was. A lease tells it; for an attachment without one there is an empty file with
 * that time, under the alias of its link with colons for slashes, which no name of an interface may
 * contain. Only a GC that has not looked yet asks for it, so a lost file matters hardly ever:
 * where it cannot be written, ADD goes on.
 */
import {
  closeSync,
  constants,
  futimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  unlinkSync,
} from '../../sys/files.ts';

const FOLDER = '/run/netlink-ts';
/** Milliseconds after which no GC that had started before can still ask. */
const LONG = 3_600_000;

const fileOf = (alias: string): string => `${FOLDER}/${alias.replaceAll('/', ':')}`;

/** Records that the ADD of the attachment whose link has this alias ends now. */
export function noteEnd(alias: string): void {
  attempt(() => {
    try {
      touch(fileOf(alias));
    } catch {
      mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
      touch(fileOf(alias));
    }
  });
}

function touch(file: string): void {
  const { O_WRONLY, O_CREAT, O_NOFOLLOW } = constants;
  const fd = openSync(file, O_WRONLY | O_CREAT | O_NOFOLLOW, 0o600);
  try {
    // The kernel's own time of a file may be some milliseconds late.
    const now = Date.now() / 1000;
    futimesSync(fd, now, now);
  } finally {
    closeSync(fd);
  }
}

export const forgetEnd = (alias: string): void => attempt(() => unlinkSync(fileOf(alias)));

/** The aliases of those that ended since `time`, in milliseconds; forgets those long before. */
export function endedSince(time: number): string[] {
  const found: string[] = [];
  attempt(() => {
    for (const name of readdirSync(FOLDER)) {
      const alias = name.replaceAll(':', '/');
      attempt(() => {
        const { mtimeMs } = statSync(fileOf(alias));
        if (mtimeMs >= time) found.push(alias);
        else if (mtimeMs < time - LONG) forgetEnd(alias);
      });
    }
  });
  return found;
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // Said above.
  }
}
