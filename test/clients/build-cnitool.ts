/** cnitool from source: Debian has no package of it, and nobody has executables. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runChild } from '../../scripts/child.ts';
import { cnitoolPath, type CnitoolVersion, FOLDER, LIBCNI_GC } from './supplies.ts';

const SOURCE_PACKAGE = 'golang-github-appc-cni';
const MODULE = 'github.com/containernetworking/cni';

/** Shell commands: `sources SUITE deb|deb-src` makes `$apt` read that suite of Debian and nothing else, on the machine's mirror. */
const APT = `
apt="apt-get -qq -o Dir::Etc::sourcelist=$PWD/sources.list -o Dir::Etc::sourceparts=/dev/null"
apt="$apt -o Dir::State::lists=$PWD/lists -o APT::Sandbox::User=root"
sources() {
  mirror=$(apt-get indextargets --format '$(REPO_URI)' \
    'Release: bookworm' 'Component: main' 'Created-By: Packages' | head -n 1)
  keys=/usr/share/keyrings/debian-archive-keyring.gpg
  echo "$2 [signed-by=$keys] $mirror $1 main" >sources.list
  mkdir -p lists/partial
  $apt update
}`;

/** From the source package. Its folder is the module's path, where the go command looks without module mode. */
const FROM_DEBIAN = `
sources bookworm deb-src
$apt source --download-only ${SOURCE_PACKAGE}
mkdir -p src/${MODULE}
tar -xf ${SOURCE_PACKAGE}_1.1.2.orig.tar.* -C src/${MODULE} --strip-components=1
GO111MODULE=off GOPATH=$PWD go build -o cnitool ${MODULE}/cnitool`;

/** From the Go module proxy, with gc.go beside it. They want Go 1.21, which for Debian 12 is among the backports. */
const FROM_MODULES = `
cp '${join(import.meta.dirname, 'gc.go')}' .
if [ "$(go env GOVERSION | cut -d. -f2)" -lt 21 ]; then
  sources bookworm-backports deb
  $apt download golang-1.23-go golang-1.23-src
  for package in *.deb; do dpkg-deb -x $package go; done
  export GOROOT=$PWD/go/usr/lib/go-1.23
  PATH=$GOROOT/bin:$PATH
fi
export GOTOOLCHAIN=local GOPATH=$PWD/modules
go mod init clients
go get ${MODULE}/cnitool@v1.3.0
go build -o '${LIBCNI_GC}' gc.go
go build -o cnitool ${MODULE}/cnitool`;

/** Builds a version unless it is there; the error says why it cannot be had. */
export async function buildCnitool(version: CnitoolVersion): Promise<void> {
  const made = cnitoolPath(version);
  if (existsSync(made)) return;
  mkdirSync(FOLDER, { recursive: true });
  const scratch = mkdtempSync(join(FOLDER, 'build-'));
  try {
    const build = version === '1.1.2' ? FROM_DEBIAN : FROM_MODULES;
    const script = `cd "$0"${APT}${build}`;
    const env = { GOFLAGS: '', GOCACHE: join(scratch, 'cache') };
    const { code, output } = await runChild(['sh', '-ec', script, scratch], { env, limit: 300 });
    const words = output.trim().split('\n').slice(-3).join(' | ');
    if (code !== 0) throw new Error(`cnitool ${version} cannot be built: ${words}`);
    renameSync(join(scratch, 'cnitool'), made);
  } finally {
    rmSync(scratch, { recursive: true });
  }
}
