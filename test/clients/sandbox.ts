/**
 * Runs a client where it can reach nothing of this machine: in namespaces of its own, with the
 * folders that engines write to covered (sandbox.sh), on the host's kernel or in user-mode Linux.
 */
import { mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Command, runChild } from '../../scripts/child.ts';
import { runInUml } from '../../scripts/uml.ts';
import { type Outcome, readOutcome } from './checks.ts';
import type { Client } from './clients.ts';
import type { Whose } from './stage.ts';

/** Seconds. */
const LIMIT = { host: 180, uml: 600 };

const UNSHARE: Command = [
  'unshare',
  ...['--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc'],
  ...['--propagation', 'private', '--', 'bash', join(import.meta.dirname, 'sandbox.sh')],
];

/** Runs all checks of a client; a run that is cut short is a check that failed. */
export async function runInSandbox(
  client: Client,
  whose: Whose,
  onOutcome: (outcome: Outcome) => void,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'clients-'));
  const groups = new Set(cgroups());
  const clean = (): void => {
    rmSync(folder, { recursive: true, force: true });
    for (const left of cgroups().filter((path) => !groups.has(path))) removeTree(left);
  };
  // Also when the script is interrupted.
  process.once('exit', clean);
  let noise = '';
  let rest = '';
  const onOutput = (text: string): void => {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const outcome = readOutcome(line);
      if (outcome === undefined) noise += `${line}\n`;
      else onOutcome(outcome);
    }
  };
  try {
    const inside = join(import.meta.dirname, 'inside.ts');
    const command = [...UNSHARE, process.execPath, inside, client.name, whose] as const;
    const { code } = client.uml
      ? await runInUml(inMemory(command), { timeout: LIMIT.uml, onOutput })
      : await runChild([...command, folder], { limit: LIMIT.host, onOutput });
    const words = `exit ${code ?? 'early'}: ${noise}${rest}`
      .trim()
      .split('\n')
      .slice(-5)
      .join(' | ');
    if (code !== 0) onOutcome({ title: 'the sandbox ends well', holds: false, words });
  } finally {
    process.off('exit', clean);
    clean();
  }
}

/** In user-mode Linux the host's folder is read-only, and /tmp is another. */
const inMemory = (command: readonly string[]): string[] => [
  ...['sh', '-c', 'mkdir /tmp/clients && exec "$@" /tmp/clients', 'sh', ...command],
];

/** Control groups are the one thing that is not in a namespace: engines leave theirs, empty. */
const ENGINES = /^(libpod_parent|k8s\.io|default|buildah)/;

function cgroups(): string[] {
  const root = '/sys/fs/cgroup';
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => [entry.name, ...below(join(root, entry.name), entry.name)])
    .filter((path) => ENGINES.test(path.split('/').at(-1)!))
    .map((path) => join(root, path));
}

const below = (folder: string, prefix: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${prefix}/${entry.name}`);

/** A control group with a process in it refuses. */
function removeTree(folder: string): void {
  for (const name of below(folder, folder)) removeTree(name);
  try {
    rmdirSync(folder);
  } catch (error) {
    console.error(`left behind: ${(error as Error).message}`);
  }
}
