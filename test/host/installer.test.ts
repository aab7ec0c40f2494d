/** The entry point of the container image, as the executable that the image has. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { makeExecutable } from '../../scripts/engine/executable.ts';
import type { Arch } from '../../scripts/engine/objects.ts';
import { VERSION } from '../../src/version.ts';

const folder = join(tmpdir(), `installer-${process.pid}`);
const INSTALLER = join(folder, 'install-cni-plugins');

test.before(() => {
  mkdirSync(folder);
  return makeExecutable('src/installer/main.ts', INSTALLER, process.arch as Arch);
});
test.after.always(() => rmSync(folder, { recursive: true }));

/** An image with two names of one plugin, and another file; and a folder of the host. */
function scene(t: ExecutionContext): { from: string; to: string } {
  const root = mkdtempSync(join(folder, 'scene-'));
  const from = join(root, 'image');
  mkdirSync(from);
  writeFileSync(join(from, 'bridge'), `bridge of ${t.title}`.repeat(5000), { mode: 0o755 });
  linkSync(join(from, 'bridge'), join(from, 'host-local'));
  writeFileSync(join(from, 'other'), 'other', { mode: 0o755 });
  return { from, to: join(root, 'host/opt/cni/bin') };
}

const run = (...args: string[]) => spawnSync(INSTALLER, args, { encoding: 'utf8' });

const NAMES = ['bridge', 'host-local', 'other'];

test('installer: makes the folder, copies everything, and hard links stay so', (t) => {
  const { from, to } = scene(t);
  const { status, stdout, stderr } = run('--from', from, '--to', to);
  t.deepEqual([status, stderr], [0, '']);
  t.is(stdout, `netlink-ts ${VERSION}: bridge, host-local, other are in ${to}\n`);
  t.deepEqual(readdirSync(to).sort(), NAMES);
  for (const name of NAMES) {
    t.deepEqual(readFileSync(join(to, name)), readFileSync(join(from, name)));
    t.is(statSync(join(to, name)).mode & 0o7777, 0o755);
  }
  t.is(statSync(join(to, 'bridge')).ino, statSync(join(to, 'host-local')).ino);
  t.not(statSync(join(to, 'bridge')).ino, statSync(join(to, 'other')).ino);
});

test('installer: replaces what is there, by rename, and leaves files of others', (t) => {
  const { from, to } = scene(t);
  mkdirSync(to, { recursive: true });
  const elsewhere = join(folder, 'elsewhere');
  writeFileSync(elsewhere, 'not a plugin');
  // What is there may be a link: it is replaced, not written through.
  symlinkSync(elsewhere, join(to, 'bridge'));
  writeFileSync(join(to, 'mine'), 'mine');
  // Left by an installation that was killed, as a trap: it must not be written through either.
  symlinkSync(elsewhere, join(to, '.netlink-ts.new'));
  for (const _ of [1, 2]) t.is(run('--from', from, '--to', to).status, 0);
  t.deepEqual(readdirSync(to).sort(), [...NAMES, 'mine'].sort());
  t.true(lstatSync(join(to, 'bridge')).isFile());
  t.is(readFileSync(elsewhere, 'utf8'), 'not a plugin');
});

test('installer: what it cannot do is one line, and leaves no incomplete file', (t) => {
  const { from, to } = scene(t);
  mkdirSync(join(to, 'host-local'), { recursive: true });
  const taken = run('--from', from, '--to', to);
  t.is(taken.status, 1);
  t.regex(taken.stderr, /^install-cni-plugins: EISDIR: .*\/host-local'\n$/);
  t.deepEqual(readdirSync(to).sort(), ['bridge', 'host-local']);

  const { from: source, to: target } = scene(t);
  mkdirSync(join(source, 'z-folder'));
  const folderInIt = run('--from', source, '--to', target);
  t.is(folderInIt.status, 1);
  t.is(folderInIt.stderr, `install-cni-plugins: ${join(source, 'z-folder')}: not a regular file\n`);
  t.false(existsSync(target));

  t.regex(run('--from', join(from, 'nowhere')).stderr, /^install-cni-plugins: ENOENT: /);
  t.regex(
    run('--form', from).stderr,
    /^install-cni-plugins: unknown argument "--form"; see --help/,
  );
  t.regex(run('--to').stderr, /^install-cni-plugins: --to needs a folder/);
  t.false(existsSync('/host'));
});

test('installer: --help and --version print to standard output', (t) => {
  t.regex(run('--help').stdout, /^Usage: install-cni-plugins /);
  t.is(run('--version').stdout, `${VERSION}\n`);
});

test('installer: with --wait it stays until SIGTERM, also as process 1, and ends with 0', async (t) => {
  const { from, to } = scene(t);
  const args = ['--fork', '--pid', '--kill-child', INSTALLER, '--from', from, '--to', to, '--wait'];
  const isRoot = process.getuid?.() === 0;
  const child = isRoot
    ? spawn('unshare', args)
    : spawn(INSTALLER, args.slice(args.indexOf('--from')));
  child.stdout.setEncoding('utf8');
  const [line] = (await once(child.stdout, 'data')) as [string];
  t.regex(line, /are in /);
  t.is(child.exitCode, null);
  const ended = once(child, 'exit');
  const waiting = isRoot ? childOf(child.pid!) : child.pid!;
  process.kill(waiting, 'SIGTERM');
  t.deepEqual(await ended, [0, null]);
});

const childOf = (pid: number): number =>
  Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
