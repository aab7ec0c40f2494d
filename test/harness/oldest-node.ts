/**
 * The oldest Node that package.json promises, `engines`, from npm: one folder in `.cache` for each
 * version. It is not a dependency, because its command has the same name as that of the Node which
 * runs the tests.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** The version: `22.20.0` for `>=22.20`. */
export function oldestVersion(): string {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  return `${engines.node.replace('>=', '')}.0`;
}

/** The path of its executable, which is fetched the first time. */
export function oldestNode(): string {
  const name = `node-linux-${process.arch}`;
  const folder = join(ROOT, '.cache', `node-${oldestVersion()}`);
  if (!existsSync(folder)) {
    mkdirSync(join(ROOT, '.cache'), { recursive: true });
    const scratch = mkdtempSync(`${folder}-`);
    try {
      const options = ['--no-save', '--no-package-lock', '--ignore-scripts', '--prefix', scratch];
      const fetched = spawnSync('npm', ['install', ...options, `${name}@${oldestVersion()}`], {
        encoding: 'utf8',
        timeout: 300_000,
        killSignal: 'SIGKILL',
      });
      if (fetched.status !== 0) {
        throw new Error(`npm install ${name}: ${fetched.error?.message ?? fetched.stderr}`);
      }
      renameSync(scratch, folder);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  return join(folder, 'node_modules', name, 'bin/node');
}
