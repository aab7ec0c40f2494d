import { mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { IpamError } from '../../src/ipam/index.ts';
import { currentBootId } from '../../src/ipam/store/boot.ts';
import { openIndex } from '../../src/ipam/store/owners.ts';
import { eth0, leaseFolder } from './lease-folder.ts';

const listed = (...ids: string[]) => ids.map((containerID) => ({ containerID, ifname: 'eth0' }));

const later = (): number => Date.now() + 1000;

test('GC: frees exactly the leases whose owner is not listed', (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/24'], ['2001:db8::/64']]);
  const ipam = folder.ipam();
  for (const id of ['a', 'b', 'c']) ipam.add(eth0(id));
  ipam.add({ containerId: 'b', ifname: 'eth1' });
  const report = ipam.gc(listed('b'), later());
  t.deepEqual(Object.values(folder.leases()), ['b\r\neth0', 'b\r\neth0']);
  t.is(report.network, 'net');
  t.is(report.kept, 2);
  t.is(report.freed.length, 6);
  t.true(report.freed.some(({ containerId, ifname }) => containerId === 'b' && ifname === 'eth1'));
  t.deepEqual(ipam.gc(listed('b'), later()).freed, []);
});

test('GC: an empty list makes everything stale, a missing one is an error', (t) => {
  const folder = leaseFolder(t);
  const ipam = folder.ipam();
  ipam.add(eth0('a'));
  for (const missing of [undefined, null]) {
    const error = t.throws(() => ipam.gc(missing), { instanceOf: IpamError })!;
    t.is(error.code, 'config');
    t.is(error.path, 'cni.dev/valid-attachments');
  }
  t.throws(() => ipam.gc('all'), { message: /expected a list/ });
  t.throws(() => ipam.gc([5]), { message: /valid-attachments\[0\]: expected an object/ });
  t.is(Object.keys(folder.leases()).length, 1);
  ipam.gc([], later());
  t.deepEqual(folder.leases(), {});
});

test('GC: the owner index matches what it left, whether or not it did before', (t) => {
  const folder = leaseFolder(t, [['10.1.0.0/16']]);
  const ipam = folder.ipam();
  ipam.add(eth0('kept'));
  ipam.add(eth0('gone'));
  const owners = join(folder.dataDir, '.netlink-ts/net/owners');
  const held = (): number => {
    const index = openIndex(owners)!;
    const isCurrent = index.isCurrent(currentBootId(), statSync(folder.path, { bigint: true }));
    const { length } = index.entries();
    index.close();
    t.true(isCurrent);
    return length;
  };
  t.is(ipam.gc(listed('kept'), later()).freed.length, 1);
  t.is(held(), 1);
  // As another program makes them, and more than are freed while the lock is held once.
  for (let i = 0; i < 600; i++) {
    writeFileSync(join(folder.path, `10.1.${8 + (i >> 8)}.${i & 255}`), `other${i}\r\neth0`);
  }
  t.is(ipam.gc(listed('kept', 'other7'), later()).freed.length, 599);
  t.is(held(), 2);
  t.notThrows(() => ipam.check(eth0('kept')));
  t.notThrows(() => ipam.check(eth0('other7')));
});

test('GC: a lease made after GC began stays', (t) => {
  const folder = leaseFolder(t);
  const ipam = folder.ipam();
  const startedAt = Date.now();
  ipam.add(eth0('young'));
  const report = ipam.gc([], startedAt);
  t.is(report.young, 1);
  t.deepEqual(Object.values(folder.leases()), ['young\r\neth0']);
});

test('GC: the lease of an ADD under way stays', (t) => {
  const folder = leaseFolder(t);
  const ipam = folder.ipam();
  const lease = ipam.add(eth0('a'), { pending: true });
  t.is(ipam.gc([], later()).young, 1);
  lease.commit();
  t.is(ipam.gc([], later()).freed.length, 1);
});

test('GC: a bare-id file of an old version stays while any attachment of its container is listed', (t) => {
  const folder = leaseFolder(t);
  mkdirSync(folder.path);
  for (const [name, id] of [
    ['10.1.2.7', 'old'],
    ['10.1.2.8', 'gone'],
  ] as const) {
    writeFileSync(join(folder.path, name), id);
    utimesSync(join(folder.path, name), 1, 1);
  }
  const report = folder.ipam().gc([{ containerID: 'old', ifname: 'net1' }], later());
  t.deepEqual(report.freed, [{ address: '10.1.2.8', containerId: 'gone' }]);
  t.deepEqual(folder.leases(), { '10.1.2.7': 'old' });
});

test('GC: removes empty leases and temporary files, and leaves what is no lease', (t) => {
  const folder = leaseFolder(t);
  const ipam = folder.ipam();
  ipam.add(eth0('a'));
  const state = join(folder.dataDir, '.netlink-ts/net');
  writeFileSync(join(state, 'lease.new'), 'half');
  writeFileSync(join(state, 'mark.new'), '');
  writeFileSync(join(folder.path, '10.1.2.40'), '');
  writeFileSync(join(folder.path, 'notes.txt'), 'a\r\neth0');
  symlinkSync('/etc/passwd', join(folder.path, '10.1.2.41'));
  const report = ipam.gc(listed('a'), later());
  t.deepEqual(report.healed, ['10.1.2.40']);
  t.deepEqual(readdirSync(state), ['owners']);
  t.deepEqual(readdirSync(folder.path).sort(), [
    '10.1.2.2',
    '10.1.2.41',
    'last_reserved_ip.0',
    'lock',
    'notes.txt',
  ]);
});

test('GC: a network without a directory is nothing to do', (t) => {
  const folder = leaseFolder(t);
  t.deepEqual(folder.ipam().gc([]).freed, []);
  t.deepEqual(readdirSync(folder.dataDir), []);
});
