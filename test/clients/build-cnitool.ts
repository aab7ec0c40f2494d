/** cnitool from source: Debian has no package of it, and nobody has executables. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { goBuild } from '../../scripts/go.ts';
import { cnitoolPath, type CnitoolVersion, LIBCNI_GC } from './supplies.ts';

const SOURCE_PACKAGE = 'golang-github-appc-cni';
const MODULE = 'github.com/containernetworking/cni';

/**
 * From the source package. Its folder is the module's path, where the go command looks without
 * module mode.
 */
const FROM_DEBIAN = `
sources bookworm deb-src
$apt source --download-only ${SOURCE_PACKAGE}
mkdir -p src/${MODULE}
tar -xf ${SOURCE_PACKAGE}_1.1.2.orig.tar.* -C src/${MODULE} --strip-components=1
GO111MODULE=off GOPATH=$PWD go build -o cnitool ${MODULE}/cnitool`;

/** From the Go module proxy, with gc.go beside it. */
const FROM_MODULES = `
cp '${join(import.meta.dirname, 'gc.go')}' .
go mod init clients
go get ${MODULE}/cnitool@v1.3.0
go build -o '${LIBCNI_GC}' gc.go
go build -o cnitool ${MODULE}/cnitool`;

/** Builds a version unless it is there; the error says why it cannot be had. */
export async function buildCnitool(version: CnitoolVersion): Promise<void> {
  const result = cnitoolPath(version);
  if (existsSync(result)) return;
  const [from, script] =
    version === '1.1.2' ? (['debian', FROM_DEBIAN] as const) : (['modules', FROM_MODULES] as const);
  await goBuild({ what: `cnitool ${version}`, result, script, made: 'cnitool', from });
}
