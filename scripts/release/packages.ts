/**
 * Debian and RPM packages, by nfpm (https://nfpm.goreleaser.com), built from the Go module proxy
 * into `.cache`; the checksum database of Go pins it.
 *
 * The plugins are in a folder of their own, so that the packages can be installed beside the
 * distribution's `containernetworking-plugins`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Arch } from '../engine/objects.ts';
import { goBuild } from '../go.ts';
import { GO_ARCH } from './image.ts';

/** The last release whose dependencies are all on the module proxy. */
const NFPM_VERSION = 'v2.43.0';
const NFPM = resolve(import.meta.dirname, '../../.cache/nfpm', NFPM_VERSION);

const SCRIPT = `
export CGO_ENABLED=0 GOBIN=$PWD/bin
go install -trimpath github.com/goreleaser/nfpm/v2/cmd/nfpm@${NFPM_VERSION}`;

/** Where the packages put the plugins. */
export const PLUGIN_FOLDER = '/usr/lib/netlink-ts/cni';

export interface Package {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly homepage: string;
  readonly license: string;
  readonly epoch: number;
  readonly arch: Arch;
  /** The files that the package installs: paths on the host, with their sources. */
  readonly files: ReadonlyMap<string, string>;
  /** Symbolic links, with what they point to. */
  readonly links: ReadonlyMap<string, string>;
}

export async function buildNfpm(): Promise<void> {
  if (existsSync(NFPM)) return;
  const what = `nfpm ${NFPM_VERSION}`;
  console.error(`building ${what}`);
  await goBuild({ what, result: NFPM, script: SCRIPT, made: 'bin/nfpm', from: 'modules' });
}

/** Makes a package; the ending of the file's name is its kind. */
export function makePackage(of: Package, file: string): void {
  const mtime = new Date(of.epoch * 1000).toISOString();
  const settings = {
    name: of.name,
    arch: GO_ARCH[of.arch],
    platform: 'linux',
    version: of.version,
    section: 'net',
    priority: 'optional',
    maintainer: 'netlink-ts maintainers <netlink-ts@users.noreply.github.com>',
    description: of.description,
    homepage: of.homepage,
    license: of.license,
    mtime,
    suggests: ['containernetworking-plugins'],
    rpm: { buildhost: 'localhost', summary: of.description },
    contents: [
      ...[...of.files].map(([dst, src]) => ({
        src,
        dst,
        file_info: { mode: dst.startsWith(PLUGIN_FOLDER) ? 0o755 : 0o644, mtime },
      })),
      ...[...of.links].map(([dst, src]) => ({ src, dst, type: 'symlink', file_info: { mtime } })),
    ],
  };
  // nfpm reads YAML, of which JSON is a part.
  const config = `${file}.json`;
  writeFileSync(config, JSON.stringify(settings));
  try {
    const args = ['package', '--config', config, '--packager', file.slice(-3), '--target', file];
    const { status, stdout, stderr } = spawnSync(NFPM, args, {
      encoding: 'utf8',
      env: { ...process.env, SOURCE_DATE_EPOCH: String(of.epoch) },
    });
    if (status !== 0) throw new Error(`nfpm: ${stdout}${stderr}`);
  } finally {
    rmSync(config, { force: true });
  }
}
