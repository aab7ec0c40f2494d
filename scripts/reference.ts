/**
 * The reference: containernetworking/plugins in its newest release, built from the Go module proxy
 * into `.cache`. Debian's package is years behind; it stays for tests that need a package.
 *
 * By hand: `node scripts/reference.ts` builds it and prints the folder.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { goBuild } from './go.ts';

export const REFERENCE_VERSION = 'v1.10.0';
/** The plugins of the release. */
export const REFERENCE = resolve(import.meta.dirname, '../.cache/reference', REFERENCE_VERSION);

/** The path of one of the reference's plugins. */
export const referencePlugin = (name: string): string => join(REFERENCE, name);

/** Whether it has been built. */
export const hasReference = (): boolean => existsSync(REFERENCE);

/** As the release's own build does: static, without debug information. */
const SCRIPT = `
export CGO_ENABLED=0 GOBIN=$PWD/bin
go install -trimpath -ldflags '-s -w' github.com/containernetworking/plugins/plugins/...@${REFERENCE_VERSION}`;

/** Builds it unless it exists. */
export async function buildReference(): Promise<void> {
  if (hasReference()) return;
  const what = `containernetworking/plugins ${REFERENCE_VERSION}`;
  console.error(`building ${what} to compare with`);
  await goBuild({ what, result: REFERENCE, script: SCRIPT, made: 'bin', from: 'modules' });
}

if (import.meta.main) {
  await buildReference();
  console.log(REFERENCE);
}
