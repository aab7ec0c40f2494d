import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { IpamError, networks } from '../../src/ipam/index.ts';
import { PATIENCE } from '../harness/eventually.ts';
import { addressesOf, eth0, leaseFolder, type LeaseFolder } from './lease-folder.ts';

const DRIVER = join(import.meta.dirname, 'faults/driver.ts');

const message = (body: () => unknown): string => {
  try {
    body();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was refused';
};

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test('host-local: two sets, routes and DNS; files hold owner and last address; DEL removes them', (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/24', '10.2.2.0/24'], ['2001:db8:1::/64']]);
  const resolvConf = join(folder.dataDir, 'resolv.conf');
  writeFileSync(resolvConf, 'nameserver 192.0.2.3\n');
  const routes = [
    { dst: '0.0.0.0/0' },
    { dst: '::/0' },
    { dst: '192.168.0.0/16', gw: '1.1.1.1' },
    { dst: '2001:db8:2::/64', gw: '2001:db8:3::1' },
  ];
  const ipam = folder.ipam({ routes, resolvConf });
  const { result } = ipam.add({ containerId: 'dummy', ifname: 'eth0' });
  t.deepEqual(result, {
    ips: [
      { address: '10.1.2.2/24', gateway: '10.1.2.1' },
      { address: '2001:db8:1::2/64', gateway: '2001:db8:1::1' },
    ],
    routes,
    dns: { nameservers: ['192.0.2.3'] },
  });
  t.deepEqual(folder.leases(), {
    '10.1.2.2': 'dummy\r\neth0',
    '2001:db8:1::2': 'dummy\r\neth0',
  });
  t.is(folder.read('last_reserved_ip.0'), '10.1.2.2');
  t.is(folder.read('last_reserved_ip.1'), '2001:db8:1::2');
  t.is(folder.read('lock'), '');
  ipam.del(eth0('dummy'));
  t.deepEqual(folder.leases(), {});
  t.is(folder.read('last_reserved_ip.0'), '10.1.2.2');
  t.deepEqual(folder.reports, []);
});

test('host-local: files are 0600 and directories 0700', (t) => {
  const folder = leaseFolder(t);
  folder.ipam({ dataDir: `${folder.dataDir}/deep/er` }).add(eth0('a'));
  const path = `${folder.dataDir}/deep/er`;
  t.is(mode(path), '700');
  t.is(mode(`${path}/net`), '700');
  for (const name of readdirSync(`${path}/net`)) t.is(mode(`${path}/net/${name}`), '600', name);
  const state = `${path}/.netlink-ts/net`;
  t.is(mode(state), '700');
  for (const name of readdirSync(state)) t.is(mode(`${state}/${name}`), '600', name);
});

test('host-local: the network directory holds nothing but what the reference knows', (t) => {
  const folder = leaseFolder(t);
  folder.ipam().add(eth0('a'));
  t.deepEqual(readdirSync(folder.path).sort(), ['10.1.2.2', 'last_reserved_ip.0', 'lock']);
});

test('host-local: one id with two interfaces has two leases, and DEL of one leaves the other', (t) => {
  const folder = leaseFolder(t);
  const ipam = folder.ipam();
  ipam.add({ containerId: 'dummy', ifname: 'eth0' });
  ipam.add({ containerId: 'dummy', ifname: 'eth1' });
  t.deepEqual(folder.leases(), { '10.1.2.2': 'dummy\r\neth0', '10.1.2.3': 'dummy\r\neth1' });
  ipam.del({ containerId: 'dummy', ifname: 'eth0' });
  t.deepEqual(folder.leases(), { '10.1.2.3': 'dummy\r\neth1' });
});

test('host-local: a repeated ADD is refused, before and after another container came', (t) => {
  const folder = leaseFolder(t);
  const ipam = folder.ipam();
  const duplicate =
    'failed to allocate for range 0: 10.1.2.2 has been allocated to a, duplicate allocation is not allowed';
  ipam.add(eth0('a'));
  t.is(
    message(() => ipam.add(eth0('a'))),
    duplicate,
  );
  t.deepEqual(addressesOf(ipam.add(eth0('b')).result), ['10.1.2.3/24']);
  t.is(
    message(() => ipam.add(eth0('a'))),
    duplicate,
  );
  t.deepEqual(folder.leases(), { '10.1.2.2': 'a\r\neth0', '10.1.2.3': 'b\r\neth0' });
  ipam.del(eth0('a'));
  t.deepEqual(addressesOf(ipam.add(eth0('a')).result), ['10.1.2.4/24']);
});

test('host-local: a file of an old version, with the bare id, is found by CHECK and freed by DEL', (t) => {
  const folder = leaseFolder(t);
  mkdirSync(folder.path);
  writeFileSync(join(folder.path, '10.1.2.9'), 'old');
  const ipam = folder.ipam();
  t.notThrows(() => ipam.check(eth0('old')));
  t.regex(
    message(() => ipam.add(eth0('old'))),
    /10\.1\.2\.9 has been allocated to old/,
  );
  ipam.del(eth0('old'));
  t.deepEqual(folder.leases(), {});
});

test('host-local: DEL of the exact owner leaves a bare-id file of the same container', (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/24'], ['10.3.0.0/24']]);
  mkdirSync(folder.path);
  writeFileSync(join(folder.path, '10.9.9.9'), 'id');
  const ipam = folder.ipam();
  ipam.add(eth0('id'));
  ipam.del(eth0('id'));
  t.deepEqual(folder.leases(), { '10.9.9.9': 'id' });
});

test('host-local: DEL of the unknown is success and makes nothing', (t) => {
  const folder = leaseFolder(t);
  folder.ipam().del(eth0('nobody'));
  t.false(existsSync(folder.path));
  folder.ipam().add(eth0('a'));
  folder.ipam().del(eth0('nobody'));
  folder.ipam({ ranges: 'nonsense' }).del(eth0('a'));
  t.deepEqual(folder.leases(), {});
});

test('host-local: an id is trimmed when stored and when freed', (t) => {
  const folder = leaseFolder(t);
  folder.ipam().add(eth0('  dummy \n '));
  t.deepEqual(folder.leases(), { '10.1.2.2': 'dummy\r\neth0' });
  folder.ipam().del(eth0('  dummy \n '));
  t.deepEqual(folder.leases(), {});
});

test('host-local: CHECK needs a lease of the owner', (t) => {
  const folder = leaseFolder(t);
  const ipam = folder.ipam();
  const text = 'host-local: Failed to find address added by container a';
  t.is(
    message(() => ipam.check(eth0('a'))),
    text,
  );
  ipam.add(eth0('a'));
  t.notThrows(() => ipam.check(eth0('a')));
  t.is(
    message(() => ipam.check({ containerId: 'a', ifname: 'eth1' })),
    text,
  );
});

test('host-local: requested addresses, one for each set', (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/24', '10.1.3.0/24'], ['2001:db8:1::/24']]);
  const sets = {
    ranges: [
      [{ subnet: '10.1.2.0/24' }, { subnet: '10.1.3.0/24' }],
      [{ subnet: '2001:db8:1::/48' }],
    ],
  };
  const ipam = folder.ipam(sets, { args: { cni: { ips: ['10.1.3.88', '2001:db8:1::99'] } } });
  const { result } = ipam.add(eth0('a'));
  t.deepEqual(addressesOf(result), ['10.1.3.88/24', '2001:db8:1::99/48']);
});

test('host-local: two requested addresses of one set are refused, and nothing is left', (t) => {
  const folder = leaseFolder(t);
  const ipam = folder.ipam({}, { args: { cni: { ips: ['10.1.2.88', '10.1.2.77'] } } });
  t.regex(
    message(() => ipam.add(eth0('a'))),
    /^failed to allocate all requested IPs: 10\.1\.2\./,
  );
  t.deepEqual(folder.leases(), {});
});

test('host-local: a requested address that is held names its owner', (t) => {
  const folder = leaseFolder(t);
  folder.ipam().add(eth0('a'));
  const ipam = folder.ipam({}, { cniArgs: { IP: '10.1.2.2' } });
  const error = t.throws(() => ipam.add(eth0('b')), { instanceOf: IpamError })!;
  t.is(
    error.message,
    'failed to allocate for range 0: requested IP address 10.1.2.2 is not available in range set 10.1.2.1-10.1.2.254',
  );
  t.is(error.owner, 'a eth0');
  t.is(error.details, '10.1.2.2 is held by a eth0');
});

test('host-local: an ADD that fails in its second set leaves no lease and no mark', (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/24'], ['10.3.0.0/30']]);
  const ipam = folder.ipam();
  ipam.add(eth0('a'));
  const error = t.throws(() => ipam.add(eth0('b')), { instanceOf: IpamError })!;
  t.is(error.code, 'exhausted');
  t.is(error.rangeSet, 1);
  t.is(
    error.message,
    'failed to allocate for range 1: no IP addresses available in range set: 10.3.0.1-10.3.0.2',
  );
  t.deepEqual(Object.values(folder.leases()), ['a\r\neth0', 'a\r\neth0']);
  t.is(folder.read('last_reserved_ip.0'), '10.1.2.2');
});

test('host-local: release frees exactly what this ADD took, once', (t) => {
  const folder = leaseFolder(t);
  const ipam = folder.ipam();
  const first = ipam.add(eth0('a'));
  first.release();
  t.deepEqual(folder.leases(), {});
  folder.ipam({}, { cniArgs: { IP: '10.1.2.2' } }).add(eth0('b'));
  first.release();
  t.deepEqual(folder.leases(), { '10.1.2.2': 'b\r\neth0' });
});

test('host-local: an ADD cut off before commit gets the same address again, a complete one does not', (t) => {
  const folder = leaseFolder(t, [['10.1.2.0/24'], ['2001:db8::/64']]);
  const ipam = folder.ipam();
  const lease = ipam.add(eth0('a'), { pending: true });
  // The process that made it, this one, is alive.
  t.regex(
    message(() => ipam.add(eth0('a'))),
    /duplicate allocation is not allowed/,
  );
  lease.commit();
  t.regex(
    message(() => ipam.add(eth0('a'))),
    /duplicate allocation is not allowed/,
  );
});

test('host-local: an empty lease file is healed and its address used', (t) => {
  const folder = leaseFolder(t);
  mkdirSync(folder.path);
  writeFileSync(join(folder.path, '10.1.2.2'), '');
  writeFileSync(join(folder.path, '10.1.2.3'), '\0\0\0\0\0\0\0\0');
  t.deepEqual(addressesOf(folder.ipam().add(eth0('a')).result), ['10.1.2.2/24']);
  t.deepEqual(folder.leases(), { '10.1.2.2': 'a\r\neth0' });
  t.is(folder.reports.length, 2);
});

test('host-local: a last-reserved mark is written over, and replaced where the old text is longer', (t) => {
  const folder = leaseFolder(t);
  const mark = join(folder.path, 'last_reserved_ip.0');
  const ipam = folder.ipam();
  ipam.add(eth0('a'));
  const first = statSync(mark).ino;
  ipam.add(eth0('b'));
  t.is(folder.read('last_reserved_ip.0'), '10.1.2.3');
  t.is(statSync(mark).ino, first);
  // Cut off after each byte it would be another address.
  writeFileSync(mark, '10.1.2.254');
  ipam.add(eth0('c'));
  t.is(folder.read('last_reserved_ip.0'), '10.1.2.4');
  t.not(statSync(mark).ino, first);
});

test('host-local: a last-reserved mark that is no address counts for nothing', (t) => {
  const folder = leaseFolder(t);
  const ipam = folder.ipam();
  ipam.add(eth0('a'));
  for (const text of ['', '10.1.2.9\n', '10.9.9.9', 'x']) {
    writeFileSync(join(folder.path, 'last_reserved_ip.0'), text);
    t.deepEqual(addressesOf(ipam.add(eth0('b')).result), ['10.1.2.3/24'], JSON.stringify(text));
    ipam.del(eth0('b'));
  }
});

const escape = test.macro<[Record<string, unknown>, { containerId: string; ifname: string }]>({
  exec(t, network: Record<string, unknown>, owner: { containerId: string; ifname: string }) {
    const folder = leaseFolder(t);
    const error = t.throws(() => folder.ipam({}, network).add(owner), { instanceOf: IpamError })!;
    t.is(error.code, 'config');
    t.throws(() => folder.ipam({}, network).del(owner));
    t.throws(() => folder.ipam({}, network).check(owner));
    t.deepEqual(readdirSync(folder.dataDir), []);
  },
  title: (_, network, owner) =>
    `host-local: refused before a file is touched: ${JSON.stringify({ ...network, ...owner })}`,
});

test(escape, { name: '..' }, eth0('a'));
test(escape, { name: '../up' }, eth0('a'));
test(escape, { name: '.netlink-ts' }, eth0('a'));
test(escape, { name: 'a/b' }, eth0('a'));
test(escape, { name: 'a\0b' }, eth0('a'));
test(escape, {}, eth0('../a'));
test(escape, {}, eth0('..'));
test(escape, {}, eth0('a\0b'));
test(escape, {}, eth0('a\r\nb'));
test(escape, {}, eth0(' '));
test(escape, {}, { containerId: 'a', ifname: '../eth' });
test(escape, {}, { containerId: 'a', ifname: '..' });
test(escape, {}, { containerId: 'a', ifname: 'e\0' });
test(escape, {}, { containerId: 'a', ifname: '' });
test(escape, {}, { containerId: 'a', ifname: 'sixteen-bytes-xx' });

/** The directory of the network moved somewhere else, with a link in its place. */
function linked(folder: LeaseFolder): string {
  const elsewhere = join(folder.dataDir, '../elsewhere');
  mkdirSync(elsewhere);
  symlinkSync(elsewhere, folder.path);
  return elsewhere;
}

/** A folder inside one that goes with the test, so that there is room beside it. */
function nested(t: ExecutionContext): LeaseFolder {
  const folder = leaseFolder(t);
  const dataDir = join(folder.dataDir, 'networks');
  mkdirSync(dataDir, { mode: 0o755 });
  const path = join(dataDir, 'net');
  return {
    ...folder,
    dataDir,
    path,
    ipam: () => folder.ipam({ dataDir }),
    leases: () => {
      const names = readdirSync(path).filter((name) => /^[0-9.]+$/.test(name));
      return Object.fromEntries(
        names.map((name) => [name, readFileSync(join(path, name), 'utf8')]),
      );
    },
  };
}

test('host-local: a network directory that is a symbolic link of the owner is followed by all commands', (t) => {
  const folder = nested(t);
  const elsewhere = linked(folder);
  const ipam = folder.ipam();
  for (const id of ['a', 'b', 'c']) ipam.add(eth0(id));
  t.deepEqual(readdirSync(elsewhere).sort().slice(0, 3), ['10.1.2.2', '10.1.2.3', '10.1.2.4']);
  t.deepEqual(networks(folder.dataDir), ['net']);
  ipam.check(eth0('a'));
  ipam.del(eth0('a'));
  ipam.gc([{ containerID: 'b', ifname: 'eth0' }], Date.now() + 1000);
  t.deepEqual(folder.leases(), { '10.1.2.3': 'b\r\neth0' });
});

test('host-local: a link that somebody else may have made is refused; DEL says so and has nothing to free', (t) => {
  const folder = nested(t);
  chmodSync(folder.dataDir, 0o777);
  const elsewhere = linked(folder);
  writeFileSync(join(elsewhere, '10.1.2.2'), 'a\r\neth0');
  const ipam = folder.ipam();
  const error = t.throws(() => ipam.add(eth0('a')), { instanceOf: IpamError })!;
  t.is(error.code, 'store');
  t.regex(error.details!, /a symbolic link is followed only/);
  t.throws(() => ipam.check(eth0('a')), { code: 'store' });
  ipam.del(eth0('a'));
  t.regex(folder.reports.at(-1)!, /^nothing to free: open .*: too many levels of symbolic links/);
  t.deepEqual(readdirSync(elsewhere), ['10.1.2.2']);
  t.deepEqual(networks(folder.dataDir), []);
});

test('host-local: a link that leads nowhere counts as no directory, except for ADD', (t) => {
  const folder = nested(t);
  symlinkSync('/nowhere', folder.path);
  folder.ipam().del(eth0('a'));
  t.throws(() => folder.ipam().add(eth0('a')), { code: 'store' });
});

test('host-local: symbolic links inside the network directory are not followed', (t) => {
  const folder = leaseFolder(t);
  mkdirSync(folder.path);
  const victim = join(folder.dataDir, 'victim');
  writeFileSync(victim, 'a\r\neth0');
  symlinkSync(victim, join(folder.path, '10.1.2.2'));
  symlinkSync(victim, join(folder.path, 'last_reserved_ip.0'));
  const ipam = folder.ipam();
  // A name that is taken by something strange is not free, and nobody's.
  t.deepEqual(addressesOf(ipam.add(eth0('a')).result), ['10.1.2.3/24']);
  t.is(folder.read('last_reserved_ip.0'), '10.1.2.3');
  ipam.del(eth0('a'));
  ipam.gc([]);
  t.deepEqual(readdirSync(folder.path).sort(), ['10.1.2.2', 'last_reserved_ip.0', 'lock']);
  t.is(readdirSync(folder.dataDir).includes('victim'), true);
});

test('host-local: a lock that is a symbolic link is refused, wherever it leads', (t) => {
  const folder = leaseFolder(t);
  mkdirSync(folder.path);
  const lock = join(folder.path, 'lock');
  const target = join(folder.dataDir, 'target');
  symlinkSync(target, lock);
  t.throws(() => folder.ipam().add(eth0('a')), { instanceOf: IpamError, code: 'store' });
  t.false(existsSync(target));
  writeFileSync(target, '');
  t.throws(() => folder.ipam().add(eth0('a')), { instanceOf: IpamError, code: 'store' });
  t.deepEqual(readdirSync(folder.path), ['lock']);
});

test('host-local: a FIFO in the place of a lease is skipped, and nothing waits at it', (t) => {
  const folder = leaseFolder(t);
  mkdirSync(folder.path);
  t.is(spawnSync('mkfifo', [join(folder.path, '10.1.2.2')]).status, 0);
  const { status, stdout } = spawnSync(process.execPath, [DRIVER], {
    input: JSON.stringify({
      name: 'net',
      ipam: { dataDir: folder.dataDir, subnet: '10.1.2.0/24' },
    }),
    env: { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'a', CNI_IFNAME: 'eth0' },
    encoding: 'utf8',
    timeout: PATIENCE,
  });
  t.is(status, 0, 'it waits');
  t.regex(stdout, /10\.1\.2\.3/);
});

test('host-local: a state folder that is a symbolic link is not used, and leases work without it', (t) => {
  const folder = leaseFolder(t);
  const elsewhere = join(folder.dataDir, 'elsewhere');
  mkdirSync(elsewhere);
  symlinkSync(elsewhere, join(folder.dataDir, '.netlink-ts'));
  const ipam = folder.ipam();
  t.deepEqual(addressesOf(ipam.add(eth0('a')).result), ['10.1.2.2/24']);
  t.regex(
    message(() => ipam.add(eth0('a'))),
    /duplicate allocation/,
  );
  ipam.del(eth0('a'));
  t.deepEqual(readdirSync(elsewhere), []);
  t.deepEqual(folder.leases(), {});
});

test('host-local: without a state folder empty files are healed where they are in the way', (t) => {
  const folder = leaseFolder(t);
  writeFileSync(join(folder.dataDir, '.netlink-ts'), 'a file');
  mkdirSync(folder.path);
  writeFileSync(join(folder.path, '10.1.2.2'), '');
  t.deepEqual(addressesOf(folder.ipam().add(eth0('a')).result), ['10.1.2.2/24']);
  t.regex(folder.reports.join(), /removed .*\/10\.1\.2\.2: empty, left by a crash/);
});

test('host-local: a data directory that is a file is an error that names it', (t) => {
  const folder = leaseFolder(t);
  const file = join(folder.dataDir, 'file');
  writeFileSync(file, '');
  const error = t.throws(() => folder.ipam({ dataDir: file }).add(eth0('a')), {
    instanceOf: IpamError,
  })!;
  t.is(error.code, 'store');
  t.true(error.message.includes(file), error.message);
  chmodSync(file, 0o600);
});

test('host-local: /31, /32, /127 and /128 give their addresses', (t) => {
  const folder = leaseFolder(t, [
    ['10.1.0.0/31'],
    ['10.2.0.9/32'],
    ['2001:db8::/127'],
    ['2001:db8:1::9/128'],
  ]);
  t.deepEqual(folder.ipam().add(eth0('a')).result.ips, [
    { address: '10.1.0.1/31', gateway: '10.1.0.0' },
    { address: '10.2.0.9/32' },
    { address: '2001:db8::1/127', gateway: '2001:db8::' },
    { address: '2001:db8:1::9/128' },
  ]);
});

test('host-local: excluded addresses are passed over and cannot be requested', (t) => {
  const folder = leaseFolder(t);
  const ranges = [[{ subnet: '10.1.2.0/29', exclude: ['10.1.2.2', '10.1.2.4/31'] }]];
  t.deepEqual(addressesOf(folder.ipam({ ranges }).add(eth0('a')).result), ['10.1.2.3/29']);
  t.deepEqual(addressesOf(folder.ipam({ ranges }).add(eth0('b')).result), ['10.1.2.6/29']);
  const asking = folder.ipam({ ranges }, { cniArgs: { IP: '10.1.2.5' } });
  t.is(
    message(() => asking.add(eth0('c'))),
    'failed to allocate for range 0: requested ip 10.1.2.5 is excluded from the range',
  );
});

test('host-local: the same leases with durability async', (t) => {
  const folder = leaseFolder(t);
  const ipam = folder.ipam({ durability: 'async' });
  t.deepEqual(addressesOf(ipam.add(eth0('a')).result), ['10.1.2.2/24']);
  ipam.del(eth0('a'));
  t.deepEqual(folder.leases(), {});
});
