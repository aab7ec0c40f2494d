/**
 * The release workflow as the dry run reads it: steps, and the programs that they run.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
export const WORKFLOW = '.github/workflows/release.yml';

export interface Step {
  readonly name: string;
  readonly run?: string;
  readonly uses?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, string>>;
}

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

/** The steps of the one job. Bun parses the YAML, because it is installed for the tests anyway. */
export function releaseSteps(): readonly Step[] {
  const program = 'console.log(JSON.stringify(Bun.YAML.parse(await Bun.stdin.text())))';
  const { status, stdout, stderr } = spawnSync(
    join(ROOT, 'node_modules/.bin/bun'),
    ['-e', program],
    { input: readFileSync(join(ROOT, WORKFLOW)), encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${WORKFLOW}: ${stderr}`);
  const jobs = Object.values((JSON.parse(stdout) as Workflow).jobs);
  if (jobs.length !== 1) throw new Error(`${WORKFLOW}: ${jobs.length} jobs, the dry run knows one`);
  return jobs[0]!.steps;
}

/** The simple commands of a shell script, those inside `$(…)` first. */
export function commandsOf(script: string): string[] {
  const inner: string[] = [];
  let text = script.replaceAll('\\\n', ' ');
  for (;;) {
    const [all, dollar, inside] = /(\$?)\(([^()]*)\)/.exec(text) ?? [];
    if (all === undefined) break;
    if (dollar !== '') inner.push(inside!);
    text = text.replace(all, '');
  }
  return [...inner, text]
    .flatMap((each) => each.split(/&&|\|\||[\n;|]/))
    .map((command) => command.trim())
    .filter((command) => command !== '');
}
