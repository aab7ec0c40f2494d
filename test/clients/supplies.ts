/**
 * What the clients need beside packages, made once and kept in `.cache/clients`: container images,
 * and what is built from source.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
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

/** That of Debian 12, and the first one with STATUS and GC. */
export type CnitoolVersion = '1.1.2' | '1.3.0';

export const cnitoolPath = (version: CnitoolVersion): string => path(`cnitool-${version}`);
/** gc.go, made with version 1.3.0. */
export const LIBCNI_GC = path('libcni-gc');
