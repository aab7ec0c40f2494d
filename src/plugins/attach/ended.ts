/**
 * When ADDs ended. A GC keeps what was made by an ADD that ended after the GC had started, and the
 * kernel does not record when that was. A lease does. For an attachment without a lease there is an
 * empty file with that time: its name is the alias of the link with colons for slashes, because no
 * interface name may contain a colon. Only a GC that is already running will ask for it, so a lost
 * file rarely matters: if it cannot be written, ADD goes on.
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
/** Milliseconds after which no GC can still ask: those that had started by then have ended. */
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
    // The time that the kernel gives to a file may lag by some milliseconds.
    const now = Date.now() / 1000;
    futimesSync(fd, now, now);
  } finally {
    closeSync(fd);
  }
}

export const forgetEnd = (alias: string): void => attempt(() => unlinkSync(fileOf(alias)));

/**
 * The aliases of those that ended since `time`, in milliseconds; forgets those that ended long
 * before.
 */
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
    // A lost file rarely matters, as the head of this file says.
  }
}
