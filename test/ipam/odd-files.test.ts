/**
 * What may stand in the place of a file of ours: pipes, devices, long files, and files that
 * somebody wrote over.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { checkLeases } from '../../src/ipam/index.ts';
import { PATIENCE } from '../harness/eventually.ts';
import { eth0, leaseFolder, type LeaseFolder } from './lease-folder.ts';

const DRIVER = resolve(import.meta.dirname, 'faults/driver.ts');

/** In a process of its own, which may hang; after `prelude` in a mount namespace of its own. */
function run(folder: LeaseFolder, command: string, more: object = {}, prelude = ':') {
  const ipam = { dataDir: folder.dataDir, subnet: '10.1.2.0/24', lockTimeout: 1, ...more };
  const program = ['--mount', 'sh', '-ec', `${prelude}; exec "$@"`, 'sh', process.execPath, DRIVER];
  const { status, signal, stdout, stderr } = spawnSync('unshare', program, {
    input: JSON.stringify({ name: 'net', ipam, 'cni.dev/valid-attachments': [] }),
    env: {
      PATH: process.env['PATH'],
      CNI_COMMAND: command,
      CNI_CONTAINERID: 'a',
      CNI_IFNAME: 'eth0',
      GC_STARTS_LATER: '1000',
    },
    encoding: 'utf8',
    timeout: PATIENCE,
  });
  return { status, signal, said: stdout + stderr };
}

const mkfifo = (file: string): void => void spawnSync('mkfifo', [file]);

for (const [kind, make] of Object.entries({
  'a FIFO': mkfifo,
  'a directory': (file: string) => mkdirSync(file),
  'a device': (file: string) => spawnSync('mknod', [file, 'c', '1', '3']),
  'a device without a driver': (file: string) => spawnSync('mknod', [file, 'c', '260', '0']),
  'a symbolic link': (file: string) => symlinkSync('/etc/passwd', file),
  'a symbolic link to nothing': (file: string) => symlinkSync('nothing', file),
})) {
  test(`the lock is ${kind}: an error that says so, and no wait`, (t) => {
    const folder = leaseFolder(t);
    mkdirSync(folder.path);
    make(join(folder.path, 'lock'));
    for (const command of ['ADD', 'DEL']) {
      const { signal, status, said } = run(folder, command);
      t.is(signal, null, command);
      t.not(status, 0, command);
      t.regex(said, /lock: not a regular file/, command);
      t.notRegex(said, /must be a directory/, command);
    }
  });
}

test('GC says which lease it could not free, and frees the others', (t) => {
  const folder = leaseFolder(t);
  const [, path] = ['a', 'b'].map((id) => {
    folder.ipam().add(eth0(id));
    return Object.keys(folder.leases()).at(-1)!;
  });
  // The file of a mount point cannot be removed.
  const file = join(folder.path, path!);
  const { said } = run(folder, 'GC', {}, `mount --bind "${file}" "${file}"`);
  t.true(said.includes(`1 lease not freed: remove ${file}: device or resource busy`), said);
  t.deepEqual(Object.keys(folder.leases()), [path]);
});

test('a FIFO among the notes of cooldown is no reason to wait', (t) => {
  const folder = leaseFolder(t);
  t.is(run(folder, 'ADD', { cooldown: 60 }).status, 0);
  mkdirSync(join(folder.dataDir, '.netlink-ts/net/freed'));
  mkfifo(join(folder.dataDir, '.netlink-ts/net/freed/10.1.2.2'));
  const { status, said } = run(folder, 'DEL', { cooldown: 60 });
  t.is(status, 0, said);
  t.deepEqual(folder.leases(), {});
});

test('only a regular, short file counts as left by a crash', (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/28']]);
  const ipam = folder.ipam();
  ipam.add(eth0('a'));
  const at = (name: string): string => join(folder.path, name);
  spawnSync('mknod', [at('10.1.2.3'), 'c', '1', '5']);
  spawnSync('mknod', [at('10.1.2.4'), 'c', '1', '3']);
  spawnSync('mknod', [at('10.1.2.5'), 'c', '1', '9']);
  mkfifo(at('10.1.2.6'));
  writeFileSync(at('10.1.2.7'), '');
  truncateSync(at('10.1.2.7'), 1 << 30);
  writeFileSync(at('10.1.2.8'), 'x'.repeat(5000));
  writeFileSync(at('10.1.2.9'), '\0'.repeat(20));
  mkdirSync(at('10.1.2.10'));
  const odd = [3, 4, 5, 6, 7, 8, 10].map((last) => `10.1.2.${last}`);
  const found = checkLeases(folder.dataDir, 'net').filter(({ repairable }) => !repairable);
  t.deepEqual(found.map(({ file }) => file).sort(), odd.toSorted());
  t.deepEqual(
    [ipam.add(eth0('b')), ipam.add(eth0('c'))].map(({ result }) => result.ips[0]!.address),
    ['10.1.2.9/28', '10.1.2.11/28'],
  );
  ipam.gc([], Date.now() + 1000);
  for (const name of odd) t.true(existsSync(at(name)), name);
  t.false(existsSync(at('10.1.2.2')));
});

test('a lease that somebody wrote over in place: CHECK and DEL find its new owner', (t) => {
  for (const content of ['dummy', 'dummy\r\neth0']) {
    const folder = leaseFolder(t);
    const ipam = folder.ipam();
    for (const id of ['a', 'b']) ipam.add(eth0(id));
    // Changes neither the directory nor what the index says.
    writeFileSync(join(folder.path, '10.1.2.2'), content);
    ipam.check(eth0('dummy'));
    writeFileSync(join(folder.path, '10.1.2.3'), 'other\r\neth0');
    ipam.del(eth0('dummy'));
    t.deepEqual(folder.leases(), { '10.1.2.3': 'other\r\neth0' });
    ipam.del(eth0('other'));
    t.deepEqual(folder.leases(), {});
    t.throws(() => ipam.check(eth0('a')), { code: 'missing' });
  }
});

test('a lease that somebody wrote over and GC freed can be given out again', (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/30']]);
  const ipam = folder.ipam();
  ipam.add(eth0('a'));
  writeFileSync(join(folder.path, '10.1.2.2'), 'other\r\neth0');
  ipam.gc([], Date.now() + 1000);
  t.is(ipam.usage()[0]!.free, 1n);
  t.is(ipam.add(eth0('b')).result.ips[0]!.address, '10.1.2.2/30');
});
