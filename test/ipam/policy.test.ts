import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { IpamError, listLeases } from '../../src/ipam/index.ts';
import { addressesOf, eth0, leaseFolder, rewriteIndex, type LeaseFolder } from './lease-folder.ts';

const add = (folder: LeaseFolder, id: string, more: object = {}, network: object = {}): string =>
  addressesOf(folder.ipam({ ...more }, { ...network }).add(eth0(id)).result).join();

const small = [['10.1.2.0/29']];

test('cooldown: a freed address rests, also when nothing else is left', (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/30']]);
  const cooldown = { cooldown: 30 };
  t.is(add(folder, 'a', cooldown), '10.1.2.2/30');
  folder.ipam(cooldown).del(eth0('a'));
  const error = t.throws(() => add(folder, 'b', cooldown), { instanceOf: IpamError })!;
  t.is(error.code, 'exhausted');
  t.is(error.details, '1 free addresses are cooling down');
  const note = join(folder.dataDir, '.netlink-ts/net/freed/10.1.2.2');
  const past = Date.now() / 1000 - 31;
  utimesSync(note, past, past);
  t.is(add(folder, 'b', cooldown), '10.1.2.2/30');
});

test('cooldown: a requested address is given although it rests', (t) => {
  const folder = leaseFolder(t, small);
  const cooldown = { cooldown: 30 };
  add(folder, 'a', cooldown);
  folder.ipam(cooldown).del(eth0('a'));
  t.is(add(folder, 'b', cooldown, { cniArgs: { IP: '10.1.2.2' } }), '10.1.2.2/29');
});

test('cooldown and sticky: their notes are 0600, and a symbolic link in the place of one is not followed', (t) => {
  const folder = leaseFolder(t, small);
  const policy = { cooldown: 30, sticky: true };
  add(folder, 'a', policy);
  const state = join(folder.dataDir, '.netlink-ts/net');
  const victim = join(folder.dataDir, 'victim');
  writeFileSync(victim, 'precious');
  utimesSync(victim, 1, 1);
  mkdirSync(join(state, 'freed'), { mode: 0o700 });
  symlinkSync(victim, join(state, 'freed/10.1.2.2'));
  folder.ipam(policy).del(eth0('a'));
  t.is(lstatSync(victim).mtimeMs, 1000);
  // Without the note the address does not rest; the lease is freed all the same.
  t.is(add(folder, 'b', policy), '10.1.2.3/29');
  folder.ipam(policy).del(eth0('b'));
  for (const name of ['freed/10.1.2.3', `sticky/${readdirSync(join(state, 'sticky'))[0]}`]) {
    t.is((lstatSync(join(state, name)).mode & 0o777).toString(8), '600', name);
  }
  t.is((lstatSync(join(state, 'sticky')).mode & 0o777).toString(8), '700');
});

test('cooldown: GC forgets notes that are over', (t) => {
  const folder = leaseFolder(t, small);
  const cooldown = { cooldown: 1 };
  add(folder, 'a', cooldown);
  folder.ipam(cooldown).del(eth0('a'));
  const notes = join(folder.dataDir, '.netlink-ts/net/freed');
  utimesSync(join(notes, '10.1.2.2'), 1, 1);
  folder.ipam(cooldown).gc([]);
  t.deepEqual(readdirSync(notes), []);
});

test('sticky: the same owner gets its last address when it is free, else another', (t) => {
  const folder = leaseFolder(t, small);
  const sticky = { sticky: true };
  t.is(add(folder, 'a', sticky), '10.1.2.2/29');
  t.is(add(folder, 'b', sticky), '10.1.2.3/29');
  folder.ipam(sticky).del(eth0('a'));
  t.is(add(folder, 'a', sticky), '10.1.2.2/29');
  folder.ipam(sticky).del(eth0('a'));
  t.is(add(folder, 'thief', { cniArgs: '' }, { cniArgs: { IP: '10.1.2.2' } }), '10.1.2.2/29');
  t.is(add(folder, 'a', sticky), '10.1.2.4/29');
});

test('sticky: the key may come from CNI_ARGS', (t) => {
  const folder = leaseFolder(t, small);
  const sticky = { sticky: '{K8S_POD_NAMESPACE}/{K8S_POD_NAME}' };
  const pod = { cniArgs: { K8S_POD_NAMESPACE: 'prod', K8S_POD_NAME: 'web-0' } };
  t.is(add(folder, 'first', sticky, pod), '10.1.2.2/29');
  folder.ipam(sticky).del(eth0('first'));
  t.is(add(folder, 'other', sticky), '10.1.2.3/29');
  t.is(add(folder, 'second', sticky, pod), '10.1.2.2/29');
});

/** As if all leases had been made in another boot. */
const reboot = (folder: LeaseFolder, age = 0): void =>
  rewriteIndex(folder, 7n << 96n, (entry) => ({ ...entry, boot: 7, madeAt: entry.madeAt - age }));

test('repeated ADD: after a crash of the machine the owner gets its address again', (t) => {
  const folder = leaseFolder(t, small);
  add(folder, 'a');
  add(folder, 'b');
  reboot(folder);
  t.is(add(folder, 'b'), '10.1.2.3/29');
  t.regex(folder.reports.join(), /10\.1\.2\.3 given to b eth0 again/);
  t.throws(() => add(folder, 'b'), { message: /duplicate/ });
});

test('repeated ADD: after its process died before commit the owner gets its address again', (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/29'], ['2001:db8::/64']]);
  t.is(add(folder, 'a'), '10.1.2.2/29,2001:db8::2/64');
  // As a killed process leaves them: nobody has them open.
  for (const name of ['10.1.2.2', '2001:db8::2']) chmodSync(join(folder.path, name), 0o400);
  t.is(add(folder, 'a'), '10.1.2.2/29,2001:db8::2/64');
  t.throws(() => add(folder, 'a'), { message: /duplicate/ });
  t.is(Object.keys(folder.leases()).length, 2);
});

test('repeated ADD: a lease that the reference made is never taken for a leftover in the same boot', (t) => {
  const folder = leaseFolder(t, small);
  mkdirSync(folder.path);
  writeFileSync(join(folder.path, '10.1.2.4'), 'a\r\neth0');
  t.throws(() => add(folder, 'a'), { message: /10\.1\.2\.4 has been allocated to a, duplicate/ });
});

test('reclaimOnBoot: leases of an earlier boot are freed by the first ADD, once, but not those of its owner', (t) => {
  const folder = leaseFolder(t, small);
  for (const id of ['a', 'b', 'c']) add(folder, id);
  reboot(folder);
  t.is(add(folder, 'b', { reclaimOnBoot: true }), '10.1.2.3/29');
  t.deepEqual(folder.leases(), { '10.1.2.3': 'b\r\neth0' });
  t.is(folder.reports.filter((line) => line.includes('earlier boot')).length, 2);
});

test('reclaimOnBoot: without it leases of an earlier boot stay', (t) => {
  const folder = leaseFolder(t, small);
  for (const id of ['a', 'b']) add(folder, id);
  reboot(folder);
  add(folder, 'c');
  t.is(Object.keys(folder.leases()).length, 3);
  t.deepEqual(
    listLeases(folder.dataDir, 'net').map(({ boot }) => boot),
    ['earlier', 'earlier', 'current'],
  );
});

test('reclaimOnBoot: a lease that was made anew for the same owner after the boot stays', (t) => {
  const folder = leaseFolder(t, small);
  for (const id of ['a', 'b']) add(folder, id);
  reboot(folder, 3_600_000);
  add(folder, 'c', { reclaimOnBoot: true });
  t.is(Object.keys(folder.leases()).length, 3);
});

test('pending: the mode of a lease says that its attachment is incomplete, also to those who have lost the index', (t) => {
  const folder = leaseFolder(t, small);
  const mode = (address: string): number => lstatSync(join(folder.path, address)).mode & 0o777;
  const lease = folder.ipam().add({ containerId: 'a', ifname: 'eth0' }, { pending: true });
  const [address] = Object.keys(folder.leases());
  t.is(mode(address!), 0o400);
  lease.commit();
  t.is(mode(address!), 0o600);
  t.throws(() => add(folder, 'a'), { message: /duplicate/ });
  // Killed between its lease and the index, which then does not know it.
  chmodSync(join(folder.path, address!), 0o400);
  rmSync(join(folder.dataDir, '.netlink-ts/net/owners'));
  add(folder, 'a');
  t.deepEqual(Object.keys(folder.leases()), [address]);
  t.is(mode(address!), 0o600);
  t.regex(folder.reports.join('\n'), /given to a eth0 again: its last ADD was cut off/);
});

test('pending: one lease that is not complete speaks for all of its owner', (t) => {
  for (const unfinished of ['10.1.2.2', '2001:db8::2']) {
    const folder = leaseFolder(t, [['10.1.2.0/29'], ['2001:db8::/64']]);
    folder.ipam().add(eth0('a'), { pending: true }).commit();
    chmodSync(join(folder.path, unfinished), 0o400);
    t.is(add(folder, 'a'), '10.1.2.2/29,2001:db8::2/64', unfinished);
    t.throws(() => add(folder, 'a'), { message: /duplicate/ });
  }
});

test('pending: nobody gets a lease again whose ADD is alive, with and without an index', (t) => {
  for (const hasIndex of [true, false]) {
    const folder = leaseFolder(t, small);
    if (!hasIndex) writeFileSync(join(folder.dataDir, '.netlink-ts'), '');
    const lease = folder.ipam().add(eth0('a'), { pending: true });
    t.throws(() => add(folder, 'a'), { message: /duplicate/ });
    lease.commit();
    t.throws(() => add(folder, 'a'), { message: /duplicate/ });
    chmodSync(join(folder.path, '10.1.2.2'), 0o400);
    t.is(add(folder, 'a'), '10.1.2.2/29');
  }
});

test('pending: what is released is neither there nor open', (t) => {
  const folder = leaseFolder(t, small);
  const open = (): number => readdirSync('/proc/self/fd').length;
  const before = open();
  const lease = folder.ipam().add({ containerId: 'a', ifname: 'eth0' }, { pending: true });
  lease.release();
  lease.release();
  t.deepEqual(folder.leases(), {});
  t.is(open(), before);
});
