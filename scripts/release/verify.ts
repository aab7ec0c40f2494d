/**
 * `npm run release:verify`: the artefacts in `release/`, not the tree, tried as users will try
 * them: sums, plugins in a root file system that has nothing but busybox (so no C library), the
 * Debian and the RPM package, the image and its installer, the manifest by the types of Kubernetes,
 * what arm64 executes under qemu, the bills of materials, and the npm package in projects that
 * install it.
 *
 * As root on Debian. With `--debian` the plugins are tried in a bare Debian 12 as well, which
 * debootstrap fetches.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createNamespace, deleteNamespace, NETNS_DIRECTORY } from '../../src/netlink/namespace.ts';
import { outputOf, SYSTEM_PATH } from '../../test/harness/program.ts';
import { type Attach, cniEnvironment } from '../cni-runtime.ts';
import { requirePackages } from '../debian.ts';
import { checkDaemonSet } from './manifest.ts';
import { PLUGIN_FOLDER } from './packages.ts';

const RELEASE = resolve(import.meta.dirname, '../../release');
const NAME = `release${process.pid}`;
const scratch = mkdtempSync(join(tmpdir(), 'release-'));

const artefact = (end: string): string => {
  const names = readdirSync(RELEASE).filter((name) => name.endsWith(end));
  if (names.length !== 1) throw new Error(`${names.length} files in release/ end in ${end}`);
  return join(RELEASE, names[0]!);
};

const folder = (name: string): string => {
  const path = join(scratch, name);
  mkdirSync(path, { recursive: true });
  return path;
};

function step(text: string, work: () => string): void {
  console.log(`${text}: ${work()}`);
}

/** A root file system without a C library. */
function bareRoot(): string {
  const root = folder('bare');
  for (const name of ['bin', 'proc', 'sys', 'tmp', 'opt/cni/bin', `.${NETNS_DIRECTORY}`])
    mkdirSync(join(root, name), { recursive: true });
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  return root;
}

function debianRoot(): string {
  requirePackages('debootstrap');
  const root = folder('debian');
  outputOf('debootstrap', '--variant=minbase', 'bookworm', root, mirror());
  for (const name of ['opt/cni/bin', `.${NETNS_DIRECTORY}`])
    mkdirSync(join(root, name), { recursive: true });
  return root;
}

/** The Debian mirror that this machine uses. */
const mirror = (): string =>
  outputOf('apt-get', 'indextargets', '--format', '$(REPO_URI)', 'Component: main').split('\n')[0]!;

/** A program in a root file system, with this machine's /proc and its network namespaces. */
const MOUNTS = `
mount --bind /proc "$0/proc" && mount --rbind ${NETNS_DIRECTORY} "$0${NETNS_DIRECTORY}" &&
  exec chroot "$0" "$@"`;

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in a root file system, and in the namespace that stands for the host. */
function within(
  root: string,
  command: readonly string[],
  input = '',
  env: Readonly<Record<string, string>> = {},
): Ran {
  const inRoot = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', MOUNTS, root];
  const args = ['netns', 'exec', `${NAME}-host`, ...inRoot, ...command];
  const path = { PATH: SYSTEM_PATH };
  return spawnSync('ip', args, { encoding: 'utf8', input, env: { ...path, ...env } });
}

function plugin(root: string, folder: string, call: Attach): string {
  const config = {
    cniVersion: '1.1.0',
    name: NAME,
    type: 'bridge',
    bridge: 'br0',
    isDefaultGateway: true,
    ipMasq: true,
    ipam: { type: 'host-local', ranges: [[{ subnet: '198.51.100.0/24' }]] },
  };
  const binary = `${folder}/bridge`;
  const input = call.command === 'VERSION' ? '' : JSON.stringify(config);
  const ran = within(root, [binary], input, cniEnvironment(binary, call));
  if (ran.status !== 0) throw new Error(`${call.command}: ${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}

/** VERSION, ADD, a ping from the container to its gateway, CHECK and DEL. */
function attach(root: string, folder = '/opt/cni/bin'): string {
  plugin(root, folder, { command: 'VERSION' });
  const netns = `${NETNS_DIRECTORY}/${NAME}-pod`;
  const call = { containerId: 'pod', netns, ifname: 'eth0' };
  plugin(root, folder, { ...call, command: 'ADD' });
  outputOf('ip', 'netns', 'exec', `${NAME}-pod`, 'ping', '-c', '1', '-W', '5', '198.51.100.1');
  plugin(root, folder, { ...call, command: 'DEL' });
  const links = outputOf('ip', '-n', `${NAME}-pod`, '-br', 'link');
  if (links.includes('eth0')) throw new Error(`eth0 is still there: ${links}`);
  return 'VERSION, ADD, ping, DEL';
}

function tarball(arch: string, into: string): string {
  outputOf('tar', '-xzf', artefact(`-linux-${arch}-v${version()}.tgz`), '-C', into);
  return into;
}

const version = (): string => /-v(.+)-oci\.tar$/.exec(artefact('-oci.tar'))![1]!;

/** Unpacks the layer of this machine's architecture. */
function imageRoot(): string {
  const layout = folder('oci');
  outputOf('tar', '-xf', artefact('-oci.tar'), '-C', layout);
  interface Document {
    readonly manifests: readonly Descriptor[];
    readonly layers: readonly Descriptor[];
  }
  interface Descriptor {
    readonly digest: string;
    readonly platform?: { readonly architecture: string };
  }
  const blob = ({ digest }: Descriptor): string => join(layout, 'blobs', ...digest.split(':'));
  const read = (path: string): Document => JSON.parse(readFileSync(path, 'utf8')) as Document;
  const index = read(blob(read(join(layout, 'index.json')).manifests[0]!));
  const here = index.manifests.find(({ platform }) => platform!.architecture === 'amd64')!;
  const root = folder('image');
  outputOf('tar', '-xzf', blob(read(blob(here)).layers[0]!), '-C', root);
  for (const name of ['proc', 'host', `.${NETNS_DIRECTORY}`])
    mkdirSync(join(root, name), { recursive: true });
  return root;
}

function install(): string {
  const root = imageRoot();
  const ran = within(root, ['/install-cni-plugins']);
  if (ran.status !== 0) throw new Error(ran.stderr);
  const bare = join(scratch, 'bare');
  outputOf('cp', '-a', `${root}/host/opt/cni/bin/.`, `${bare}/opt/cni/bin/`);
  return `${ran.stdout.trim()}; ${attach(bare)}`;
}

function unpackPackage(kind: 'deb' | 'rpm'): string {
  const root = join(scratch, 'bare');
  const file = artefact(`-linux-amd64-v${version()}.${kind}`);
  if (kind === 'deb') outputOf('dpkg-deb', '-x', file, root);
  else
    outputOf(
      'sh',
      '-c',
      `cd "$0" && rpm2cpio "$1" | cpio -idmu --quiet --no-absolute-filenames`,
      root,
      file,
    );
  const done = attach(root, PLUGIN_FOLDER);
  rmSync(join(root, PLUGIN_FOLDER), { recursive: true });
  return done;
}

/** Each bill of materials has what CycloneDX requires, and its references lead somewhere. */
function checkBoms(): string {
  const names = readdirSync(RELEASE).filter((name) => name.endsWith('.cdx.json'));
  for (const name of names) checkBom(JSON.parse(readFileSync(join(RELEASE, name), 'utf8')) as Bom);
  return `${names.length} of CycloneDX`;
}

interface Bom {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly serialNumber: string;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn?: string[] }[];
}

interface Component {
  readonly type: string;
  readonly name: string;
  readonly version: string;
  readonly licenses?: unknown;
  readonly 'bom-ref': string;
}

function checkBom({ metadata, components, dependencies, ...bom }: Bom): void {
  const { name } = metadata.component;
  const wrong = (what: string): never => {
    throw new Error(`the bill of materials of ${name}: ${what}`);
  };
  if (bom.bomFormat !== 'CycloneDX' || !/^1\.\d$/.test(bom.specVersion)) wrong('another format');
  if (!/^urn:uuid:[0-9a-f-]{36}$/.test(bom.serialNumber)) wrong(`serial ${bom.serialNumber}`);
  if (metadata.component.version !== version()) wrong(`version ${metadata.component.version}`);
  const refs = new Set<string>([metadata.component['bom-ref']]);
  for (const each of components) {
    const { type, 'bom-ref': ref } = each;
    if (!type || !each.name || !ref || refs.has(ref)) wrong(`component ${JSON.stringify(each)}`);
    if (name !== 'netlink-ts' && each.licenses === undefined) wrong(`${ref} has no licence`);
    refs.add(ref);
  }
  if (components.length < 3) wrong('almost nothing is in it');
  for (const { ref, dependsOn = [] } of dependencies)
    for (const each of [ref, ...dependsOn]) if (!refs.has(each)) wrong(`no component ${each}`);
}

/** `npm install` of the tarball into an empty project, which then talks to the kernel. */
function installLibrary(): string {
  const project = folder('project');
  const inProject = (...command: string[]): string => {
    const { status, stdout, stderr } = spawnSync(command[0]!, command.slice(1), {
      cwd: project,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stdout}${stderr}`);
    return stdout.trim();
  };
  const say = (text: string): string => `${text}; console.log(open().links.get('lo').ifname)`;
  inProject('npm', 'init', '--yes', '--init-type=commonjs');
  inProject('npm', 'install', '--no-audit', '--no-fund', artefact(`netlink-ts-${version()}.tgz`));
  const programs = {
    'import.mjs': say("import { open } from 'netlink-ts'"),
    'require.cjs': say("const { open } = require('netlink-ts')"),
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(project, name), text);
    const said = inProject(process.execPath, name);
    if (said !== 'lo') throw new Error(`${name}: ${said}`);
  }
  const command = 'node_modules/.bin/netlink-ts';
  return `${inProject(process.execPath, command, '--version')}, imported and required`;
}

async function verify(withDebian: boolean): Promise<void> {
  requirePackages('iproute2', 'iputils-ping', 'busybox-static', 'qemu-user', 'rpm2cpio', 'cpio');
  for (const end of ['host', 'pod']) createNamespace(`${NAME}-${end}`).close();
  outputOf('ip', '-n', `${NAME}-host`, 'link', 'set', 'lo', 'up');
  step('SHA256SUMS', () => {
    const lines = outputOf('sh', '-c', 'cd "$0" && sha256sum --check SHA256SUMS', RELEASE);
    return `${lines.trim().split('\n').length} files`;
  });
  step('bills of materials', checkBoms);
  step('npm install', installLibrary);
  const manifest = artefact('-daemonset.yaml');
  await checkDaemonSet(manifest);
  step('DaemonSet', () => 'the API of Kubernetes reads it strictly');
  const bare = bareRoot();
  tarball('amd64', join(bare, 'opt/cni/bin'));
  step('tgz without a C library', () => attach(bare));
  rmSync(join(bare, 'opt/cni/bin'), { recursive: true });
  mkdirSync(join(bare, 'opt/cni/bin'));
  for (const kind of ['deb', 'rpm'] as const) step(kind, () => unpackPackage(kind));
  step('image', install);
  step('arm64 under qemu', () => {
    const binary = join(tarball('arm64', folder('arm64')), 'bridge');
    return outputOf('env', 'CNI_COMMAND=VERSION', 'qemu-aarch64', binary);
  });
  if (withDebian) {
    const debian = debianRoot();
    tarball('amd64', join(debian, 'opt/cni/bin'));
    step('tgz in a bare Debian 12', () => attach(debian));
  }
}

if (!existsSync(RELEASE)) throw new Error('npm run release makes what this tries');
try {
  await verify(process.argv.includes('--debian'));
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  for (const end of ['host', 'pod']) {
    try {
      deleteNamespace(`${NAME}-${end}`);
    } catch {
      // It was never made.
    }
  }
  rmSync(scratch, { recursive: true, force: true });
}
