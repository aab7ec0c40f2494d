/**
 * Replaces the programs of the release workflow that change something outside of its folder. Each
 * checks its arguments as the real one would, and says what that would do.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkImage } from './image.ts';

type Program = (args: readonly string[]) => string;

export const STAND_INS: Readonly<Record<string, Program>> = {
  'apt-get': (args) => `would run apt-get ${args.join(' ')}`,
  gh: createRelease,
  skopeo: copyImage,
  npx: publish,
};

function createRelease(args: readonly string[]): string {
  const { of, rest } = split(args, ['--repo', '--title', '--notes-file']);
  const [release, create, tag, ...files] = rest;
  if (release !== 'release' || create !== 'create') throw new Error(`gh ${args.join(' ')}`);
  if (!/^v\d+\.\d+\.\d+$/.test(tag ?? '')) throw new Error(`"${tag}" is no tag of a version`);
  for (const file of files) mustExist(file);
  const listed = readFileSync('release/SHA256SUMS', 'utf8').match(/(?<= {2}).+/g) ?? [];
  for (const name of listed)
    if (!files.includes(`release/${name}`)) throw new Error(`${name} is not uploaded`);
  const notes = readFileSync(of('--notes-file'), 'utf8');
  if (notes.trim() === '') throw new Error('the notes of the release are empty');
  const size = `${files.length} files and notes of ${notes.split('\n').length} lines`;
  return `would release ${tag} of ${of('--repo')} with ${size}`;
}

function copyImage(args: readonly string[]): string {
  const { of, rest } = split(args, ['--dest-creds']);
  const [copy, all, source, destination] = rest;
  const [, file] = /^oci-archive:(.+)$/.exec(source ?? '') ?? [];
  const [, image] = /^docker:\/\/(.+:v\d[^:]*)$/.exec(destination ?? '') ?? [];
  if (copy !== 'copy' || all !== '--all' || file === undefined || image === undefined)
    throw new Error(`skopeo ${args.join(' ')}`);
  if (!of('--dest-creds').includes(':')) throw new Error('--dest-creds has no password');
  return `would push ${image}: ${checkImage(file)}`;
}

function publish(args: readonly string[]): string {
  const { rest } = split(args, []);
  const [yes, npm, command, ...options] = rest;
  if (yes !== '--yes' || !npm?.startsWith('npm@') || command !== 'publish')
    throw new Error(`npx ${args.join(' ')}`);
  mustExist(options.at(-1)!);
  // Provenance needs the identity of a workflow.
  const own = options.filter((option) => option !== '--provenance');
  const { status, stdout, stderr } = spawnSync('npm', ['publish', '--dry-run', ...own], {
    encoding: 'utf8',
    env: { ...process.env, npm_config_fetch_retries: '0' },
  });
  if (status !== 0) throw new Error(`npm publish --dry-run: ${stderr}`);
  return `would publish by ${npm}${own.length < options.length ? ', with provenance' : ''}: ${stdout.trim()}`;
}

/** Options with a value, and the other arguments. */
function split(
  args: readonly string[],
  names: readonly string[],
): { of(name: string): string; rest: string[] } {
  const values = new Map<string, string>();
  const rest: string[] = [];
  for (let i = 0; i < args.length; i++) {
    if (names.includes(args[i]!)) values.set(args[i]!, args[++i] ?? '');
    else rest.push(args[i]!);
  }
  const of = (name: string): string => {
    const value = values.get(name);
    if (value === undefined || value === '') throw new Error(`${name} is missing`);
    return value;
  };
  return { of, rest };
}

function mustExist(file: string): void {
  if (!existsSync(file)) throw new Error(`there is no ${file}`);
}

/** Writes the programs into a folder, and returns it for PATH. */
export function putStandIns(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const name of Object.keys(STAND_INS)) {
    const program = join(bin, name);
    const command = [process.execPath, import.meta.filename, name].map((each) => `'${each}'`);
    writeFileSync(program, `#!/bin/sh\nexec ${command.join(' ')} "$@"\n`);
    chmodSync(program, 0o755);
  }
  return bin;
}

if (import.meta.main) {
  const [, , name, ...args] = process.argv;
  try {
    console.log(STAND_INS[name!]!(args));
  } catch (error) {
    console.error(`in place of ${name}: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
