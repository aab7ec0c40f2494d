/** `netlink-ts ipam` on lease directories as ADD, a crash and other hands leave them. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { main } from '../../src/cli/main.ts';
import { damaged, eth0, leaseFolder, type LeaseFolder } from '../ipam/lease-folder.ts';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly notes: string;
}

/** Runs `netlink-ts ipam …` on the data directory of a test. */
async function ipam({ dataDir }: LeaseFolder, ...args: readonly string[]): Promise<Run> {
  let [out, notes] = ['', ''];
  const code = await main(['ipam', ...args, '--data-dir', dataDir], {
    write: (text) => void (out += text),
    note: (text) => void (notes += text),
    colours: false,
    readInput: () => new Uint8Array(),
  });
  return { code, out, notes };
}

test('cli ipam: list shows who holds what since when, as a table and as JSON', async (t) => {
  const folder = leaseFolder(t);
  const notes = `no leases in ${folder.dataDir}\n`;
  t.deepEqual(await ipam(folder, 'list'), { code: 0, out: '', notes });
  damaged(folder);
  const since = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
  const { code, out } = await ipam(folder, 'list');
  t.is(code, 0);
  const rows = out.split('\n').map((line) => line.split(/ {2,}/));
  t.deepEqual(rows[0], ['NETWORK', 'ADDRESS', 'CONTAINER', 'IFNAME', 'SINCE', 'BOOT', 'ADD']);
  t.deepEqual(
    rows.slice(1, 4).map((row) => row.filter((word) => !since.test(word))),
    [
      ['net', '10.1.2.2', 'old', 'eth0', 'earlier'],
      ['net', '10.1.2.3', 'cut', 'eth0', 'current', 'cut off'],
      ['net', '10.1.2.4', 'fine', 'eth0', 'current'],
    ],
  );
  for (const row of rows.slice(1, 4)) t.regex(row[4]!, since);
  const listed = JSON.parse((await ipam(folder, 'list', '--json', '--network', 'net')).out);
  t.like(listed[1], { address: '10.1.2.3', containerId: 'cut', unfinished: 'dead' });
  t.is(listed.length, 3);
});

test('cli ipam: check fails where something is wrong, says what, and changes nothing', async (t) => {
  const folder = leaseFolder(t);
  damaged(folder);
  const { code, out } = await ipam(folder, 'check');
  t.is(code, 1);
  t.deepEqual(
    out
      .trim()
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
    [
      ['NETWORK', 'FILE', 'PROBLEM', 'REPAIR'],
      ['net', '10.1.2.9', 'empty, left by a crash', 'reclaim'],
      ['net', '10.1.2.2', 'lease of an earlier boot', 'reclaim'],
      ['net', '10.1.2.3', 'its ADD was cut off', 'reclaim'],
    ],
  );
  t.is(JSON.parse((await ipam(folder, 'check', '--json')).out).length, 3);
  t.true(existsSync(join(folder.path, '10.1.2.9')));
});

test('cli ipam: reclaim says first what it would do, then does exactly that, and check is content', async (t) => {
  const folder = leaseFolder(t);
  damaged(folder);
  const dry = await ipam(folder, 'reclaim', '--dry-run');
  t.is(
    dry.out,
    'net: would free 10.1.2.2 of old eth0\nnet: would free 10.1.2.3 of cut eth0\nnet: would remove 10.1.2.9, an empty file\n',
  );
  t.is(Object.keys(folder.leases()).length, 4);
  const done = await ipam(folder, 'reclaim', '--json');
  t.like(JSON.parse(done.out)[0], {
    network: 'net',
    dryRun: false,
    freed: [{ address: '10.1.2.2' }, { address: '10.1.2.3' }],
    healed: ['10.1.2.9'],
  });
  t.deepEqual(folder.leases(), { '10.1.2.4': 'fine\r\neth0' });
  t.deepEqual(await ipam(folder, 'check'), { code: 0, out: '', notes: '' });
  t.is((await ipam(folder, 'check', '--json')).out, '[]\n');
});

test('cli ipam: release by address or by owner, after a dry run, and fails where there is no lease', async (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/24'], ['2001:db8::/64']]);
  for (const id of ['a', 'b']) folder.ipam().add(eth0(id));
  const dry = await ipam(folder, 'release', '10.1.2.2', '2001:db8::2', '--dry-run');
  t.is(dry.out, 'net: would free 10.1.2.2 of a eth0\nnet: would free 2001:db8::2 of a eth0\n');
  t.is(Object.keys(folder.leases()).length, 4);
  t.is((await ipam(folder, 'release', '10.1.2.2')).out, 'net: freed 10.1.2.2 of a eth0\n');
  const owner = ['--container', 'b', '--ifname', 'eth0'];
  t.is((await ipam(folder, 'release', ...owner)).code, 0);
  t.deepEqual(folder.leases(), { '2001:db8::2': 'a\r\neth0' });
  t.like(await ipam(folder, 'release', '10.1.2.2'), {
    code: 1,
    out: '',
    notes: 'net: there is no lease of 10.1.2.2\n',
  });
  t.like(await ipam(folder, 'release', ...owner), {
    code: 1,
    notes: 'net: there is no lease held by b eth0\n',
  });
});

test('cli ipam: of several networks release wants to know which, the others take all', async (t) => {
  const folder = leaseFolder(t);
  folder.ipam().add(eth0('a'));
  folder.ipam({}, { name: 'other' }).add(eth0('a'));
  t.is(JSON.parse((await ipam(folder, 'list', '--json')).out).length, 2);
  t.like(await ipam(folder, 'release', '10.1.2.2'), {
    code: 2,
    notes: 'netlink-ts: --network must be one of net, other\nTry netlink-ts ipam --help.\n',
  });
  t.is((await ipam(folder, 'release', '10.1.2.2', '--network', 'other')).code, 0);
  t.deepEqual(folder.leases(), { '10.1.2.2': 'a\r\neth0' });
});

test('cli ipam: words that mean nothing, and directories that are not there', async (t) => {
  const folder = leaseFolder(t);
  mkdirSync(folder.path);
  for (const args of [
    [],
    ['steal'],
    ['constructor'],
    ['list', '10.1.2.2'],
    ['check', '--container', 'a', '--ifname', 'eth0'],
    ['list', '--dry-run'],
    ['release'],
    ['release', '--container', 'a'],
    ['release', '10.1.2.2', '--container', 'a', '--ifname', 'eth0'],
  ]) {
    const { code, out, notes } = await ipam(folder, ...args);
    t.deepEqual([code, out], [2, ''], args.join(' '));
    t.regex(notes, /^netlink-ts: .*\nTry netlink-ts ipam --help\.\n$/);
  }
  for (const name of ['nowhere', '../net', '.netlink-ts']) {
    const { code, notes } = await ipam(folder, 'reclaim', '--network', name);
    t.deepEqual(
      [code, notes],
      [1, `netlink-ts: there is no network "${name}" in ${folder.dataDir}\n`],
    );
  }
  const gone = { ...folder, dataDir: `${folder.dataDir}/gone` };
  t.like(await ipam(gone, 'list'), {
    code: 1,
    notes: `netlink-ts: open ${gone.dataDir}: no such file or directory\n`,
  });
});
