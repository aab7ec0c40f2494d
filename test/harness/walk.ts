/**
 * A plugin whose system calls fail one after the other. A first run is recorded by strace(1), and
 * each recorded call is made to fail in turn, so this works for any executable. The kernel does
 * nothing for the call that fails, and works as usual for the others.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Teardown } from './namespace.ts';
import { ourPlugin, type PluginOutput } from './plugin.ts';

/** One system call of a recorded run. */
export interface SystemCall {
  readonly name: string;
  /** Its position among the calls of that name in its thread, from 1. */
  readonly when: number;
  /** Its position among the calls of that name that are made to fail. */
  readonly nth: number;
  /** Made by a thread in the background. */
  readonly threaded: boolean;
  /** As strace shows it. */
  readonly text: string;
}

/** Runs an executable with the parameters of one call of a plugin. */
export type Run = (binary: string) => PluginOutput;

export interface Walker {
  /** The system calls of a run in which nothing fails, from the reading of the input on. */
  record(run: Run): SystemCall[];
  /** Runs with one of them failing; undefined where this run did not reach it. */
  fail(call: SystemCall, run: Run): PluginOutput | undefined;
}

/** Seconds after which a plugin hangs: minutes, for a loaded machine and user-mode Linux. */
const PATIENCE = 60;

/**
 * Memory, threads and the clock: needed by the runtime, which ends the process when such a call
 * fails.
 */
const RUNTIME =
  /^(mmap|munmap|mprotect|madvise|mremap|brk|futex|membarrier|clone3?|v?fork|execve|exit|exit_group|rseq|prctl|arch_prctl|set_robust_list|set_tid_address|sched_\w+|rt_sig\w+|sigaltstack|getpid|gettid|tgkill|prlimit64|getrandom|clock_\w+|restart_syscall|umask|wait4|waitid|epoll_\w+|pidfd_open|eventfd2|timerfd_\w+|ioctl|socketpair|pipe2|fcntl|kill|uname|sysinfo|getuid|geteuid|getgid|getegid)$/;

/** The error of a call for which EIO would make no sense. */
const ERRORS: Readonly<Record<string, string>> = {
  socket: 'EMFILE',
  setns: 'EPERM',
  sendto: 'ENOBUFS',
  sendmsg: 'ENOBUFS',
  recvfrom: 'ENOMEM',
  recvmsg: 'ENOMEM',
  setsockopt: 'ENOMEM',
  bind: 'ENOMEM',
  poll: 'ENOMEM',
  ppoll: 'ENOMEM',
  flock: 'ENOLCK',
};

export function walker(t: Teardown, plugin: string): Walker {
  const folder = mkdtempSync(join(tmpdir(), 'walk-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const [binary, options, log] = ['run', 'options', 'log'].map((name) => join(folder, name));
  writeFileSync(
    binary!,
    `#!/bin/sh\nexec timeout -s KILL ${PATIENCE} strace -o ${log} $(cat ${options}) ${ourPlugin(plugin)}\n`,
    { mode: 0o755 },
  );
  const traced = (run: Run, ...words: string[]): [PluginOutput, string[]] => {
    writeFileSync(options!, words.join(' '));
    const output = run(binary!);
    return [output, readFileSync(log!, 'utf8').split('\n')];
  };
  return {
    record: (run) => systemCalls(traced(run, '-f', '-e', 'signal=none')[1]),
    fail({ name, when, threaded }, run) {
      const error = ERRORS[name] ?? 'EIO';
      // Without -f only the plugin's own thread is traced, and none of the programs that it runs.
      const follow = threaded ? ['-f'] : [];
      const fault = `inject=${name}:error=${error}:when=${when}`;
      const trace = `trace=read,${name}${name === 'close' ? ',openat,socket,pipe2' : ''}`;
      const [output, lines] = traced(run, ...follow, '-e', trace, '-e', 'signal=none', '-e', fault);
      const begin = lines.findIndex((line) => INPUT.test(line));
      const met = lines.findIndex((line, i) => i >= begin && line.includes('(INJECTED)'));
      if (begin < 0 || met < 0) return undefined;
      // This run may have made another number of calls before.
      return name === 'close' && closesPipe(lines.slice(0, met + 1)) ? undefined : output;
    },
  };
}

/** A plugin begins by reading its input; everything before is the startup of the runtime. */
const INPUT = /^(\d+ +)?read\(0,/;

const RESTARTED = / = \? ERESTART/;

/**
 * The calls that are made to fail. They must not depend on what else runs on the machine: of the
 * processes that a plugin examines in /proc only the first and its own are included.
 */
function systemCalls(recorded: readonly string[]): SystemCall[] {
  const lines = joined(recorded);
  const [main] = lines[0]!.split(' ');
  // Other traced processes are programs that the plugin runs, and their children.
  const own = new Set([main]);
  const counts = new Counts();
  const calls: Omit<SystemCall, 'nth'>[] = [];
  const files = new Map<string, string>();
  let process: string | undefined;
  let begun = false;
  for (const line of lines) {
    const [, thread, name, rest] = /^(\d+) +(\w+)\((.*)/.exec(line) ?? [];
    if (thread === undefined || name === undefined || !own.has(thread)) continue;
    // The kernel makes the call again by itself, as for a setting while somebody changes links.
    if (RESTARTED.test(rest!)) continue;
    const when = counts.next(`${thread} ${name}`);
    begun ||= INPUT.test(line);
    const [, fd = ''] = /^(\d+)/.exec(rest!) ?? [];
    const file = files.get(fd) ?? rest!;
    noteFiles(files, name, rest!);
    if (/^clone3?$/.test(name) && /CLONE_THREAD/.test(rest!)) own.add(/ = (\d+)$/.exec(rest!)?.[1]);
    if (!begun || RUNTIME.test(name)) continue;
    if (name === 'close' && file === PIPE) continue;
    const [, pid] = /"\/proc\/(\d+)\//.exec(file) ?? [];
    if (pid !== undefined && pid !== main && pid !== (process ??= pid)) continue;
    calls.push({ name, when, threaded: thread !== main, text: `${name}(${rest}` });
  }
  // In the background, the call fails in every thread that makes that many. A failing plugin makes
  // one write more: its error.
  const walked = calls.filter(
    ({ threaded, name, when }) =>
      !threaded || (name !== 'write' && when > counts.of(`${main} ${name}`)),
  );
  const places = new Counts();
  return walked.map((call) => ({ ...call, nth: places.next(call.name) }));
}

class Counts {
  readonly #counts = new Map<string, number>();
  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }
  next(key: string): number {
    const count = this.of(key) + 1;
    this.#counts.set(key, count);
    return count;
  }
}

/**
 * Each call on one line: `12 close(5 <unfinished ...>` goes on in `12 <... close resumed>) = 0`.
 */
function joined(lines: readonly string[]): string[] {
  const whole: string[] = [];
  const open = new Map<string, number>();
  for (const line of lines) {
    const [thread = ''] = line.split(' ');
    const [, end] = /^\d+ +<\.\.\. \w+ resumed>(.*)/.exec(line) ?? [];
    const begin = open.get(thread);
    if (end !== undefined && begin !== undefined) {
      whole[begin] += end;
      continue;
    }
    open.set(thread, whole.length);
    whole.push(line.replace(/ *<unfinished \.\.\.>$/, ''));
  }
  return whole;
}

/**
 * The file of such a descriptor. Its close is left out: a call that strace makes to fail is not
 * executed, and a reader never sees the end of a pipe that is still open for writing. The kernel
 * always closes it.
 */
const PIPE = 'a pipe';

/** Whether the last of these calls closes a pipe. */
function closesPipe(lines: readonly string[]): boolean {
  const files = new Map<string, string>();
  const calls = joined(lines).map((line) => /^(?:\d+ +)?(\w+)\((.*)/.exec(line));
  const last = calls.pop();
  for (const call of calls) if (call) noteFiles(files, call[1]!, call[2]!);
  const [, fd = ''] = /^(\d+)/.exec(last?.[2] ?? '') ?? [];
  return files.get(fd) === PIPE;
}

/** Records the file of each descriptor. */
function noteFiles(files: Map<string, string>, name: string, rest: string): void {
  const [, result = ''] = / = (\d+)(<.*>)?$/.exec(rest) ?? [];
  if (name === 'openat' && result !== '') files.set(result, rest);
  // [3, 4], O_CLOEXEC) = 0
  if (name === 'pipe2') {
    for (const fd of rest.slice(0, rest.indexOf(']')).match(/\d+/g) ?? []) files.set(fd, PIPE);
  }
  if (name === 'close') files.delete(/^\d+/.exec(rest)![0]);
}
