/**
 * What `durability` says, seen in the system calls of a process: which fsync(2) it makes, and when.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { libc, type Libc } from '../../src/sys/libc.ts';
import { driverProcess } from './faults/process.ts';
import { eth0, leaseFolder } from './lease-folder.ts';

/** include/uapi/asm-generic/errno-base.h */
const EIO = 5;

const traceable = spawnSync('strace', ['-V']).error ? test.skip : test;

/**
 * The names of the system calls that change something, of an ADD and of a DEL for two range sets.
 */
function calls(t: ExecutionContext, durability?: string): { add: string[]; del: string[] } {
  const driver = driverProcess();
  t.teardown(driver.close);
  const ranges = [[{ subnet: '10.7.0.0/24' }], [{ subnet: '2001:db8::/112' }]];
  const ipam = { dataDir: join(driver.folder, 'data'), ranges, durability };
  const network = { name: 'net', ipam };
  const names = (command: 'ADD' | 'DEL'): string[] =>
    driver.trace({ command, containerId: 'a', network }).map(({ call }) => call);
  return { add: names('ADD'), del: names('DEL') };
}

const count = (names: string[]): number => names.filter((name) => name === 'fsync').length;

traceable('durability: by default leases and directory are synced before ADD answers', (t) => {
  const { add, del } = calls(t);
  t.is(count(add), 3);
  t.is(count(del), 1);
  t.true(add.indexOf('fsync') > add.lastIndexOf('linkat'));
  t.true(add.lastIndexOf('fsync') < add.lastIndexOf('write'));
});

traceable(
  'durability: what a DEL freed is synced behind the lock, where no other call waits for it',
  (t) => {
    const { del } = calls(t);
    t.true(del.indexOf('fsync') > del.lastIndexOf('flock'), del.join(' '));
  },
);

traceable(
  'durability: what a GC freed is synced once, however often it let go of the lock',
  (t) => {
    const driver = driverProcess();
    t.teardown(driver.close);
    const dataDir = join(driver.folder, 'data');
    mkdirSync(join(dataDir, 'net'), { recursive: true });
    // More than are freed while the lock is held once.
    for (let i = 0; i < 600; i++) {
      writeFileSync(join(dataDir, 'net', `10.7.${i >> 8}.${i & 255}`), `id${i}\r\neth0`);
    }
    const trace = (durability: string): string[] => {
      const ipam = { dataDir, ranges: [[{ subnet: '10.7.0.0/16' }]], durability };
      const network = { name: 'net', ipam, 'cni.dev/valid-attachments': [] };
      return driver.trace({ command: 'GC', containerId: '', network }).map(({ call }) => call);
    };
    const names = trace('sync');
    t.true(names.filter((name) => name === 'unlinkat').length >= 600);
    t.is(count(names), 1);
    t.is(count(trace('sync')), 0);
  },
);

traceable('durability: async makes no fsync', (t) => {
  const { add, del } = calls(t, 'async');
  t.true(add.includes('linkat'));
  t.is(count(add) + count(del), 0);
});

test('durability: every lease is waited for, also after one that the disk did not take', (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/24'], ['2001:db8::/64']]);
  const c = libc() as { -readonly [K in 'aioFsync']: Libc[K] };
  const { aioFsync } = c;
  let waits = 0;
  c.aioFsync = () => () => {
    waits++;
    return waits === 1 ? -EIO : 0;
  };
  try {
    const lease = folder.ipam().add(eth0('a'), { pending: true });
    t.throws(() => lease.commit(), { message: /^fsync .*: input\/output error$/ });
  } finally {
    c.aioFsync = aioFsync;
  }
  t.is(waits, 2);
  t.deepEqual(folder.leases(), {});
});
