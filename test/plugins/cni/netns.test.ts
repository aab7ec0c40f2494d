import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { isOwnNetns, netnsExists, refuseOwnNetns, requireNetns } from '../../../src/cni/netns.ts';

const OWN = '/proc/self/ns/net';

test('netns: a namespace file is one', (t) => {
  t.notThrows(() => requireNetns(OWN));
  t.true(netnsExists(OWN));
});

test('netns: a path that is not there is reported, and for DEL it is gone', (t) => {
  t.like(
    t.throws(() => requireNetns('/no/where')),
    {
      code: 4,
      msg: 'failed to open netns "/no/where": failed to Statfs "/no/where": no such file or directory',
    },
  );
  t.false(netnsExists('/no/where'));
  t.false(netnsExists(''));
});

test('netns: another kind of file is reported with the magic of its file system', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'netns-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'plain');
  writeFileSync(file, '');
  const magic = new RegExp(
    `^failed to open netns "${file}": unknown FS magic on "${file}": [0-9a-f]+$`,
  );
  const error = t.throws(() => requireNetns(file)) as Error & { msg: string };
  t.regex(error.msg, magic);
  t.throws(() => netnsExists(file), { message: /^unknown FS magic on/ });
});

test('netns: our own is recognised under any path, and nothing else is ours', (t) => {
  t.true(isOwnNetns(OWN));
  t.true(isOwnNetns(`/proc/${process.pid}/ns/net`));
  t.false(isOwnNetns('/proc/self/ns/mnt'));
  t.false(isOwnNetns('/no/where'));
  t.false(isOwnNetns('/etc/passwd/x'));
});

test('netns: an empty path is left to others to refuse', (t) => {
  t.notThrows(() => refuseOwnNetns('', () => true));
  t.throws(() => refuseOwnNetns(OWN, isOwnNetns), { message: /should not be the same/ });
});
