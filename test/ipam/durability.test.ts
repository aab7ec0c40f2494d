/** What `durability` says, seen in the system calls of a process: which fsync(2) it makes, and when. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { driverProcess } from './faults/process.ts';

const traceable = spawnSync('strace', ['-V']).error ? test.skip : test;

/** The names of the system calls that change something, of an ADD and of a DEL for two range sets. */
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
  t.true(add.indexOf('fsync') > add.lastIndexOf('link'));
  t.true(add.lastIndexOf('fsync') < add.lastIndexOf('write'));
});

traceable('durability: async makes no fsync', (t) => {
  const { add, del } = calls(t, 'async');
  t.true(add.includes('link'));
  t.is(count(add) + count(del), 0);
});
