/** Runs the cases on the plugins of a folder. */
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createNamespace, deleteNamespace } from '../netlink/namespace.ts';
import { type Case, concerns, Unmet } from './case.ts';
import { CASES } from './cases/index.ts';
import { execute } from './execute.ts';
import { missing } from './missing.ts';
import { profileOf } from './profiles.ts';
import { killAllIn, Stage, type Subject, sweep } from './stage.ts';

export interface Verdict {
  readonly plugin: string;
  readonly case: Case;
  readonly state: 'met' | 'unmet' | 'skipped';
  /** Why it is not met, or was not tried. */
  readonly reason?: string;
  readonly milliseconds: number;
}

export interface Options {
  readonly folder: string;
  /** Names of plugins; all in the folder if not given. */
  readonly plugins?: readonly string[];
  /** Milliseconds for each call of a plugin. */
  readonly timeout?: number;
  /** Milliseconds for what the kernel does in the background after a call. */
  readonly patience?: number;
  /** Which of the cases; all if not given. */
  readonly isWanted?: (each: Case) => boolean;
}

export const TIMEOUT = 30_000;
const PATIENCE = 10_000;

/** The plugins of a folder: its executable files. Notes and licences may lie beside them. */
export const pluginsIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => isExecutable(join(folder, name)))
    .sort();

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** One verdict after the other, plugin by plugin. */
export async function* conformance(options: Options): AsyncGenerator<Verdict> {
  const { folder, plugins = pluginsIn(folder), isWanted = () => true } = options;
  sweep();
  for (const name of plugins) {
    const subject = await subjectOf(folder, name, options);
    for (const each of CASES) {
      if (!concerns(each, subject.profile) || !isWanted(each)) continue;
      yield await judge(each, subject);
    }
  }
}

/** What VERSION says; a plugin that does not answer is taken to know version 1.0.0. */
export async function subjectOf(
  folder: string,
  name: string,
  { timeout = TIMEOUT, patience = PATIENCE }: Pick<Options, 'timeout' | 'patience'> = {},
): Promise<Subject> {
  const profile = profileOf(name);
  const scratch = `netlink-ts-conformance-${process.pid}-0`;
  const netns = createNamespace(scratch);
  try {
    const answer = execute({
      binary: join(folder, name),
      env: { CNI_COMMAND: 'VERSION', CNI_PATH: folder },
      input: '{"cniVersion":"1.0.0"}',
      netns,
      cwd: '/',
      timeout,
    });
    // A file that cannot be executed fails in each case.
    const { json } = await answer.catch(() => ({ json: undefined }));
    const { supportedVersions } = (json ?? {}) as { supportedVersions?: unknown };
    const versions = Array.isArray(supportedVersions)
      ? supportedVersions.filter((each): each is string => /^\d+\.\d+\.\d+$/.test(String(each)))
      : ['1.0.0'];
    return { profile, folder, versions, timeout, patience };
  } finally {
    killAllIn(netns);
    netns.close();
    deleteNamespace(scratch);
  }
}

/** Tries one case. */
export async function judge(each: Case, subject: Subject): Promise<Verdict> {
  const plugin = subject.profile.name;
  const lacking = missing(each, subject);
  if (lacking !== undefined)
    return { plugin, case: each, state: 'skipped', reason: lacking, milliseconds: 0 };
  const started = performance.now();
  const stage = new Stage(subject);
  let reason: string | undefined;
  try {
    await each.run(stage);
  } catch (error) {
    // What a case did not expect, such as an interface that is not there, is the plugin's as well.
    const { name, message } = error as Error;
    reason = error instanceof Unmet ? message : `${name}: ${message}`;
  } finally {
    stage.remove();
  }
  const milliseconds = Math.round(performance.now() - started);
  return reason === undefined
    ? { plugin, case: each, state: 'met', milliseconds }
    : { plugin, case: each, state: 'unmet', reason, milliseconds };
}
