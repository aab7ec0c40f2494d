/** What the clients need beside packages, made once and kept in `.cache/clients`: container images, and cnitool, which Debian has as source only. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runChild } from '../../scripts/child.ts';
import { writeImage, writeRootFs } from './image.ts';

const FOLDER = resolve(import.meta.dirname, '../../.cache/clients');
const path = (name: string): string => join(FOLDER, name);

export const ROOT_FS = path('busybox.tar');
export const SHELL_IMAGE_FILE = path('shell-oci.tar');
export const SHELL_IMAGE_NAME = 'clients.test/shell:1';
/** The same, as buildah names it. */
export const SHELL_IMAGE = `oci-archive:${SHELL_IMAGE_FILE}`;
/** What holds a pod's namespaces. */
export const PAUSE_IMAGE_FILE = path('pause-oci.tar');
export const PAUSE_IMAGE_NAME = 'clients.test/pause:1';

export function makeImages(): void {
  mkdirSync(FOLDER, { recursive: true });
  if (existsSync(PAUSE_IMAGE_FILE)) return;
  writeRootFs(ROOT_FS);
  writeImage(SHELL_IMAGE_FILE, ROOT_FS, SHELL_IMAGE_NAME, ['sh']);
  writeImage(PAUSE_IMAGE_FILE, ROOT_FS, PAUSE_IMAGE_NAME, ['sleep', '1000000']);
}

/** The versions that are tried: Debian's, and the first one with STATUS and GC. */
export const CNITOOLS = ['1.1.2', '1.3.0'] as const;
export type CnitoolVersion = (typeof CNITOOLS)[number];

export const cnitoolPath = (version: CnitoolVersion): string => path(`cnitool-${version}`);
/** gc.go, made with version 1.3.0. */
export const LIBCNI_GC = path('libcni-gc');

const DEBIAN_SOURCE = 'golang-github-appc-cni';
const MODULE = 'github.com/containernetworking/cni/cnitool';

/** Builds one of them unless it is there; the error says why it cannot be had. */
export async function makeCnitool(version: CnitoolVersion): Promise<void> {
  const made = cnitoolPath(version);
  if (existsSync(made)) return;
  mkdirSync(FOLDER, { recursive: true });
  const scratch = mkdtempSync(path('build-'));
  try {
    await (version === '1.1.2' ? buildFromDebian(scratch) : buildFromModules(scratch, version));
    renameSync(join(scratch, 'cnitool'), made);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

/** From the source package of bookworm, whatever sources the machine is set up for. */
async function buildFromDebian(scratch: string): Promise<void> {
  const list = join(scratch, 'sources.list');
  const keys = '/usr/share/keyrings/debian-archive-keyring.gpg';
  const url = 'http://mirror.invalid/debian';
  writeFileSync(list, `deb-src [signed-by=${keys}] ${url} bookworm main\n`);
  mkdirSync(join(scratch, 'lists/partial'), { recursive: true });
  const options = {
    'Dir::Etc::sourcelist': list,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': join(scratch, 'lists'),
    'APT::Sandbox::User': 'root',
  };
  const apt = [
    '-qq',
    ...Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]),
  ];
  // In the folder of the module's path, where the go command looks without module mode.
  const home = 'src/github.com/containernetworking/cni';
  await shell(
    scratch,
    `mkdir -p ${home}
    apt-get ${apt.join(' ')} update
    apt-get ${apt.join(' ')} source --download-only ${DEBIAN_SOURCE}
    tar -xf ${DEBIAN_SOURCE}_1.1.2.orig.tar.* -C ${home} --strip-components=1
    GO111MODULE=off GOPATH=$PWD go build -o cnitool ${MODULE}`,
  );
}

/** From the Go module proxy, with gc.go; the Go of bookworm is too old for it. */
const buildFromModules = (scratch: string, version: string): Promise<void> =>
  shell(
    scratch,
    `cp '${join(import.meta.dirname, 'gc.go')}' .
    export GOTOOLCHAIN=local
    go mod init clients
    go get ${MODULE}@v${version}
    go build -o cnitool ${MODULE}
    go build -o '${LIBCNI_GC}' gc.go`,
  );

async function shell(cwd: string, script: string): Promise<void> {
  const env = { GOFLAGS: '', GOCACHE: path('go-cache') };
  const { code, output } = await runChild(['sh', '-ec', `cd "$0"\n${script}`, cwd], {
    env,
    limit: 300,
  });
  if (code !== 0) throw new Error(output.trim().split('\n').slice(-3).join(' | '));
}
