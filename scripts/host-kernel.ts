/**
 * Whether this host's kernel can be used for tests: a network namespace can be made, and rtnetlink
 * answers in it.
 *
 * Not so in a container without CAP_SYS_ADMIN, in a sandbox that filters system calls, or on a
 * kernel whose rtnetlink lock is held for ever. In that last case any request hangs, so a child
 * process with a time limit makes it.
 *
 * By hand: `node scripts/host-kernel.ts`.
 */
import { release } from 'node:os';
import { libc } from '../src/sys/libc.ts';
import { check } from '../src/sys/check.ts';
import { open } from '../src/rtnl/open.ts';
import { runChild } from './child.ts';

/** include/uapi/linux/sched.h */
const CLONE_NEWNET = 0x40000000;
/** Seconds; it normally takes a tenth of a second. */
const LIMIT = 15;

/** Undefined when the kernel can be used, otherwise the reason why not, in one line. */
export async function hostKernelProblem(): Promise<string | undefined> {
  // Set by a script that has probed the kernel, or has started one for this script.
  if (process.env['NETLINK_TS_PREPARED'] === '1') return undefined;
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const { code, output } = await runChild([process.execPath, import.meta.filename], {
    limit: LIMIT,
  });
  if (code === 0) return undefined;
  if (code === undefined) return `rtnetlink does not answer: gave up after ${LIMIT} seconds`;
  return output.trim().split('\n').at(-1) || `the probe ended with exit code ${code}`;
}

/**
 * Ends the script with one line when the kernel cannot be used; `instead` says what to do instead.
 */
export async function requireHostKernel(instead: string): Promise<void> {
  const problem = await hostKernelProblem();
  if (problem === undefined) return;
  console.error(`not possible on this kernel (Linux ${release()}): ${problem}; ${instead}`);
  process.exit(1);
}

function probe(): void {
  check(libc().unshare(CLONE_NEWNET), 'unshare', 'CLONE_NEWNET');
  using rt = open();
  if (rt.links.list().length === 0) throw new Error('rtnetlink lists no links');
}

if (import.meta.main) {
  try {
    probe();
    console.log(`Linux ${release()}: network namespaces and rtnetlink work`);
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
