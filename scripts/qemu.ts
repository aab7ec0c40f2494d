/**
 * Runs a command inside Debian's own kernel, on an emulated machine (QEMU without hardware
 * acceleration): it has modules that neither the host nor user-mode Linux has, WireGuard among
 * them. As in `uml.ts` the host's files are its root, read-only; it boots in some eight seconds,
 * and is about twenty times as slow as the host.
 *
 * By hand: `npm run qemu -- ip link add wg0 type wireguard`.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { requirePackages } from './debian.ts';
import { type GuestOptions, type GuestResult, runByHand, runGuest } from './guest.ts';

const ROOT = resolve(import.meta.dirname, '..');
const CACHE = join(ROOT, '.cache/qemu');
/** Debian's package that depends on its current kernel. */
const KERNEL = 'linux-image-amd64';
/** The modules in the root file system; modprobe(8) finds their dependencies. */
const MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay'];

/** Runs `command` in the current folder, in Debian's kernel. */
export async function runInQemu(
  command: readonly string[],
  options: GuestOptions = {},
): Promise<GuestResult> {
  const { kernel, initrd, modules } = prepareKernel();
  return runGuest(command, options, (job) => ({
    command: [
      'qemu-system-x86_64',
      ...['-accel', 'tcg', '-cpu', 'max', '-m', '1024', '-smp', '1'],
      ...['-nodefaults', '-nographic', '-no-reboot', '-serial', 'stdio'],
      ...['-kernel', kernel, '-initrd', initrd],
      '-append',
      `console=ttyS0 loglevel=1 panic=-1 job=${job} checkout=${ROOT} modules=${modules}`,
      '-fsdev',
      'local,id=host,path=/,security_model=none,readonly=on,multidevs=remap',
      ...['-device', 'virtio-9p-pci,fsdev=host,mount_tag=host'],
      // A network card with more settings than a virtual link; it is connected to nothing.
      ...['-nic', 'none', '-device', 'e1000e,mac=52:54:00:00:00:01'],
    ],
  }));
}

interface Kernel {
  readonly kernel: string;
  readonly initrd: string;
  readonly modules: string;
}

/** Debian's kernel, unpacked and not installed; it is fetched once. */
function prepareKernel(): Kernel {
  if (process.arch !== 'x64') throw new Error('an emulated machine is made for amd64 only');
  requirePackages('qemu-system-x86', 'iproute2', 'kmod', 'cpio', 'busybox-static');
  const made = found();
  if (made !== undefined) return made;
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const scratch = mkdtempSync(`${CACHE}-`);
  try {
    const depends = output('apt-cache', 'depends', KERNEL);
    const name = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
    if (name === undefined) throw new Error(`apt-cache depends ${KERNEL}: names no kernel`);
    console.error(`fetching Debian's kernel: ${name}`);
    output('sh', '-c', 'cd "$0" && apt-get -q download "$1"', scratch, name);
    const [deb] = globSync(`${name}_*.deb`, { cwd: scratch });
    output('dpkg-deb', '-x', join(scratch, deb!), scratch);
    rmSync(join(scratch, deb!));
    const [release] = globSync('lib/modules/*', { cwd: scratch });
    output('depmod', '-b', scratch, basename(release!));
    makeInitrd(scratch, basename(release!));
    // The folder appears complete or not at all.
    renameSync(scratch, CACHE);
  } catch (error) {
    rmSync(scratch, { recursive: true, force: true });
    throw error;
  }
  return found()!;
}

function found(): Kernel | undefined {
  const [kernel] = globSync(`${CACHE}/boot/vmlinuz-*`);
  if (kernel === undefined) return undefined;
  return { kernel, initrd: join(CACHE, 'initrd'), modules: join(CACHE, 'lib/modules') };
}

/** The first root file system, which mounts the host's files and hands over to them. */
function makeInitrd(folder: string, release: string): void {
  const root = join(folder, 'initrd.d');
  mkdirSync(join(root, 'bin'), { recursive: true });
  for (const empty of ['dev', 'proc', 'sys', 'host', 'memory', 'root'])
    mkdirSync(join(root, empty));
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'));
  const listed = MODULES.map((name) =>
    output('modprobe', '--dirname', folder, '--set-version', release, '--show-depends', name),
  );
  const files = [...listed.join('\n').matchAll(/^insmod (\S+)/gm)].map(([, file]) => file!);
  const inOrder = [...new Set(files)];
  for (const file of inOrder) copyFileSync(file, join(root, basename(file)));
  const insert = inOrder.map((file) => `$busybox insmod /${basename(file)}`);
  writeFileSync(join(root, 'init'), [...BEFORE, ...insert, ...AFTER, ''].join('\n'), {
    mode: 0o755,
  });
  output('sh', '-c', 'cd "$0" && find . | cpio -o -H newc --quiet >../initrd', root);
}

const BEFORE = [
  '#!/bin/busybox sh',
  'busybox=/bin/busybox',
  '$busybox mount -t proc proc /proc',
  '$busybox mount -t sysfs sys /sys',
  '$busybox mount -t devtmpfs dev /dev',
];
const AFTER = [
  '$busybox mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=loose,ro host /host',
  // Changes go to memory: for the mount points of namespaces, for example.
  '$busybox mount -t tmpfs memory /memory',
  '$busybox mkdir /memory/upper /memory/work',
  '$busybox mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work root /root',
  'for each in dev proc sys; do $busybox mount --move /$each /root/$each; done',
  `exec $busybox switch_root /root /bin/bash ${join(ROOT, 'scripts/guest-init.sh')}`,
];

function output(program: string, ...args: string[]): string {
  const run = spawnSync(program, args, { encoding: 'utf8' });
  if (run.status === 0) return run.stdout;
  throw new Error(`${program} ${args.join(' ')}: ${run.stderr.trim()}`);
}

if (import.meta.main) await runByHand('the emulated machine', runInQemu);
