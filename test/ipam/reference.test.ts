import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { hostLocal, staticIpam } from '../../src/ipam/index.ts';
import { addressesOf, eth0, leaseFolder } from './lease-folder.ts';
import { hasReference, REFERENCE, referencePlugin } from '../../scripts/reference.ts';

/** Compared with the reference's own binary; skipped where it was not built. */
const compared = hasReference() ? test : test.skip;

const dual = [['10.1.2.0/24'], ['2001:db8::/64']];

compared('reference: leases that it made are continued, checked and freed by ours', (t) => {
  const folder = leaseFolder(t, dual);
  t.deepEqual(folder.reference('ADD', 'a').ips, ['10.1.2.2/24', '2001:db8::2/64']);
  t.deepEqual(folder.reference('ADD', 'b').ips, ['10.1.2.3/24', '2001:db8::3/64']);
  const ipam = folder.ipam();
  t.notThrows(() => ipam.check(eth0('a')));
  t.throws(() => ipam.add(eth0('a')), { message: /duplicate allocation/ });
  t.deepEqual(addressesOf(ipam.add(eth0('c')).result), ['10.1.2.4/24', '2001:db8::4/64']);
  ipam.del(eth0('a'));
  t.deepEqual(folder.leases(), {
    '10.1.2.3': 'b\r\neth0',
    '10.1.2.4': 'c\r\neth0',
    '2001:db8::3': 'b\r\neth0',
    '2001:db8::4': 'c\r\neth0',
  });
});

compared('reference: leases that ours made are continued, checked and freed by it', (t) => {
  const folder = leaseFolder(t, dual);
  const ipam = folder.ipam();
  ipam.add(eth0('a'));
  ipam.add(eth0('b'));
  t.is(folder.reference('CHECK', 'a').status, 0);
  t.is(folder.reference('CHECK', 'nobody').status, 1);
  t.regex(folder.reference('ADD', 'a').output, /duplicate allocation is not allowed/);
  t.deepEqual(folder.reference('ADD', 'c').ips, ['10.1.2.4/24', '2001:db8::4/64']);
  t.is(folder.reference('DEL', 'a').status, 0);
  t.throws(() => ipam.check(eth0('a')));
  t.deepEqual(addressesOf(ipam.add(eth0('d')).result), ['10.1.2.5/24', '2001:db8::5/64']);
});

compared('reference: the same calls leave the same files, byte for byte', (t) => {
  const [first, second] = [leaseFolder(t, dual), leaseFolder(t, dual)];
  for (const id of ['a', 'b', 'c']) {
    first.ipam().add(eth0(id));
    second.reference('ADD', id);
  }
  first.ipam().del(eth0('b'));
  second.reference('DEL', 'b');
  t.deepEqual(first.leases(), second.leases());
  for (const mark of ['last_reserved_ip.0', 'last_reserved_ip.1', 'lock']) {
    t.is(first.read(mark), second.read(mark));
  }
});

/**
 * This reference prints shape 1.0.0 with `dns` always; later ones, and ours, leave it out when it
 * is empty.
 */
function answerOf(output: string): object {
  const { dns, ...rest } = JSON.parse(output) as { dns?: object };
  return dns && Object.keys(dns).length > 0 ? { ...rest, dns } : rest;
}

const configurations: Record<string, object> = {
  'no ranges': { ranges: [] },
  'an empty set': { ranges: [[]] },
  'a bad CIDR': { ranges: [[{ subnet: 'bad' }]] },
  'no subnet': { ranges: [[{ rangeStart: '10.0.0.1' }]] },
  'host bits': { ranges: [[{ subnet: '10.0.0.5/24' }]] },
  'IPv4-mapped': { ranges: [[{ subnet: '::ffff:10.0.0.0/120' }]] },
  'leading zeros': { ranges: [[{ subnet: '010.1.2.0/24' }]] },
  'leading zeros in the length': { ranges: [[{ subnet: '10.1.2.0/024' }]] },
  'a start outside': { ranges: [[{ subnet: '10.0.0.0/24', rangeStart: '10.0.1.1' }]] },
  'a gateway before a start outside': {
    ranges: [[{ subnet: '10.0.0.0/24', gateway: '192.168.1.1', rangeStart: '11.0.0.1' }]],
  },
  'a gateway of the other family': { subnet: '10.0.0.0/24', gateway: '2001:db8::1', ranges: [] },
  'a link-local gateway': { subnet: '2001:db8::/64', gateway: 'fe80::1', ranges: [] },
  'the network address as gateway': { subnet: '10.0.0.0/24', gateway: '10.0.0.0', ranges: [] },
  'the broadcast address as gateway': { subnet: '10.0.0.0/24', gateway: '10.0.0.255', ranges: [] },
  'a mapped gateway': { subnet: '10.0.0.0/24', gateway: '::ffff:10.0.0.9', ranges: [] },
  'an empty gateway': { subnet: '10.0.0.0/24', gateway: '', ranges: [] },
  'host bits before the gateway': { subnet: '10.0.0.1/24', gateway: '192.168.1.1', ranges: [] },
  'the broadcast address as start': {
    subnet: '192.0.2.0/24',
    rangeStart: '192.0.2.255',
    ranges: [],
  },
  'the broadcast address as start and end': {
    ranges: [[{ subnet: '192.0.2.0/24', rangeStart: '192.0.2.255', rangeEnd: '192.0.2.255' }]],
  },
  'the last address there is': {
    ranges: [
      [{ subnet: '255.255.255.252/30', rangeStart: '255.255.255.255', gateway: '255.255.255.255' }],
    ],
  },
  'the network address as end': { subnet: '192.0.2.0/24', rangeEnd: '192.0.2.0', ranges: [] },
  'a start of the other family': { subnet: '10.0.0.0/24', rangeStart: '2001:db8::1', ranges: [] },
  'IPv6 that looks like IPv4': { subnet: '::100:0/104', ranges: [] },
  'IPv6 past 32 bits': {
    ranges: [[{ subnet: '::/64', rangeStart: '::ffff:ffff', gateway: '::ffff:ffff' }]],
  },
  'an end outside': { ranges: [[{ subnet: '10.0.0.0/24', rangeEnd: '10.0.1.1' }]] },
  'a gateway elsewhere': { ranges: [[{ subnet: '10.0.0.0/24', gateway: '192.168.0.1' }]] },
  'a bad gateway': { ranges: [[{ subnet: '10.0.0.0/24', gateway: 'x' }]] },
  'mixed families': { ranges: [[{ subnet: '10.0.0.0/24' }, { subnet: '2001:db8::/64' }]] },
  'overlap in a set': { ranges: [[{ subnet: '10.0.0.0/24' }, { subnet: '10.0.0.0/25' }]] },
  'overlap of sets': { ranges: [[{ subnet: '10.0.0.0/24' }], [{ subnet: '10.0.0.0/25' }]] },
  'split ranges': {
    ranges: [
      [
        { subnet: '10.0.0.0/24', rangeEnd: '10.0.0.9' },
        { subnet: '10.0.0.0/24', rangeStart: '10.0.0.10' },
      ],
    ],
  },
  'explicit network address': { ranges: [[{ subnet: '10.0.0.0/24', rangeStart: '10.0.0.0' }]] },
  'two ranges': { ranges: [[{ subnet: '10.0.0.0/30' }, { subnet: '10.0.1.0/30' }]] },
  'a legacy range': {
    ranges: [],
    subnet: '10.3.0.0/24',
    rangeStart: '10.3.0.9',
    gateway: '10.3.0.77',
  },
  'a legacy range before sets': { ranges: [[{ subnet: '10.4.0.0/24' }]], subnet: '10.3.0.0/24' },
  'routes and no gateway': { routes: [{ dst: '10.9.0.7/16', gw: '10.1.2.9' }, { dst: '::/0' }] },
  'a bad route': { routes: [{ dst: 'x' }] },
  'a missing resolvConf': { resolvConf: '/nonexistent/resolv.conf' },
};

for (const [title, more] of Object.entries(configurations)) {
  compared(`reference: the same answer for ${title}`, (t) => {
    const [first, second] = [leaseFolder(t), leaseFolder(t)];
    const answer = second.reference('ADD', 'a', { ...more });
    let ours: object;
    try {
      ours = { cniVersion: '1.0.0', ...first.ipam({ ...more }).add(eth0('a')).result };
    } catch (error) {
      ours = { code: 999, msg: (error as Error).message };
    }
    t.deepEqual(ours, answerOf(answer.output));
  });
}

const requests: Record<string, { cniArgs: string; pairs: Record<string, string> }> = {
  'a free address': { cniArgs: 'IP=10.1.2.9', pairs: { IP: '10.1.2.9' } },
  'an address with length': { cniArgs: 'IP=10.1.2.9/8', pairs: { IP: '10.1.2.9/8' } },
  'the gateway': { cniArgs: 'IP=10.1.2.1', pairs: { IP: '10.1.2.1' } },
  'a taken address': { cniArgs: 'IP=10.1.2.2', pairs: { IP: '10.1.2.2' } },
  'an address outside': { cniArgs: 'IP=10.9.9.9', pairs: { IP: '10.9.9.9' } },
};

for (const [title, { cniArgs, pairs }] of Object.entries(requests)) {
  compared(`reference: the same answer when ${title} is requested`, (t) => {
    const [first, second] = [leaseFolder(t), leaseFolder(t)];
    first.ipam().add(eth0('before'));
    second.reference('ADD', 'before');
    const answer = second.reference('ADD', 'a', { cniArgs });
    let ours: object;
    try {
      ours = { cniVersion: '1.0.0', ...first.ipam({}, { cniArgs: pairs }).add(eth0('a')).result };
    } catch (error) {
      ours = { code: 999, msg: (error as Error).message };
    }
    t.deepEqual(ours, answerOf(answer.output));
    t.deepEqual(first.leases(), second.leases());
  });
}

compared('reference: resolv.conf gives the same DNS', (t) => {
  const folder = leaseFolder(t);
  const resolvConf = join(folder.dataDir, 'resolv.conf');
  const text =
    ' nameserver 192.0.2.1 # no comment\n;x\n#y\nnameserver\nnameserver 192.0.2.2 3\ndomain a\ndomain b c\nsearch d e\nsearch f\noptions g\n\toptions h i\n';
  writeFileSync(resolvConf, text);
  const answer = folder.reference('ADD', 'a', { resolvConf });
  const { dns } = folder.ipam({ resolvConf }).add(eth0('b')).result;
  t.deepEqual({ ...dns }, (JSON.parse(answer.output) as { dns: object }).dns);
});

const staticConfigurations: Record<string, object> = {
  'two addresses': {
    ipam: {
      addresses: [{ address: '10.0.0.5/24', gateway: '10.0.0.1' }, { address: '2001:db8::5/64' }],
      routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }],
      dns: { nameservers: ['192.0.2.1'], domain: 'x', search: ['y'], options: ['z'] },
    },
  },
  'no address': { ipam: {} },
  'no ipam': {},
  'not CIDR': { ipam: { addresses: [{ address: '10.0.0.5' }] } },
  args: { ipam: {}, args: { cni: { ips: ['10.0.0.6/24'] } } },
  'bad args': { ipam: {}, args: { cni: { ips: ['10.0.0.6'] } } },
  'runtimeConfig over args': {
    ipam: { addresses: [{ address: '10.0.0.5/24' }] },
    args: { cni: { ips: ['10.0.0.6/24'] } },
    runtimeConfig: { ips: ['10.0.0.7/24'] },
  },
};

for (const [title, config] of Object.entries(staticConfigurations)) {
  compared(`reference: static gives the same answer for ${title}`, (t) => {
    const network = { name: 'net', cniVersion: '1.0.0', ...config };
    const env = {
      CNI_COMMAND: 'ADD',
      CNI_CONTAINERID: 'a',
      CNI_NETNS: '/x',
      CNI_IFNAME: 'eth0',
      CNI_PATH: REFERENCE,
    };
    const answer = spawnSync(referencePlugin('static'), {
      env,
      input: JSON.stringify(network),
      encoding: 'utf8',
    });
    let ours: Record<string, unknown>;
    try {
      const { ips, ...rest } = staticIpam(network).add();
      ours = { cniVersion: '1.0.0', ...(ips.length > 0 ? { ips } : {}), ...rest };
    } catch (error) {
      ours = { code: 999, msg: (error as Error).message };
    }
    t.deepEqual(ours, answerOf(answer.stdout));
  });
}

compared('reference: an interrupted file of its own is healed by ours', (t) => {
  const folder = leaseFolder(t);
  folder.reference('ADD', 'a');
  writeFileSync(join(folder.path, '10.1.2.3'), '');
  t.deepEqual(folder.reference('ADD', 'b').ips, ['10.1.2.4/24']);
  const ipam = hostLocal({ name: 'net', ipam: { dataDir: folder.dataDir, subnet: '10.1.2.0/24' } });
  ipam.check(eth0('a'));
  t.deepEqual(Object.keys(folder.leases()).sort(), ['10.1.2.2', '10.1.2.4']);
});

/**
 * What GC may be told, and whether each of the leases stays; the first is of an old version, with
 * the bare id.
 */
const lists: Record<string, unknown> = {
  'one interface': [{ containerID: 'a', ifname: 'eth0' }],
  'another interface': [{ containerID: 'a', ifname: 'eth1' }],
  'the id of an old lease': [{ containerID: 'old', ifname: 'any0' }],
  'blanks around the id': [{ containerID: ' a ', ifname: 'eth0' }],
  'keys in another case': [{ containerid: 'a', ifName: 'eth0' }],
  nothing: [],
  null: null,
};

for (const [title, valid] of Object.entries(lists)) {
  compared(`reference: GC frees the same leases, told ${title}`, (t) => {
    const folders = [leaseFolder(t), leaseFolder(t)] as const;
    for (const { path } of folders) {
      mkdirSync(path);
      const leases = { '10.1.2.2': 'old', '10.1.2.3': 'a\r\neth0', '2001:db8::4': 'a\r\neth1' };
      for (const [name, text] of Object.entries(leases)) writeFileSync(join(path, name), text);
      writeFileSync(join(path, '10.1.2.9'), '');
      writeFileSync(join(path, 'last_reserved_ip.0'), '10.1.2.9');
      symlinkSync('/nowhere', join(path, '10.1.2.10'));
    }
    folders[0].ipam().gc(valid === null ? [] : valid, Date.now() + 1000);
    const { dataDir } = folders[1];
    const ipam = { type: 'host-local', dataDir, subnet: '10.1.2.0/24' };
    const config = { name: 'net', cniVersion: '1.1.0', ipam, 'cni.dev/valid-attachments': valid };
    const { status, stdout } = spawnSync(referencePlugin('host-local'), {
      env: { CNI_COMMAND: 'GC', CNI_PATH: REFERENCE },
      input: JSON.stringify(config),
      encoding: 'utf8',
    });
    t.is(status, 0, stdout);
    const [ours, theirs] = folders.map(({ path }) => readdirSync(path).sort());
    t.deepEqual(ours, theirs);
  });
}

compared(
  'reference: DEL of a configuration with a wrong gateway frees with ours, not with it',
  (t) => {
    const folder = leaseFolder(t);
    folder.ipam().add(eth0('a'));
    const wrong = { ranges: [[{ subnet: '10.1.2.0/24', gateway: '192.168.1.1' }]] };
    t.regex(folder.reference('DEL', 'a', wrong).output, /gateway 192\.168\.1\.1 not in network/);
    folder.ipam(wrong).check(eth0('a'));
    folder.ipam(wrong).del(eth0('a'));
    t.deepEqual(folder.leases(), {});
  },
);
