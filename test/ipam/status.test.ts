import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { formatUsage, IpamError } from '../../src/ipam/index.ts';
import { eth0, leaseFolder } from './lease-folder.ts';

test('STATUS: makes no file, whether or not the directory exists', (t) => {
  const folder = leaseFolder(t);
  const deep = folder.ipam({ dataDir: `${folder.dataDir}/not/yet` });
  t.notThrows(() => deep.status());
  t.deepEqual(readdirSync(folder.dataDir), []);
});

test('STATUS: a set that is used up is reported, and an error only where the configuration says so', (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/30'], ['2001:db8::/64']]);
  const { reports: lines } = folder;
  const ipam = folder.ipam();
  const strict = folder.ipam({ unavailableWhenFull: true });
  ipam.status();
  strict.status();
  ipam.add(eth0('a'));
  t.deepEqual(lines, []);
  t.is(ipam.status().length, 2);
  const told = 'no IP addresses available in range set: 10.1.2.1-10.1.2.2';
  const usage = /10\.1\.2\.1-10\.1\.2\.2: 1 used, 0 free; 2001:db8::1-.*: 1 used, \d+ free/;
  t.is(lines.length, 1);
  t.true(lines[0]!.startsWith(`${told} (`));
  t.regex(lines[0]!, usage);
  const error = t.throws(() => strict.status(), { instanceOf: IpamError })!;
  t.is(error.code, 'exhausted');
  t.is(error.rangeSet, 0);
  t.is(error.message, told);
  t.regex(error.details!, usage);
  ipam.del(eth0('a'));
  t.notThrows(() => strict.status());
});

test('STATUS: counts the same with and without a current index', (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/28']]);
  const ipam = folder.ipam();
  for (const id of ['a', 'b', 'c']) ipam.add(eth0(id));
  writeFileSync(join(folder.path, '10.9.9.9'), 'of another range');
  const expected = '10.1.2.1-10.1.2.14: 3 used, 10 free';
  t.is(formatUsage(ipam.usage()), expected);
  ipam.check(eth0('a'));
  t.is(formatUsage(ipam.usage()), expected);
  rmSync(join(folder.dataDir, '.netlink-ts'), { recursive: true });
  t.is(formatUsage(ipam.usage()), expected);
});

test('STATUS: counts in the directory what a damaged index does not know any more', (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/28']]);
  const ipam = folder.ipam();
  for (const id of ['a', 'b', 'c']) ipam.add(eth0(id));
  const file = join(folder.dataDir, '.netlink-ts/net/owners');
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(0, 80));
  t.is(formatUsage(ipam.usage()), '10.1.2.1-10.1.2.14: 3 used, 10 free');
});

test('STATUS: a directory that cannot be used is an error', (t) => {
  const folder = leaseFolder(t);
  writeFileSync(folder.path, 'a file');
  t.is(t.throws(() => folder.ipam().status(), { instanceOf: IpamError })!.code, 'store');
  rmSync(folder.path);
  for (const dataDir of ['/dev/null/x', '/dev/null']) {
    const error = t.throws(() => folder.ipam({ dataDir }).status(), { instanceOf: IpamError })!;
    t.is(error.code, 'store');
    t.is(error.message, `access ${dataDir}/net: not a directory`);
  }
  mkdirSync(folder.path);
  t.notThrows(() => folder.ipam().status());
});
