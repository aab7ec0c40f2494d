/**
 * The release workflow and its dry run, which `npm run release:dry-run` does in full. Here the
 * artefacts are small ones: the dry run checks the commit out, signs and publishes them.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { runChild } from '../../scripts/child.ts';
import { gzip, tar, writeSums } from '../../scripts/release/archive.ts';
import { attest } from '../../scripts/release/attest.ts';
import { checkSteps } from '../../scripts/release/dry-run.ts';
import { checkImage, ociArchive } from '../../scripts/release/image.ts';
import { STAND_INS } from '../../scripts/release/stand-in.ts';
import { commandsOf, releaseSteps } from '../../scripts/release/workflow.ts';

/** Seconds that the dry run of small artefacts does not need. */
const PATIENCE = 120;
const ROOT = resolve(import.meta.dirname, '../..');
const { version, scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string;
  scripts: Record<string, string>;
};

test('release: the workflow builds twice, tries the artefacts, signs, and then publishes', (t) => {
  const steps = releaseSteps();
  const at = (what: string): number => {
    const found = steps.findIndex(({ run = '', uses = '' }) =>
      [uses, ...commandsOf(run)].some((each) => each.startsWith(what)),
    );
    t.true(found >= 0, what);
    return found;
  };
  const order = [
    'git ',
    'npm run release -- --twice',
    'npm run release:verify',
    'actions/attest-build-provenance@',
    'gh release create',
    'npx --yes npm@',
  ].map(at);
  t.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
});

test('release: the dry run refuses a step that it would do in earnest', (t) => {
  t.notThrows(() => checkSteps(releaseSteps(), scripts));
  for (const [run, what] of [
    ['npm publish', 'npm publish'],
    ['npm ci && npm run deploy', 'npm run deploy'],
    ['test "$(curl https://example.com)" = x', 'curl https://example.com'],
    ['git push \\\n --tags; docker push x', 'docker push x'],
  ] as const) {
    t.throws(() => checkSteps([{ name: 'new', run }], scripts), {
      message: `.github/workflows/release.yml, "new": the dry run has nothing in place of ${what}`,
    });
  }
  const uses = 'softprops/action-gh-release@v2';
  t.throws(() => checkSteps([{ name: 'new', uses }], scripts), { message: /softprops/ });
});

/** Small artefacts with the names of real ones. */
function artefacts(folder: string): string {
  const release = join(folder, 'release');
  mkdirSync(join(folder, 'npm/package'), { recursive: true });
  mkdirSync(join(folder, 'root'));
  mkdirSync(release);
  const about = { name: 'netlink-ts', version, license: 'Apache-2.0' };
  writeFileSync(join(folder, 'npm/package/package.json'), JSON.stringify(about));
  const put = (name: string, content: string | Uint8Array): void =>
    writeFileSync(join(release, name), content);
  put(`netlink-ts-${version}.tgz`, gzip(tar(join(folder, 'npm'), 1, ['package'])));
  const roots = { x64: join(folder, 'root'), arm64: join(folder, 'root') };
  const image = { name: 'image', version, epoch: 1, roots, entrypoint: [], annotations: {} };
  put(`netlink-ts-cni-plugins-v${version}-oci.tar`, ociArchive(image));
  put('NOTES.md', 'The first.\n');
  writeSums(release, [
    `netlink-ts-${version}.tgz`,
    `netlink-ts-cni-plugins-v${version}-oci.tar`,
    'NOTES.md',
  ]);
  return release;
}

const inFolder = async (work: (folder: string) => Promise<void> | void): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'dry-run-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

test('release: a dry run does every step of the workflow and publishes nothing', async (t) => {
  await inFolder(async (folder) => {
    const release = artefacts(folder);
    const script = join(ROOT, 'scripts/release/dry-run.ts');
    const { code, output } = await runChild([process.execPath, script, '--artefacts', release], {
      env: { npm_config_registry: 'http://127.0.0.1:9' },
      limit: PATIENCE,
    });
    t.is(code, 0, output);
    for (const { name } of releaseSteps()) t.true(output.includes(`== ${name}`), name);
    t.regex(output, /signed by a local key, not by Sigstore, and verified: 3 subjects/);
    t.regex(output, /would release v[\d.]+ of \S+ with 4 files/);
    t.regex(output, /would push ghcr\.io\/\S+: \d+ blobs, whose digests are true/);
    t.regex(output, /would publish by npm@11, with provenance: \+ netlink-ts@/);
  });
});

test('release: what is in place of a program refuses what the real one would', async (t) => {
  await inFolder((folder) => {
    const release = artefacts(folder);
    const sums = join(release, 'SHA256SUMS');
    writeFileSync(join(release, 'more'), '');
    t.throws(() => attest(sums), { message: /^more is not in/ });
    rmSync(join(release, 'more'));
    writeFileSync(join(release, 'NOTES.md'), 'Another.\n');
    t.throws(() => attest(sums), { message: /^NOTES\.md has another hash/ });
    const archive = join(release, `netlink-ts-cni-plugins-v${version}-oci.tar`);
    const bytes = readFileSync(archive);
    const digit = bytes.indexOf('"size":') + '"size":'.length;
    writeFileSync(archive, bytes.fill('9', digit, digit + 1));
    t.throws(() => checkImage(archive), { message: /the content of sha256:\w+ is another/ });
  });
  t.throws(() => STAND_INS['gh']!(['release', 'create', 'latest']), { message: /no tag/ });
  t.throws(() => STAND_INS['npx']!(['--yes', 'npm@11', 'publish', 'gone.tgz']), {
    message: 'there is no gone.tgz',
  });
});
