import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import {
  checkLeases,
  listLeases,
  networks,
  reclaimLeases,
  releaseLeases,
} from '../../src/ipam/index.ts';
import { UNFINISHED } from '../../src/ipam/store/lease-file.ts';
import { damaged, eth0, leaseFolder } from './lease-folder.ts';

test('inspect: networks and leases, in the order of addresses', (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/24'], ['2001:db8::/64']]);
  const before = Date.now();
  for (let at = 0; at < 9; at++) folder.ipam().add(eth0(`c${at}`));
  t.deepEqual(networks(folder.dataDir), ['net']);
  const leases = listLeases(folder.dataDir, 'net');
  t.deepEqual(leases.map(({ address }) => address).slice(7, 11), [
    '10.1.2.9',
    '10.1.2.10',
    '2001:db8::2',
    '2001:db8::3',
  ]);
  const [first] = leases;
  t.is(first!.containerId, 'c0');
  t.is(first!.ifname, 'eth0');
  t.is(first!.boot, 'current');
  t.true(Math.abs(Date.parse(first!.since) - before) < 60_000);
  t.deepEqual(listLeases(folder.dataDir, 'other'), []);
});

test('inspect: findings name file and problem', (t) => {
  const folder = leaseFolder(t);
  mkdirSync(folder.path);
  folder.ipam().add(eth0('a'));
  t.deepEqual(checkLeases(folder.dataDir, 'net'), []);
  writeFileSync(join(folder.path, '10.1.2.50'), '');
  writeFileSync(join(folder.path, '10.1.2.51'), 'bare');
  symlinkSync('/dev/null', join(folder.path, '10.1.2.52'));
  writeFileSync(join(folder.path, 'last_reserved_ip.0'), '10.1.2.2\n');
  writeFileSync(join(folder.path, 'junk'), '');
  t.deepEqual(
    checkLeases(folder.dataDir, 'net').map(({ file, problem, repairable }) => [
      file,
      problem,
      repairable,
    ]),
    [
      ['10.1.2.50', 'empty, left by a crash', true],
      ['10.1.2.51', 'names a container without an interface', false],
      ['10.1.2.52', 'not a lease (ELOOP)', false],
      ['junk', 'not a file of a lease directory', false],
      ['last_reserved_ip.0', 'not an address: "10.1.2.2\\n"', false],
    ],
  );
});

test('inspect: release by address and by owner, first as a dry run', (t) => {
  const folder = leaseFolder(t);
  for (const id of ['a', 'b', 'c']) folder.ipam().add(eth0(id));
  const { dataDir } = folder;
  const dry = releaseLeases(dataDir, 'net', { address: '10.1.2.3' }, { dryRun: true });
  t.deepEqual(dry.freed, [{ address: '10.1.2.3', containerId: 'b', ifname: 'eth0' }]);
  t.is(Object.keys(folder.leases()).length, 3);
  t.deepEqual(releaseLeases(dataDir, 'net', { address: '10.1.2.3' }).freed, dry.freed);
  t.is(releaseLeases(dataDir, 'net', eth0('c')).freed.length, 1);
  t.deepEqual(folder.leases(), { '10.1.2.2': 'a\r\neth0' });
});

test('inspect: dry run and run of reclaim agree on an ADD that was killed between lease and index', (t) => {
  const folder = leaseFolder(t);
  const ipam = folder.ipam();
  ipam.add(eth0('fine'));
  ipam.add(eth0('alive'), { pending: true });
  // As a killed process leaves it: the lease is there, and the directory is no more as the index
  // says.
  writeFileSync(join(folder.path, '10.1.2.4'), 'cut\r\neth0', { mode: UNFINISHED });
  const { dataDir } = folder;
  const before = statSync(folder.path).mtimeMs;
  const dry = reclaimLeases(dataDir, 'net', { dryRun: true });
  t.deepEqual(dry.freed, [{ address: '10.1.2.4', containerId: 'cut', ifname: 'eth0' }]);
  t.is(statSync(folder.path).mtimeMs, before);
  t.deepEqual(reclaimLeases(dataDir, 'net'), { ...dry, dryRun: false });
  t.deepEqual(folder.leases(), { '10.1.2.2': 'fine\r\neth0', '10.1.2.3': 'alive\r\neth0' });
});

test('inspect: reclaim frees what nothing alive holds, and heals', (t) => {
  const folder = leaseFolder(t);
  damaged(folder);
  const { dataDir } = folder;
  const dry = reclaimLeases(dataDir, 'net', { dryRun: true });
  t.deepEqual(
    dry.freed.map(({ containerId }) => containerId),
    ['old', 'cut'],
  );
  t.deepEqual(dry.healed, ['10.1.2.9']);
  t.is(Object.keys(folder.leases()).length, 4);
  const done = reclaimLeases(dataDir, 'net');
  t.deepEqual(done, { ...dry, dryRun: false });
  t.deepEqual(folder.leases(), { '10.1.2.4': 'fine\r\neth0' });
});
