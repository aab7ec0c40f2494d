/**
 * Container images of one static program: a root file system as a tar archive, and OCI image
 * archives with it as the only layer. https://github.com/opencontainers/image-spec
 */
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputOf } from '../harness/program.ts';

const BUSYBOX = '/bin/busybox';

/** Writes a root file system with busybox under all its names. */
export const writeRootFs = (archive: string): void =>
  inScratch((folder) => {
    for (const name of ['bin', 'etc', 'proc', 'sys', 'dev', 'tmp', 'root', 'run'])
      mkdirSync(join(folder, name));
    copyFileSync(BUSYBOX, join(folder, 'bin/busybox'));
    const names = outputOf(BUSYBOX, '--list').trim().split('\n');
    for (const name of names.filter((each) => each !== 'busybox'))
      symlinkSync('busybox', join(folder, 'bin', name));
    writeFileSync(join(folder, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
    writeFileSync(join(folder, 'etc/group'), 'root:x:0:\n');
    // The package of the same program that is not static has the same path.
    outputOf('chroot', folder, '/bin/true');
    pack(folder, archive);
  });

/** Writes an image archive under the name that containerd and buildah will know it by. */
export const writeImage = (
  archive: string,
  rootFs: string,
  name: string,
  command: readonly string[],
): void =>
  inScratch((folder) => {
    const blobs = join(folder, 'blobs/sha256');
    mkdirSync(blobs, { recursive: true });
    const put = (mediaType: string, content: Buffer | object) => {
      const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
      const hash = createHash('sha256').update(bytes).digest('hex');
      writeFileSync(join(blobs, hash), bytes);
      return { mediaType, digest: `sha256:${hash}`, size: bytes.length };
    };
    const layer = put('application/vnd.oci.image.layer.v1.tar', readFileSync(rootFs));
    const config = put('application/vnd.oci.image.config.v1+json', {
      architecture: { x64: 'amd64' }[process.arch as string] ?? process.arch,
      os: 'linux',
      config: { Env: ['PATH=/bin'], Cmd: command },
      // buildah takes no image without.
      history: [{ created_by: 'test/clients/image.ts' }],
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    });
    const mediaType = 'application/vnd.oci.image.manifest.v1+json';
    const manifest = put(mediaType, { schemaVersion: 2, mediaType, config, layers: [layer] });
    const annotations = {
      'io.containerd.image.name': name,
      'org.opencontainers.image.ref.name': name,
    };
    const index = { schemaVersion: 2, manifests: [{ ...manifest, annotations }] };
    writeFileSync(join(folder, 'index.json'), JSON.stringify(index));
    writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
    pack(folder, archive);
  });

function pack(folder: string, archive: string): void {
  const owner = ['--owner=0', '--group=0', '--numeric-owner'];
  outputOf('tar', ...owner, '-C', folder, '-cf', `${archive}.new`, '.');
  renameSync(`${archive}.new`, archive);
}

function inScratch(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'image-'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
