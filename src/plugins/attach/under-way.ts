/**
 * Attachments that are being made right now. A runtime passes the parameters of a call to every
 * plugin of the list in its environment (CNI SPEC 1.1.0, section 2, "Parameters"), and the kernel
 * shows the environment of each process: proc_pid_environ(5).
 */
import { readdirSync, readFileSync, statSync } from '../../sys/files.ts';
import type { Attachment } from '../../cni/config.ts';

/** TASK_COMM_LEN without the zero at the end, include/linux/sched.h. */
const LONGEST_NAME = 15;

/**
 * The attachments, of all networks of this host, for which a plugin of `path` (CNI_PATH) is running
 * ADD. Processes of other names are not examined, because reading the environment of a process that
 * hangs may hang as well.
 */
export function addsUnderWay(path: string): Attachment[] {
  const names = new Set([contentOf('/proc/self/comm').trim()]);
  for (const folder of path.split(':')) {
    for (const name of namesIn(folder)) names.add(name.slice(0, LONGEST_NAME));
  }
  const found: Attachment[] = [];
  for (const pid of namesIn('/proc')) {
    if (!(Number(pid) > 0) || !names.has(contentOf(`/proc/${pid}/comm`).trim())) continue;
    const attachment = attachmentOf(pid);
    if (attachment !== undefined) found.push(attachment);
  }
  return found;
}

function attachmentOf(pid: string): Attachment | undefined {
  const variables = new Map<string, string>();
  for (const pair of contentOf(`/proc/${pid}/environ`).split('\0')) {
    const at = pair.indexOf('=');
    variables.set(pair.slice(0, at), pair.slice(at + 1));
  }
  const [containerId, ifname] = [variables.get('CNI_CONTAINERID'), variables.get('CNI_IFNAME')];
  if (variables.get('CNI_COMMAND') !== 'ADD' || !containerId || !ifname) return undefined;
  // A plugin runs in the host's namespace, or for a moment in the container's. Another host may
  // have a container of the same name.
  const where = inodeOf(`/proc/${pid}/ns/net`);
  const homes = ['/proc/self/ns/net', variables.get('CNI_NETNS') ?? ''].map(inodeOf);
  return where === undefined || homes.includes(where) ? { containerId, ifname } : undefined;
}

const inodeOf = (file: string): number | undefined => unless(undefined, () => statSync(file).ino);

/** None for a folder of CNI_PATH that does not exist. */
const namesIn = (folder: string): string[] => unless([], () => readdirSync(folder));

/** The content; empty for a process that is gone, or that we may not examine. */
const contentOf = (file: string): string => unless('', () => readFileSync(file, 'utf8'));

/** There is nothing, or nothing that we may see. */
const ABSENCES: readonly unknown[] = ['ENOENT', 'ENOTDIR', 'ESRCH', 'EACCES', 'EPERM'];

/**
 * What `look` returns, or `nothing` where there is nothing to see. Any other error is thrown: an
 * ADD that is not seen loses its attachment.
 */
function unless<T>(nothing: T, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (ABSENCES.includes((error as { code?: string }).code)) return nothing;
    throw error;
  }
}
