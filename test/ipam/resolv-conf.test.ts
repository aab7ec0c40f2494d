import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { parseResolvConf, readResolvConf } from '../../src/ipam/policy/resolv-conf.ts';

test('resolv.conf: name servers, also indented', (t) => {
  t.deepEqual(parseResolvConf('nameserver 192.0.2.0\n  nameserver  192.0.2.1  \n'), {
    nameservers: ['192.0.2.0', '192.0.2.1'],
  });
});

test('resolv.conf: comments and keywords without a value are skipped', (t) => {
  t.is(parseResolvConf('; comment\n# other\n\nnameserver\nsortlist 10.0.0.0\n'), undefined);
});

test('resolv.conf: search and options accumulate, the last domain wins', (t) => {
  const text =
    'domain a.test\nsearch x y\nsearch z\noptions ndots:1\noptions rotate\ndomain b.test\n';
  t.deepEqual(parseResolvConf(text), {
    domain: 'b.test',
    search: ['x', 'y', 'z'],
    options: ['ndots:1', 'rotate'],
  });
});

test('resolv.conf: a missing file is the error that the reference gives', (t) => {
  const error = t.throws(() => readResolvConf('/nonexistent/resolv.conf'))!;
  t.is(error.message, 'open /nonexistent/resolv.conf: no such file or directory');
});

test('resolv.conf: a line of 64 KiB is refused', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'resolv-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'resolv.conf');
  writeFileSync(path, `search ${'a'.repeat(65_529)}\n`);
  t.throws(() => readResolvConf(path), { message: 'bufio.Scanner: token too long' });
  writeFileSync(path, `search ${'a'.repeat(65_528)}\n`);
  t.notThrows(() => readResolvConf(path));
});

test('resolv.conf: what has no end is refused before memory has', (t) => {
  t.throws(() => readResolvConf('/dev/zero'), { message: 'bufio.Scanner: token too long' });
  const folder = mkdtempSync(join(tmpdir(), 'resolv-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'resolv.conf');
  writeFileSync(path, '#\n'.repeat(2 ** 19));
  t.is(readResolvConf(path), undefined);
  appendFileSync(path, '#');
  t.throws(() => readResolvConf(path), {
    message: `ipam.resolvConf: ${path} has more than 1048576 bytes`,
  });
});
