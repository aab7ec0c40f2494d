/**
 * `npm run release`: everything that a user can install, in `release/`. The same commit gives the
 * same bytes; `npm run release -- --twice` makes all of it in two clones and compares.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  globSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildCni, cniFolder } from './build-cni.ts';
import { buildLibrary } from './build-library.ts';
import { makeExecutable } from './engine/executable.ts';
import { type Arch, TARGETS } from './engine/objects.ts';
import { gzip, tar, writeSums } from './release/archive.ts';
import { GO_ARCH, ociArchive } from './release/image.ts';
import { manPages } from './release/man.ts';
import { packLibrary } from './release/npm.ts';
import { buildNfpm, makePackage, PLUGIN_FOLDER } from './release/packages.ts';
import { executablesBom, packageBom } from './release/sbom.ts';

const ROOT = resolve(import.meta.dirname, '..');
export const RELEASE = join(ROOT, 'release');
const STAGE = join(RELEASE, '.stage');
const NAME = 'netlink-ts-cni-plugins';
const IMAGE = 'ghcr.io/netlink-ts/cni-plugins';
/** What the licences require in every copy. */
const LEGAL = ['LICENSE', 'NOTICE'];
const DAEMONSET = 'deploy/daemonset.yaml';

interface PackageJson {
  readonly version: string;
  readonly description: string;
  readonly homepage: string;
  readonly license: string;
}

const about = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as PackageJson;
const { version, homepage, license } = about;

/** Makes all artefacts; their names. */
export async function release(): Promise<string[]> {
  const epoch = sourceDate();
  rmSync(RELEASE, { recursive: true, force: true });
  mkdirSync(STAGE, { recursive: true });
  await buildNfpm();
  buildLibrary();
  const archs = Object.keys(TARGETS) as Arch[];
  for (const arch of archs) await releaseFor(arch, epoch);
  putMan(epoch);
  put(`${NAME}-v${version}-oci.tar`, imageOf(archs, epoch));
  const manifest = readFileSync(join(ROOT, DAEMONSET), 'utf8');
  put(`${NAME}-v${version}-daemonset.yaml`, manifest.replaceAll('VERSION', `v${version}`));
  packLibrary(RELEASE);
  put(`netlink-ts-${version}.cdx.json`, packageBom(epoch));
  put('NOTES.md', changes());
  rmSync(STAGE, { recursive: true });
  const names = readdirSync(RELEASE).sort();
  writeSums(RELEASE, names);
  return [...names, 'SHA256SUMS'];
}

const put = (name: string, content: string | Uint8Array): void =>
  writeFileSync(join(RELEASE, name), content);

/** Manual pages of the plugins and of the tool, to unpack into /usr/local/share/man. */
function putMan(epoch: number): void {
  const folder = join(STAGE, 'man');
  mkdirSync(join(folder, 'man8'), { recursive: true });
  for (const [name, text] of manPages(epoch)) writeFileSync(join(folder, 'man8', name), text);
  put(`netlink-ts-man-v${version}.tgz`, gzip(tar(folder, epoch)));
}

async function releaseFor(arch: Arch, epoch: number): Promise<void> {
  buildCni(arch);
  const built = join(ROOT, cniFolder(arch));
  const plugins = readdirSync(join(built, 'bin')).sort();
  const folder = join(STAGE, `plugins-${arch}`);
  mkdirSync(folder, { recursive: true });
  for (const name of plugins) linkSync(join(built, 'bin', name), join(folder, name));
  for (const name of LEGAL) copyFileSync(join(ROOT, name), join(folder, name));
  copyFileSync(join(built, 'LICENSES'), join(folder, 'LICENSES'));
  const base = `${NAME}-linux-${GO_ARCH[arch]}-v${version}`;
  put(`${base}.tgz`, gzip(tar(folder, epoch)));
  put(`${base}.cdx.json`, await executablesBom(GO_ARCH[arch], epoch));

  const [first, ...others] = plugins;
  const files = new Map([[`${PLUGIN_FOLDER}/${first}`, join(folder, first!)]]);
  // Packages keep no hard links.
  const links = new Map(others.map((name) => [`${PLUGIN_FOLDER}/${name}`, first!]));
  for (const name of [...LEGAL, 'LICENSES'])
    files.set(`/usr/share/doc/${NAME}/${name}`, join(folder, name));
  for (const [name, text] of manPages(epoch)) {
    if (name === 'netlink-ts.8') continue;
    const packed = join(STAGE, `${name}.gz`);
    writeFileSync(packed, gzip(Buffer.from(text)));
    files.set(`/usr/share/man/man8/${name}.gz`, packed);
  }
  const description = `CNI plugins ${plugins.join(', ')}: static files that need no other program`;
  const of = { name: NAME, version, description, homepage, license, epoch, arch, files, links };
  for (const kind of ['deb', 'rpm']) makePackage(of, join(RELEASE, `${base}.${kind}`));
}

function imageOf(archs: readonly Arch[], epoch: number): Buffer {
  const roots = archs.map((arch) => {
    const root = join(STAGE, `image-${arch}`);
    const plugins = join(root, 'opt/cni/bin');
    mkdirSync(plugins, { recursive: true });
    const from = join(STAGE, `plugins-${arch}`);
    const licences = join(root, 'licenses');
    mkdirSync(licences);
    for (const name of readdirSync(from)) {
      const isLegal = name === name.toUpperCase();
      linkSync(join(from, name), join(isLegal ? licences : plugins, name));
    }
    makeExecutable('src/installer/main.ts', join(root, 'install-cni-plugins'), arch);
    return [arch, root] as const;
  });
  return ociArchive({
    name: IMAGE,
    version: `v${version}`,
    epoch,
    roots: Object.fromEntries(roots) as Record<Arch, string>,
    entrypoint: ['/install-cni-plugins'],
    annotations: {
      'org.opencontainers.image.title': NAME,
      'org.opencontainers.image.licenses': license,
      'org.opencontainers.image.source': homepage,
    },
  });
}

/**
 * The changelog of this version, without line breaks inside entries, which release pages would
 * show.
 */
function changes(): string {
  const sections = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8').split(/^## /m);
  const section = sections.find((each) => each.startsWith(`[${version}]`)) ?? '';
  return `${section.slice(section.indexOf('\n')).replace(/\n +/g, ' ').trim()}\n`;
}

/** Seconds since 1970 of the commit, or what SOURCE_DATE_EPOCH says (reproducible-builds.org). */
function sourceDate(): number {
  const epoch = Number(process.env['SOURCE_DATE_EPOCH'] ?? run('git', 'log', '-1', '--format=%ct'));
  if (!Number.isSafeInteger(epoch) || epoch <= 0)
    throw new Error('no date: neither a git commit nor SOURCE_DATE_EPOCH');
  return epoch;
}

/** Makes all of it again from a fresh clone in another folder, and compares the sums. */
function again(): void {
  const changed = run('git', 'status', '--porcelain');
  if (changed !== '') throw new Error(`a clone would not have these changes:\n${changed}`);
  const clone = mkdtempSync(join(tmpdir(), 'release-again-'));
  try {
    run('git', 'clone', '--quiet', ROOT, clone);
    run('npm', 'ci', '--prefix', clone, '--prefer-offline', '--no-audit', '--no-fund');
    // The compiler is large and is shared; everything that it builds is built again.
    mkdirSync(join(clone, '.cache'));
    for (const tool of ['engine', 'nfpm'])
      run('cp', '-al', join(ROOT, '.cache', tool), join(clone, '.cache'));
    for (const made of globSync('.cache/engine/*/{engine-,compile-}*', { cwd: clone }))
      rmSync(join(clone, made), { recursive: true });
    run(process.execPath, join(clone, 'scripts/release.ts'));
    const [first, second] = [RELEASE, join(clone, 'release')].map((folder) =>
      readFileSync(join(folder, 'SHA256SUMS'), 'utf8'),
    );
    if (first !== second) throw new Error(`not the same bytes:\n${first}and\n${second}`);
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
}

function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout.trim();
}

if (import.meta.main) {
  try {
    for (const name of await release()) console.log(`release/${name}`);
    if (process.argv.includes('--twice')) {
      again();
      console.log('made twice, in two folders: the same bytes');
    }
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
