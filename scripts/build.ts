/**
 * `npm run build`: the library into `dist/` by tsup, the CNI executables into `dist/cni/` by Bun, and a
 * look whether every subpath of `exports` loads both ways and has its declarations.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { buildCni } from './build-cni.ts';

const ROOT = resolve(import.meta.dirname, '..');

process.chdir(ROOT);
// Only the library's own files: the executables beside it are rebuilt when their sources change.
for (const file of globSync('dist/*.{js,cjs,d.ts,d.cts,map}')) rmSync(file);
run('node_modules/tsup/dist/cli-default.js');
buildCni();

type Conditions = Record<'import' | 'require', Record<'types' | 'default', string>>;
const { name, exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  name: string;
  exports: Record<string, Conditions>;
};
for (const [subpath, conditions] of Object.entries(exports)) {
  for (const target of Object.values(conditions).flatMap((each) => Object.values(each))) {
    if (!existsSync(join(ROOT, target))) fail(`exports ${subpath}: there is no ${target}`);
  }
  // By the package's own name, as a user would.
  const specifier = JSON.stringify(name + subpath.slice(1));
  run('--input-type=module', '-e', `await import(${specifier})`);
  run('--input-type=commonjs', '-e', `require(${specifier})`);
}
console.log(`dist/ is built: ${Object.keys(exports).join(' ')}`);

function run(...args: string[]): void {
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status !== 0) fail(`node ${args.join(' ')}: exit ${status}`);
}

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
