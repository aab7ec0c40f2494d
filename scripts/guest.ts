/**
 * Runs a command inside another kernel, whose first process is `guest-init.sh`: with the host's
 * files as a root file system that stays read-only.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, runChild } from './child.ts';

export interface GuestOptions {
  /** Environment of the command, in addition to PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** Everything, including the boot, ends after this many seconds. */
  readonly timeout?: number;
  /** It ends too when nothing was printed for this many seconds. */
  readonly silence?: number;
  /** Gets the command's output as it arrives. */
  readonly onOutput?: (text: string) => void;
}

export interface GuestResult {
  /** The command's exit code; undefined when the kernel ended before the command did. */
  readonly code: number | undefined;
  /**
   * Standard output and standard error together; the kernel's own messages when `code` is
   * undefined.
   */
  readonly output: string;
}

/** How a kernel is started on a job, with its own environment. */
export interface Start {
  readonly command: Command;
  readonly env?: Readonly<Record<string, string>>;
}

const BEGIN = '--- guest: begin ---\n';
const END = /--- guest: end (\d+) ---\n/;

/** Runs `command` in the current folder, in the kernel that `start` starts. */
export async function runGuest(
  command: readonly string[],
  options: GuestOptions,
  start: (job: string, scratch: string) => Start,
): Promise<GuestResult> {
  const scratch = mkdtempSync(join(tmpdir(), 'guest-'));
  const clean = (): void => rmSync(scratch, { recursive: true, force: true });
  // Also when the script is interrupted.
  process.once('exit', clean);
  try {
    const job = join(scratch, 'job');
    writeFileSync(job, jobScript(command, options.env ?? {}));
    return await boot(start(job, scratch), options);
  } finally {
    process.off('exit', clean);
    clean();
  }
}

/** A word for the shell. */
export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function jobScript(command: readonly string[], env: Readonly<Record<string, string>>): string {
  const all = { NETLINK_TS_PREPARED: '1', ...env };
  const exports = Object.entries(all).map(([name, value]) => `export ${name}=${quote(value)}`);
  return [...exports, `cd ${quote(process.cwd())}`, command.map(quote).join(' '), ''].join('\n');
}

async function boot({ command, env = {} }: Start, options: GuestOptions): Promise<GuestResult> {
  let text = '';
  let told: number | undefined;
  const listen = (chunk: string): void => {
    text += chunk;
    const begin = text.indexOf(BEGIN);
    if (begin < 0 || options.onOutput === undefined) return;
    told ??= begin + BEGIN.length;
    // The end marker is not part of the output; text that may be the beginning of one waits for
    // more.
    const end = text.search(END);
    const safe = end >= 0 ? end : text.lastIndexOf('\n') + 1;
    if (safe > told) options.onOutput(text.slice(told, safe));
    told = Math.max(told, safe);
  };
  await runChild(command, { env, ...limitsOf(options), onOutput: listen });
  const end = END.exec(text);
  const begin = text.indexOf(BEGIN);
  if (begin < 0 || end === null) return { code: undefined, output: text };
  return { code: Number(end[1]), output: text.slice(begin + BEGIN.length, end.index) };
}

/** If no limit is given, it is short. */
function limitsOf({ timeout, silence }: GuestOptions): { limit?: number; silence?: number } {
  if (timeout === undefined && silence === undefined) return { limit: 60 };
  return { ...(timeout && { limit: timeout }), ...(silence && { silence }) };
}

/**
 * Runs the arguments of a script inside: input is empty, output and exit code are the command's.
 */
export async function runByHand(
  name: string,
  run: (command: readonly string[], options: GuestOptions) => Promise<GuestResult>,
): Promise<void> {
  const { code, output } = await run(process.argv.slice(2), {
    silence: 1200,
    onOutput: (text) => process.stdout.write(text),
  });
  if (code === undefined) process.stderr.write(`${name} ended early:\n${output}`);
  process.exitCode = code ?? 1;
}
