import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { parseAddress } from '../../src/ip.ts';
import { leaseStoreConfig } from '../../src/ipam/policy/config.ts';
import { diskStore } from '../../src/ipam/store/lease-store.ts';
import { IpamError } from '../../src/ipam/policy/errors.ts';
import { lockHolders, takeLock } from '../../src/ipam/store/lock.ts';
import { PATIENCE } from '../harness/eventually.ts';
import { eth0, leaseFolder } from './lease-folder.ts';

function lockFile(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'lock-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return join(folder, 'lock');
}

test('lock: is made when missing, taken, released and taken again', (t) => {
  const file = lockFile(t);
  for (let round = 0; round < 3; round++) takeLock(file, 0).release();
  t.pass();
});

test('lock: a second holder waits until its deadline, then names the first', (t) => {
  const file = lockFile(t);
  const first = takeLock(file, 0);
  const started = performance.now();
  const error = t.throws(() => takeLock(file, 120), { instanceOf: IpamError })!;
  const waited = performance.now() - started;
  t.is(error.code, 'lock');
  t.is(error.message, `lock ${file}: not free after 0.12 s`);
  t.true(error.details!.startsWith(`held by pid ${process.pid} (`), error.details);
  t.true(waited >= 115 && waited < PATIENCE, `${waited} ms`);
  first.release();
  takeLock(file, 0).release();
});

test('lock: the holder is found among processes, without those that wait', (t) => {
  const file = lockFile(t);
  const fd = openSync(file, 'w');
  t.teardown(() => closeSync(fd));
  t.deepEqual(lockHolders(fd), []);
  const lock = takeLock(file, 0);
  t.deepEqual(lockHolders(fd), [process.pid]);
  lock.release();
  t.deepEqual(lockHolders(fd), []);
});

test('lock: is shared with other programs that use flock(2)', async (t) => {
  const file = lockFile(t);
  const holder = spawn('flock', [file, 'sh', '-c', 'echo held; read end']);
  await once(holder.stdout, 'data');
  const error = t.throws(() => takeLock(file, 0), { instanceOf: IpamError })!;
  t.regex(error.details!, /held by pid \d+ \((flock|sh)/);
  holder.stdin.end();
  await once(holder, 'exit');
  takeLock(file, 0).release();
});

test('lock: a directory that vanished is an error', (t) => {
  const error = t.throws(() => takeLock('/nonexistent/lock', 0), { instanceOf: IpamError })!;
  t.is(error.code, 'store');
  t.is(error.message, 'open /nonexistent/lock: no such file or directory');
});

test('lock: is `lock` in the directory of the network, and all that changes leases waits for it', (t) => {
  const folder = leaseFolder(t);
  folder.ipam().add(eth0('a'));
  const ipam = folder.ipam({ lockTimeout: 0 });
  const calls = [
    () => ipam.add(eth0('b')),
    () => ipam.check(eth0('a')),
    () => ipam.del(eth0('a')),
    () => ipam.gc([]),
  ];
  const lock = takeLock(join(folder.path, 'lock'), 0);
  for (const call of calls) {
    const error = t.throws(call, { instanceOf: IpamError, code: 'lock' })!;
    t.is(error.message, `lock ${folder.path}/lock: not free after 0 s`);
  }
  t.notThrows(() => ipam.status());
  lock.release();
  t.deepEqual(folder.leases(), { '10.1.2.2': 'a\r\neth0' });
  for (const call of calls) t.notThrows(call);
});

test('lock: what was released or ended does nothing', (t) => {
  const closed = { name: 'ClosedError', code: 'ERR_NETLINK_CLOSED' } as const;
  const file = lockFile(t);
  const lock = takeLock(file, 0);
  lock.release();
  const next = takeLock(file, 0);
  t.throws(() => lock.release(), { ...closed, message: 'the lock is closed' });
  t.throws(() => takeLock(file, 0), { instanceOf: IpamError, code: 'lock' });
  next.release();

  const folder = leaseFolder(t);
  folder.ipam().add(eth0('a'));
  const { dataDir } = folder;
  const store = diskStore(leaseStoreConfig({ name: 'net', ipam: { dataDir } }));
  const escaped = store.locked((leases) => leases);
  const address = parseAddress('10.1.2.9')!;
  t.throws(() => escaped.reserve(address, eth0('late')), closed);
  t.throws(() => escaped.free(parseAddress('10.1.2.2')!), closed);
  t.throws(() => escaped.releaseOwner(eth0('a')), closed);
  t.deepEqual(folder.leases(), { '10.1.2.2': 'a\r\neth0' });
});
