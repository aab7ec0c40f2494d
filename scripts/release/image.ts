/**
 * The container image as an OCI image layout in a tar archive, which `podman load`, `skopeo copy`
 * and `ctr image import` read: one layer with the plugins and the installer, for each architecture.
 *
 * The layout is four kinds of JSON documents beside the layer, so no image builder is needed, and
 * the same files make the same digests. https://github.com/opencontainers/image-spec
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Arch } from '../engine/objects.ts';
import { gzip, sha256, tar } from './archive.ts';

/** Architectures as Go and container images name them. */
export const GO_ARCH: Readonly<Record<Arch, string>> = { x64: 'amd64', arm64: 'arm64' };

const INDEX = 'application/vnd.oci.image.index.v1+json';
const MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

export interface Image {
  readonly name: string;
  readonly version: string;
  /** Seconds since 1970. */
  readonly epoch: number;
  /** The root file system for each architecture. */
  readonly roots: Readonly<Record<Arch, string>>;
  readonly entrypoint: readonly string[];
  readonly annotations: Readonly<Record<string, string>>;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** The archive. */
export function ociArchive(image: Image): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'oci-'));
  try {
    mkdirSync(join(folder, 'blobs/sha256'), { recursive: true });
    const blob = (mediaType: string, content: Uint8Array | object): Descriptor => {
      const bytes = content instanceof Uint8Array ? content : Buffer.from(JSON.stringify(content));
      const hash = sha256(bytes);
      writeFileSync(join(folder, 'blobs/sha256', hash), bytes);
      return { mediaType, digest: `sha256:${hash}`, size: bytes.length };
    };
    const manifests = (Object.keys(image.roots) as Arch[]).map((arch) => ({
      ...manifestOf(image, arch, blob),
      platform: { architecture: GO_ARCH[arch], os: 'linux' },
    }));
    const annotations = { ...image.annotations, 'org.opencontainers.image.version': image.version };
    const index = { schemaVersion: 2, mediaType: INDEX, manifests, annotations };
    const named = {
      ...blob(INDEX, index),
      annotations: { 'org.opencontainers.image.ref.name': `${image.name}:${image.version}` },
    };
    const write = (name: string, content: object): void =>
      writeFileSync(join(folder, name), JSON.stringify(content));
    write('oci-layout', { imageLayoutVersion: '1.0.0' });
    write('index.json', { schemaVersion: 2, mediaType: INDEX, manifests: [named] });
    return tar(folder, image.epoch, ['oci-layout', 'index.json', 'blobs']);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function manifestOf(
  { epoch, roots, entrypoint, annotations }: Image,
  arch: Arch,
  blob: (mediaType: string, content: Uint8Array | object) => Descriptor,
): Descriptor {
  const layer = tar(roots[arch], epoch);
  const config = blob(CONFIG, {
    created: new Date(epoch * 1000).toISOString(),
    architecture: GO_ARCH[arch],
    os: 'linux',
    config: { Entrypoint: entrypoint },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
  });
  const layers = [blob(LAYER, gzip(layer))];
  return blob(MANIFEST, { schemaVersion: 2, mediaType: MANIFEST, config, layers, annotations });
}

interface Document {
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

/** Follows the descriptors of an archive to its layers, and verifies each. */
export function checkImage(archive: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'oci-'));
  try {
    const { status, stderr } = spawnSync('tar', ['-xf', archive, '-C', folder]);
    if (status !== 0) throw new Error(`${archive}: ${stderr.toString()}`);
    let blobs = 0;
    const follow = ({ digest, size, mediaType }: Descriptor): void => {
      const bytes = readFileSync(join(folder, 'blobs', ...digest.split(':')));
      if (`sha256:${sha256(bytes)}` !== digest || bytes.length !== size)
        throw new Error(`${archive}: the content of ${digest} is another`);
      blobs++;
      if (mediaType !== INDEX && mediaType !== MANIFEST) return;
      const { manifests, config, layers } = JSON.parse(bytes.toString()) as Document;
      for (const each of [manifests, config, layers].flat()) if (each !== undefined) follow(each);
    };
    const top = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as Document;
    for (const each of top.manifests!) follow(each);
    return `${blobs} blobs, whose digests are true`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
