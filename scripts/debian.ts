/**
 * The Debian packages behind the programs that the scripts run.
 *
 * As root on Debian, missing ones are installed; anywhere else they are named in one line. When
 * nothing is missing no program is run, so every script can check at its start.
 *
 * By hand: `node scripts/debian.ts iproute2 strace`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Where a program from PATH may be. */
function searchPath(program: string): string[] {
  return (process.env['PATH'] ?? '').split(':').map((folder) => `${folder}/${program}`);
}

/** A package, and files of which any one proves that it is installed. */
const PROOFS = {
  iproute2: ['/sbin/ip', '/usr/sbin/ip', '/usr/bin/ip'],
  'iputils-ping': ['/bin/ping', '/usr/bin/ping'],
  strace: ['/usr/bin/strace'],
  nftables: ['/usr/sbin/nft'],
  iptables: ['/usr/sbin/iptables-legacy'],
  kmod: ['/sbin/modprobe', '/usr/sbin/modprobe'],
  'user-mode-linux': searchPath('linux.uml'),
  'containernetworking-plugins': ['/usr/lib/cni/bridge'],
  conntrack: ['/usr/sbin/conntrack'],
  ipset: ['/usr/sbin/ipset'],
  ethtool: ['/sbin/ethtool', '/usr/sbin/ethtool'],
  'wireguard-tools': ['/usr/bin/wg'],
  tcc: ['/usr/bin/tcc'],
  python3: ['/usr/bin/python3'],
  'python3-pip': searchPath('pip3'),
  patch: searchPath('patch'),
  podman: ['/usr/bin/podman'],
  runc: ['/usr/sbin/runc', '/usr/bin/runc'],
  conmon: ['/usr/bin/conmon'],
  containerd: ['/usr/bin/containerd'],
  buildah: ['/usr/bin/buildah'],
  // The package without shared libraries: containers made of it have none.
  'busybox-static': ['/usr/share/doc/busybox-static'],
  'golang-go': searchPath('go'),
  mandoc: ['/usr/bin/mandoc'],
  gcc: searchPath('gcc'),
  'libc6-dev': ['/usr/include/stdio.h'],
  valgrind: ['/usr/bin/valgrind'],
  'qemu-user': ['/usr/bin/qemu-aarch64'],
  'qemu-system-x86': searchPath('qemu-system-x86_64'),
  debootstrap: ['/usr/sbin/debootstrap'],
  rpm2cpio: ['/usr/bin/rpm2cpio'],
  cpio: ['/usr/bin/cpio'],
} as const;

export type DebianPackage = keyof typeof PROOFS;

const missing = (names: readonly DebianPackage[]): DebianPackage[] =>
  names.filter((name) => !PROOFS[name].some((path) => existsSync(path)));

/** Makes sure that the packages are installed, or throws one line that says how to get them. */
export function requirePackages(...names: DebianPackage[]): void {
  const wanted = missing(names);
  if (wanted.length === 0) return;
  const byHand = `apt-get install -y ${wanted.join(' ')}`;
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new Error(`missing programs; on Debian, as root: ${byHand}`);
  }
  console.error(`installing Debian packages: ${wanted.join(' ')}`);
  // An old package list names versions that the mirror no longer has, so it is updated first.
  aptGet('update');
  aptGet('install', '-y', '--no-install-recommends', ...wanted);
  const still = missing(wanted);
  if (still.length > 0)
    throw new Error(`apt-get did not bring ${still.join(', ')}; try: ${byHand}`);
}

function aptGet(...args: string[]): void {
  // Another apt may be running on a machine that has just started.
  const lock = ['-qq', '-o', 'DPkg::Lock::Timeout=120'];
  const run = spawnSync('apt-get', [...lock, ...args], {
    encoding: 'utf8',
    timeout: 600_000,
    killSignal: 'SIGKILL',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  // A failed update is not fatal: the old list may be good enough, and otherwise the installation
  // fails.
  if (run.status !== 0 && args[0] !== 'update') {
    const why = run.error?.message ?? (run.stderr.trim() || `exit ${run.status}`);
    throw new Error(`apt-get ${args.join(' ')}: ${why}`);
  }
}

if (import.meta.main) {
  try {
    requirePackages(...(process.argv.slice(2) as DebianPackage[]));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
