/**
 * `npm run site`: builds the site into `dist/site`. Its packages have a lock of their own, and are
 * installed when they are missing, so that the root's `npm ci` stays light. `SITE_BASE=/path/`
 * builds it for a path below a host.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { generate } from './generate.ts';

const SITE = resolve(import.meta.dirname, '..');

function run(command: string, ...args: string[]): void {
  const { status, error } = spawnSync(command, args, { cwd: SITE, stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (!existsSync(resolve(SITE, 'node_modules/vitepress'))) {
  run('npm', 'ci', '--no-audit', '--no-fund');
}
await generate();
run(process.execPath, 'node_modules/vitepress/bin/vitepress.js', 'build');
