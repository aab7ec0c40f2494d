/** What processes took, and the statistics of many of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The memory of one process at its end, in bytes. */
export interface Memory {
  /** The peak of resident memory, `VmHWM`. */
  readonly resident: number;
  /** What counts against `vm.overcommit_memory=2`: the mappings that the kernel accounts. */
  readonly committed: number;
}

/**
 * Microseconds for which strace(1) holds a process back at its end, so that it can be looked at.
 */
const HELD = 300_000;

/**
 * Starts a program in the namespace of this thread, and measures its memory. Its children are not
 * counted.
 */
export function memoryOf(
  binary: string,
  env: NodeJS.ProcessEnv,
  input: string,
): () => Promise<Memory> {
  const hold = ['-f', '-qq', '-o', '/dev/null', '-e', 'trace=exit_group'];
  const strace = spawn('strace', [...hold, '-e', `inject=exit_group:delay_enter=${HELD}`, binary], {
    env,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  strace.stdin.on('error', () => {}).end(input);
  return () => watch(strace, binary);
}

async function watch(strace: ChildProcess, binary: string): Promise<Memory> {
  const ended = new Promise<number | null>((resolve) => strace.once('exit', resolve));
  let seen: Memory | undefined;
  let code: number | null | undefined;
  while (code === undefined) {
    seen = read(strace.pid!, binary) ?? seen;
    code = await Promise.race([ended, setTimeout(5, undefined)]);
  }
  if (code !== 0 || seen === undefined) throw new Error(`${binary} under strace: exit ${code}`);
  return seen;
}

function read(parent: number, binary: string): Memory | undefined {
  try {
    const children = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8');
    const folder = `/proc/${children.trim().split(' ')[0]}`;
    if (!readFileSync(`${folder}/cmdline`, 'utf8').startsWith(`${binary}\0`)) return undefined;
    const resident = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`${folder}/status`, 'utf8'));
    if (!resident) return undefined;
    return {
      resident: Number(resident[1]) * 1024,
      committed: committedIn(readFileSync(`${folder}/smaps`, 'utf8')),
    };
  } catch {
    // It has not begun, or has ended.
    return undefined;
  }
}

/** `ac` of VmFlags, proc_pid_smaps(5): the area is accounted. */
function committedIn(smaps: string): number {
  let size = 0;
  let total = 0;
  for (const line of smaps.split('\n')) {
    if (line.startsWith('Size:')) size = Number(/\d+/.exec(line)![0]) * 1024;
    else if (/^VmFlags:.* ac\b/.test(line)) total += size;
  }
  return total;
}
