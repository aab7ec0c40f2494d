/**
 * The npm package: what `files` of package.json lists. Links from its pages to files that it does
 * not contain, such as fixtures, lead to the tag of this version in the repository.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, posix, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const LINK = /(?<=\]\()(?![a-z]+:|#)[^)\s#]+/g;

/** Packs the library, which has been built, and returns the name of the tarball. */
export function packLibrary(into: string): string {
  const { homepage, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    homepage: string;
    version: string;
  };
  const stage = mkdtempSync(join(tmpdir(), 'npm-package-'));
  try {
    const listed = JSON.parse(npm(ROOT, '--dry-run', '--json')) as [{ files: { path: string }[] }];
    const files = listed[0].files.map(({ path }) => path);
    for (const path of files) cpSync(join(ROOT, path), join(stage, path));
    for (const page of files.filter((path) => path.endsWith('.md'))) {
      const text = readFileSync(join(ROOT, page), 'utf8').replace(LINK, (link) => {
        const path = posix.join(posix.dirname(page), link);
        if (existsSync(join(stage, path))) return link;
        const kind = statSync(join(ROOT, path)).isDirectory() ? 'tree' : 'blob';
        return `${homepage}/${kind}/v${version}/${path}`;
      });
      writeFileSync(join(stage, page), text);
    }
    return npm(stage, '--silent', '--pack-destination', into);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

function npm(cwd: string, ...args: string[]): string {
  const command = ['pack', '--ignore-scripts', ...args];
  const { status, stdout, stderr } = spawnSync('npm', command, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${command.join(' ')}: ${stderr}`);
  return stdout.trim();
}
