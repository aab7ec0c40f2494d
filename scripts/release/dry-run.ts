/**
 * `npm run release:dry-run`: the release workflow on this machine. It runs the steps of
 * `.github/workflows/release.yml` in a fresh checkout of this commit, so the two cannot differ.
 * Whatever would publish something is replaced: `gh`, `skopeo` and `npx` by programs that check
 * what they are given (`stand-in.ts`), and Sigstore by a key that is made for this run
 * (`attest.ts`).
 *
 * It takes ten minutes. `--artefacts FOLDER` uses the artefacts in a folder instead of making and
 * trying them.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { attest } from './attest.ts';
import { putStandIns, STAND_INS } from './stand-in.ts';
import { commandsOf, releaseSteps, type Step, WORKFLOW } from './workflow.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, '.cache');
/** Large downloads that are pinned by hashes: they are not fetched again. */
const TOOLS = ['engine', 'nfpm', 'manifest'];
const ATTEST = 'actions/attest-build-provenance@';
/** Programs that change nothing outside of their working directory. */
const HARMLESS = ['git', 'test', 'node', 'printf', 'base64'];
const NPM = /^npm (?:ci|run (\S+))(?: |$)/;

/** Refuses a workflow with a step that would publish something. */
export function checkSteps(steps: readonly Step[], scripts: object): void {
  for (const { name, run, uses } of steps) {
    const refuse = (what: string): never => {
      throw new Error(`${WORKFLOW}, "${name}": the dry run has nothing in place of ${what}`);
    };
    if (run === undefined) {
      if (!uses?.startsWith(ATTEST)) refuse(uses ?? 'this step');
      continue;
    }
    for (const command of commandsOf(run)) {
      const [, script] = NPM.exec(command) ?? refuseOther(command, refuse);
      if (script !== undefined && !Object.hasOwn(scripts, script)) refuse(`npm run ${script}`);
    }
  }
}

function refuseOther(command: string, refuse: (what: string) => never): [] {
  const [program] = command.split(/\s/);
  if (!HARMLESS.includes(program!) && !Object.hasOwn(STAND_INS, program!)) refuse(command);
  return [];
}

function valueOf(text: string): string {
  return text.replaceAll(/\$\{\{ *(.*?) *\}\}/g, (_, expression: string) => {
    if (expression !== 'github.token') throw new Error(`unknown expression: ${expression}`);
    return 'dry-run';
  });
}

/** Whether a step makes or tries artefacts. */
const isWork = ({ run = '' }: Step): boolean => commandsOf(run).some((each) => NPM.test(each));

function dryRun(artefacts: string | undefined): void {
  const { version, scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
    scripts: object;
  };
  const steps = releaseSteps();
  checkSteps(steps, scripts);
  const commit = git('rev-parse', 'HEAD');
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'dry-run-'));
  const workspace = join(folder, 'workspace');
  mkdirSync(workspace);
  const path = (process.env['PATH'] ?? '').split(':');
  const env = {
    ...process.env,
    PATH: [putStandIns(folder), ...path.filter((each) => !each.includes('node_modules'))].join(':'),
    GITHUB_SERVER_URL: `file://${dirname(ROOT)}`,
    GITHUB_REPOSITORY: basename(ROOT),
    GITHUB_SHA: commit,
    GITHUB_REF_NAME: `v${version}`,
    GITHUB_ACTOR: 'dry-run',
  };
  try {
    console.log(`${WORKFLOW} for v${version}, commit ${commit}`);
    for (const step of steps) {
      if (artefacts !== undefined && isWork(step)) {
        cpSync(artefacts, join(workspace, 'release'), { recursive: true });
        console.log(`\n== ${step.name}: left out for ${artefacts}`);
        continue;
      }
      console.log(`\n== ${step.name}`);
      if (isWork(step)) shareTools(workspace);
      runStep(step, workspace, env);
    }
    console.log('\nevery step of the workflow ended well; nothing was published');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runStep(step: Step, cwd: string, env: NodeJS.ProcessEnv): void {
  if (step.run === undefined) {
    console.log(attest(join(cwd, step.with!['subject-checksums']!)));
    return;
  }
  const own = Object.entries(step.env ?? {}).map(([key, text]) => [key, valueOf(text)]);
  // The way GitHub runs a step.
  const { status, signal } = spawnSync('bash', ['-e', '-c', step.run], {
    cwd,
    env: { ...env, ...(Object.fromEntries(own) as Record<string, string>) },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`"${step.name}" ended with ${signal ?? status}`);
}

function shareTools(workspace: string): void {
  const cache = join(workspace, '.cache');
  if (existsSync(cache)) return;
  mkdirSync(cache);
  for (const tool of TOOLS.filter((each) => existsSync(join(CACHE, each))))
    spawnSync('cp', ['-al', join(CACHE, tool), cache]);
}

function git(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

if (import.meta.main) {
  try {
    const at = process.argv.indexOf('--artefacts');
    dryRun(at < 0 ? undefined : resolve(process.argv[at + 1]!));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
