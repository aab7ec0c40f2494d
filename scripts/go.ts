/**
 * Builds Go programs that tests and benches compare with. Nothing that the project delivers needs
 * Go.
 *
 * Debian 12 has Go 1.19, which can neither read today's modules nor fetch a newer Go. Backports has
 * 1.23, and from 1.21 on Go fetches the version that a module asks for from the module proxy.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runChild } from './child.ts';
import { requirePackages } from './debian.ts';

/**
 * Seconds without output until the build is given up; a download prints nothing for a long time.
 */
const LIMIT = 600;

/**
 * Shell commands: `sources SUITE deb|deb-src` makes `$apt` read that suite of Debian and nothing
 * else, on the machine's mirror.
 */
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

/** A Go that reads today's modules comes first in PATH. */
const MODULES = `
if ! command -v go >/dev/null || [ "$(go env GOVERSION | cut -d. -f2)" -lt 21 ]; then
  sources bookworm-backports deb
  $apt download golang-1.23-go golang-1.23-src
  for package in *.deb; do dpkg-deb -x $package go; done
  export GOROOT=$PWD/go/usr/lib/go-1.23
  PATH=$GOROOT/bin:$PATH
fi
export GOTOOLCHAIN=auto`;

export interface GoBuild {
  /** For the error. */
  readonly what: string;
  /** Where the finished program, or folder of programs, is. */
  readonly result: string;
  /** Shell commands, run in a scratch folder beside the result. */
  readonly script: string;
  /** What they make, in the scratch folder. */
  readonly made: string;
  /** `go` of Debian without module mode, or one that fetches modules. */
  readonly from: 'debian' | 'modules';
}

/** Runs a build; the error says why it failed. */
export async function goBuild({ what, result, script, made, from }: GoBuild): Promise<void> {
  const folder = dirname(result);
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(folder, 'build-'));
  try {
    if (from === 'debian') requirePackages('golang-go');
    const shell = `cd "$0"${APT}${from === 'modules' ? MODULES : ''}${script}`;
    const { code, output } = await runChild(['sh', '-ec', shell, scratch], {
      env: { GOFLAGS: '' },
      limit: LIMIT,
    });
    const words = output.trim().split('\n').slice(-3).join(' | ');
    if (code !== 0) throw new Error(`${what} cannot be built: ${words}`);
    try {
      renameSync(join(scratch, made), result);
    } catch (error) {
      // Another process finished first.
      if (!existsSync(result)) throw error;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
