import { spawnSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { formatAddress, parseAddress, type Address } from '../../src/ip.ts';
import { createIndex, openIndex, type IndexEntry } from '../../src/ipam/store/owners.ts';
import { hashOf } from '../../src/sys/scan.ts';
import { PATIENCE } from '../harness/eventually.ts';
import { addressesOf, eth0, leaseFolder, type LeaseFolder } from './lease-folder.ts';

function indexFile(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'index-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return join(folder, 'owners');
}

const address = (at: number): Address =>
  at % 3 === 0
    ? { family: 6, value: (0x20010db8n << 96n) | BigInt(at) }
    : { family: 4, value: 0x0a000000n + BigInt(at) };

const entry = (key: string, at: number): IndexEntry => ({
  hash: hashOf(key),
  address: address(at),
  madeAt: 1_700_000_000_000 + at,
  boot: 77,
});

const texts = (entries: IndexEntry[]): string[] =>
  entries.map(({ address: found }) => formatAddress(found)).sort();

test('index: what is added is found, with all its fields, and no longer after removal', (t) => {
  const index = createIndex(indexFile(t), 1n, []);
  t.teardown(() => index.close());
  index.add(entry('a', 1));
  index.add(entry('a', 3));
  index.add(entry('b', 2));
  t.deepEqual(index.find(hashOf('a')), [entry('a', 1), entry('a', 3)]);
  t.is(index.count4, 2);
  t.is(index.count6, 1);
  t.true(index.remove(hashOf('a'), address(1)));
  t.false(index.remove(hashOf('a'), address(1)));
  t.deepEqual(index.find(hashOf('a')), [entry('a', 3)]);
  t.is(index.count4, 1);
});

test('index: behaves like a map under random changes, through growth', (t) => {
  const step = fc.tuple(
    fc.boolean(),
    fc.integer({ min: 0, max: 40 }),
    fc.integer({ min: 0, max: 700 }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 900, minLength: 200 }), (steps) => {
      const file = indexFile(t);
      const index = createIndex(file, 1n, []);
      const model = new Map<number, string>();
      for (const [isAdd, owner, at] of steps) {
        const key = `owner${owner}`;
        if (isAdd && !model.has(at)) {
          index.add(entry(key, at));
          model.set(at, key);
        } else if (!isAdd && model.has(at)) {
          index.remove(hashOf(model.get(at)!), address(at));
          model.delete(at);
        }
      }
      for (let owner = 0; owner <= 40; owner++) {
        const expected = [...model]
          .filter(([, key]) => key === `owner${owner}`)
          .map(([at]) => entry('', at));
        t.deepEqual(texts(index.find(hashOf(`owner${owner}`))), texts(expected));
      }
      const all = [...model].map(([at]) => entry('', at));
      t.deepEqual(texts(index.entries()), texts(all));
      const seen: Address[] = [];
      index.eachAddress((family, value) => void seen.push({ family, value: BigInt(value) }));
      t.deepEqual(seen.map(formatAddress).sort(), texts(all));
      t.is(index.count4 + index.count6, model.size);
      index.close();
    }),
    { numRuns: 15 },
  );
});

test('index: what is removed and confirmed is gone for the next one who opens it', (t) => {
  const file = indexFile(t);
  const entries = Array.from({ length: 300 }, (_, at) => entry(`owner${at}`, at));
  const index = createIndex(file, 1n, entries);
  for (const { hash, address } of entries.slice(1)) t.true(index.remove(hash, address));
  const folder = openSync(dirname(file), 'r');
  index.confirm(folder);
  closeSync(folder);
  index.close();
  const again = openIndex(file)!;
  t.teardown(() => again.close());
  t.is(again.count4 + again.count6, 1);
  t.is(again.find(entries[0]!.hash).length, 1);
});

test('index: one owner may hold many leases, more than are read at once', (t) => {
  const file = indexFile(t);
  const index = createIndex(file, 1n, []);
  for (let at = 0; at < 600; at++) index.add(entry('same', at));
  index.add(entry('other', 600));
  for (let at = 0; at < 600; at += 2) t.true(index.remove(hashOf('same'), address(at)));
  const folder = openSync(dirname(file), 'r');
  index.confirm(folder);
  closeSync(folder);
  index.close();
  const again = openIndex(file)!;
  t.teardown(() => again.close());
  t.is(again.find(hashOf('same')).length, 300);
  t.deepEqual(again.find(hashOf('other')), [entry('other', 600)]);
  t.true(again.isAllOf(77));
  again.add({ ...entry('new', 0), boot: 5 });
  t.false(again.isAllOf(77));
  t.deepEqual(again.find(hashOf('new')), [{ ...entry('new', 0), boot: 5 }]);
});

test('index: whatever bit is flipped, it is refused or can be read', (t) => {
  const file = indexFile(t);
  const keys = ['a', 'b', 'c', 'd', 'e'];
  createIndex(file, 1n, keys.map(entry)).close();
  const whole = readFileSync(file);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 * 8 }), (bit) => {
      const damaged = Buffer.from(whole);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(file, damaged);
      const opened = openIndex(file);
      if (!opened) return;
      for (const key of keys) opened.find(hashOf(key));
      opened.eachAddress(() => {});
      opened.add(entry('f', 6));
      t.is(opened.find(hashOf('f')).length, 1);
      opened.close();
    }),
    { numRuns: 300 },
  );
});

/** A folder with three leases whose index is then harmed. */
function harmed(
  t: ExecutionContext,
  harm: (file: string, folder: LeaseFolder) => void,
): LeaseFolder {
  const folder = leaseFolder(t);
  for (const id of ['a', 'b', 'c']) folder.ipam().add(eth0(id));
  harm(join(folder.dataDir, '.netlink-ts/net/owners'), folder);
  return folder;
}

const survives = test.macro({
  exec(t, harm: (file: string, folder: LeaseFolder) => void) {
    const folder = harmed(t, harm);
    const ipam = folder.ipam();
    t.throws(() => ipam.add(eth0('b')), { message: /10\.1\.2\.3 has been allocated to b/ });
    t.notThrows(() => ipam.check(eth0('c')));
    t.deepEqual(addressesOf(ipam.add(eth0('d')).result), ['10.1.2.5/24']);
    for (const id of ['a', 'b', 'c', 'd']) ipam.del(eth0(id));
    t.deepEqual(folder.leases(), {});
  },
  title: (name) => `index: losing it loses nothing: ${name}`,
});

test('it is removed', survives, (file) => unlinkSync(file));
test('it is empty', survives, (file) => truncateSync(file));
test('it is cut off', survives, (file) => truncateSync(file, 3000));
test('it is cut off in its header', survives, (file) => truncateSync(file, 70));
test('it is text', survives, (file) => writeFileSync(file, 'x'.repeat(9216)));
test('its header is of another boot', survives, (file, { path }) => {
  const index = createIndex(file, 99n << 64n, []);
  const fd = openSync(path, 'r');
  index.confirm(fd);
  closeSync(fd);
  index.close();
});
test('it is older than the leases', survives, (file, folder) => {
  const before = readFileSync(file);
  folder.ipam().del(eth0('a'));
  folder.ipam({}, { cniArgs: { IP: '10.1.2.2' } }).add(eth0('a'));
  writeFileSync(join(folder.path, 'last_reserved_ip.0'), '10.1.2.4');
  writeFileSync(file, before);
});

test('index: a change by others is noticed, although it comes at once and takes no time', (t) => {
  const folder = leaseFolder(t);
  const ipam = folder.ipam();
  for (let at = 0; at < 200; at++) {
    const name = `10.1.2.${2 + (at % 100)}`;
    ipam.add(eth0('ours'));
    // Between two of our calls another program frees our lease and makes one of its own.
    const [held] = Object.keys(folder.leases());
    unlinkSync(join(folder.path, held!));
    writeFileSync(join(folder.path, name), 'theirs\r\neth0');
    ipam.check(eth0('theirs'));
    t.throws(() => ipam.check(eth0('ours')));
    unlinkSync(join(folder.path, name));
    t.throws(() => ipam.check(eth0('theirs')));
  }
});

test('index: the stamp is an mtime of the near past', (t) => {
  const folder = leaseFolder(t);
  folder.ipam().add(eth0('a'));
  const age = Date.now() - statSync(folder.path).mtimeMs;
  t.true(age >= 1990 && age < PATIENCE, `${age} ms`);
});

test('index: an mtime set back to the stamp still differs in ctime', (t) => {
  const folder = harmed(t, (_, { path }) => {
    const { mtimeNs } = statSync(path, { bigint: true });
    // Longer than a tick of any kernel's clock for files.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
    writeFileSync(join(path, '10.1.2.77'), 'sneaky\r\neth0');
    // To the nanosecond, which utimes(2) of Node does not take.
    const digits = String(mtimeNs);
    const seconds = `@${digits.slice(0, -9)}.${digits.slice(-9)}`;
    t.is(spawnSync('touch', ['-m', '-d', seconds, path]).status, 0);
    t.is(statSync(path, { bigint: true }).mtimeNs, mtimeNs);
  });
  t.notThrows(() => folder.ipam().check(eth0('sneaky')));
});

test('index: two owners with one hash would both be verified in their files', (t) => {
  const folder = harmed(t, (file) => {
    const index = openIndex(file)!;
    index.add({ ...entry('b\r\neth0', 1), address: parseAddress('10.1.2.2')! });
    const fd = openSync(join(file, '../../../net'), 'r');
    index.confirm(fd);
    closeSync(fd);
    index.close();
  });
  folder.ipam().del(eth0('b'));
  t.deepEqual(folder.leases(), { '10.1.2.2': 'a\r\neth0', '10.1.2.4': 'c\r\neth0' });
});

test('index: a symbolic link in its place is replaced, and what it leads to is not written to', (t) => {
  const folder = leaseFolder(t);
  folder.ipam().add(eth0('a'));
  const file = join(folder.dataDir, '.netlink-ts/net/owners');
  const victim = join(folder.dataDir, 'victim');
  copyFileSync(file, victim);
  const before = readFileSync(victim);
  unlinkSync(file);
  symlinkSync(victim, file);
  folder.ipam().add(eth0('b'));
  t.deepEqual(readFileSync(victim), before);
  const index = openIndex(file)!;
  t.is(index.entries().length, 2);
  index.close();
});
