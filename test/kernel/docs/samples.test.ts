/**
 * The samples of the README and the guide run as they stand there, those of a page one after the
 * other in one namespace. What needs no root runs in test/package.test.ts.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import type { Feature } from '../../harness/features.ts';
import { samplesOf } from '../../harness/samples.ts';

const SOURCES = resolve(import.meta.dirname, '../../../src');
/** What the subpaths are built from; the others are folders of their name. */
const FILES: Readonly<Record<string, string>> = {
  '': 'index.ts',
  '/codec': 'codec.ts',
};
/** By page: what there is on the host where its samples are tried, and what they take. */
const HOSTS: Readonly<Record<string, readonly [setup: string[], ...features: Feature[]]>> = {
  'README.md': [[], 'bridge', 'vlan-filtering'],
  'docs/guide.md': [
    ['link add eth0 type veth peer name eth1', 'link add br0 type bridge'],
    'bridge',
    'veth',
    'nftables-inet',
  ],
};

for (const [page, [setup, ...features]] of Object.entries(HOSTS)) {
  needs(...features)(`samples: ${page}`, (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'samples-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const here = freshNamespace(t);
    for (const words of setup) here.exec('ip', ...words.split(' '));
    for (const { name, text } of samplesOf(page).filter(({ needsRoot }) => needsRoot)) {
      const program = join(folder, `${name}.mts`);
      const source = (_: string, path: string): string =>
        `from '${join(SOURCES, FILES[path] ?? `${path}/index.ts`)}'`;
      writeFileSync(program, text.replaceAll(/from 'netlink-ts(\/?\w*)'/g, source));
      t.notThrows(() => t.log(name, here.exec(process.execPath, program)));
    }
  });
}
