/**
 * What the reference's own tests of `host-local` assert, for every version of the specification;
 * then STATUS and GC, which are ours.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { SUPPORTED_VERSIONS } from '../../../src/cni/version.ts';
import { hostLocalPlugin } from '../../../src/plugins/host-local/commands.ts';
import { call, type Answer } from '../cni/call.ts';

interface Store {
  readonly directory: string;
  config(ipam: object, more?: object): object;
  /** The content of a file of the network `mynet`; undefined where there is none. */
  file(name: string, network?: string): string | undefined;
}

function store(t: ExecutionContext, cniVersion = '1.1.0'): Store {
  const directory = mkdtempSync(join(tmpdir(), 'host-local-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return {
    directory,
    config: (ipam, more = {}) => ({
      cniVersion,
      name: 'mynet',
      type: 'ipvlan',
      ipam: { type: 'host-local', dataDir: directory, ...ipam },
      ...more,
    }),
    file: (name, network = 'mynet') => {
      const path = join(directory, network, name);
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    },
  };
}

const add = (config: object, env: object = {}): Answer => call(hostLocalPlugin, 'ADD', config, env);
const del = (config: object, env: object = {}): Answer => call(hostLocalPlugin, 'DEL', config, env);

/** Addresses of a result of any version. */
function addresses({ json }: Answer): unknown[] {
  if ('ips' in json) return (json['ips'] as { address: string }[]).map(({ address }) => address);
  const blocks = [json['ip4'], json['ip6']].filter((block) => block !== undefined);
  return (blocks as { ip: string }[]).map(({ ip }) => ip);
}

const isOld = (version: string): boolean => version === '0.1.0' || version === '0.2.0';
const PER_FAMILY = (version: string) =>
  `CNI version ${version} does not support more than 1 address per family`;

for (const version of SUPPORTED_VERSIONS) {
  test(`host-local ${version}: two range sets, routes and resolv.conf; ADD makes the files and DEL removes the leases`, (t) => {
    const { directory, config, file } = store(t, version);
    const resolvConf = join(directory, 'resolv.conf');
    writeFileSync(resolvConf, 'nameserver 192.0.2.3');
    const conf = config({
      resolvConf,
      ranges: [
        [{ subnet: '10.1.2.0/24' }, { subnet: '10.2.2.0/24' }],
        [{ subnet: '2001:db8:1::0/64' }],
      ],
      routes: [
        { dst: '0.0.0.0/0' },
        { dst: '::/0' },
        { dst: '192.168.0.0/16', gw: '1.1.1.1' },
        { dst: '2001:db8:2::0/64', gw: '2001:db8:3::1' },
      ],
    });
    const answer = add(conf);
    t.is(answer.code, 0);
    t.notRegex(answer.stderr, /Error retrieving last reserved ip/);
    t.deepEqual(addresses(answer), ['10.1.2.2/24', '2001:db8:1::2/64']);
    t.is(answer.stdout.includes('"version":'), version.startsWith('0.3') || version === '0.4.0');
    t.deepEqual(answer.json['dns'], { nameservers: ['192.0.2.3'] });
    if (isOld(version)) {
      t.like(answer.json, {
        ip4: {
          gateway: '10.1.2.1',
          routes: [{ dst: '0.0.0.0/0' }, { dst: '192.168.0.0/16', gw: '1.1.1.1' }],
        },
        ip6: {
          gateway: '2001:db8:1::1',
          routes: [{ dst: '::/0' }, { dst: '2001:db8:2::/64', gw: '2001:db8:3::1' }],
        },
      });
    } else {
      t.deepEqual(answer.json['routes'], [
        { dst: '0.0.0.0/0' },
        { dst: '::/0' },
        { dst: '192.168.0.0/16', gw: '1.1.1.1' },
        { dst: '2001:db8:2::/64', gw: '2001:db8:3::1' },
      ]);
    }
    t.is(file('10.1.2.2'), 'dummy\r\neth0');
    t.is(file('2001:db8:1::2'), 'dummy\r\neth0');
    t.is(file('last_reserved_ip.0'), '10.1.2.2');
    t.is(file('last_reserved_ip.1'), '2001:db8:1::2');
    t.like(del(conf), { code: 0, stdout: '' });
    t.is(file('10.1.2.2'), undefined);
    t.is(file('2001:db8:1::2'), undefined);
  });

  test(`host-local ${version}: a requested address of args.cni.ips is given`, (t) => {
    const { config } = store(t, version);
    const args = { args: { cni: { ips: ['10.1.2.88'] } } };
    t.deepEqual(addresses(add(config({ ranges: [[{ subnet: '10.1.2.0/24' }]] }, args))), [
      '10.1.2.88/24',
    ]);
  });

  test(`host-local ${version}: several requested addresses go to the sets that contain them`, (t) => {
    const { config } = store(t, version);
    const args = { args: { cni: { ips: ['10.1.2.88', '10.1.3.77', '2001:db8:1::999'] } } };
    const ranges = [
      [{ subnet: '10.1.2.0/24' }],
      [{ subnet: '10.1.3.0/24' }],
      [{ subnet: '2001:db8:1::0/24' }],
    ];
    ranges[2] = [{ subnet: '2001:db8:1::0/48' }];
    const answer = add(config({ ranges }, args));
    if (isOld(version)) t.like(answer, { code: 1, json: { code: 7, msg: PER_FAMILY(version) } });
    else t.deepEqual(addresses(answer), ['10.1.2.88/24', '10.1.3.77/24', '2001:db8:1::999/48']);
  });

  test(`host-local ${version}: an address of the second subnet of a set may be requested`, (t) => {
    const { config } = store(t, version);
    const args = { args: { cni: { ips: ['10.1.3.88', '2001:db8:1::999'] } } };
    const ranges = [
      [{ subnet: '10.1.2.0/24' }, { subnet: '10.1.3.0/24' }],
      [{ subnet: '2001:db8:1::0/48' }],
    ];
    t.deepEqual(addresses(add(config({ ranges }, args))), ['10.1.3.88/24', '2001:db8:1::999/48']);
  });

  test(`host-local ${version}: two requested addresses of one set are too many`, (t) => {
    const { config } = store(t, version);
    const args = { args: { cni: { ips: ['10.1.2.77', '10.1.2.88'] } } };
    const { code, json } = add(
      config({ ranges: [[{ subnet: '10.1.2.0/24' }, { subnet: '10.1.3.0/24' }]] }, args),
    );
    t.is(code, 1);
    t.regex(String(json['msg']), /^failed to allocate all requested IPs: 10\.1\.2\./);
  });
}

const simple = { subnet: '10.1.2.0/24' };

test('host-local: two networks and two interfaces of one container are apart', (t) => {
  const { config, file } = store(t);
  const one = config(simple, { name: 'mynet0' });
  const two = config({ subnet: '10.2.2.0/24' }, { name: 'mynet1' });
  add(one, { CNI_IFNAME: 'eth0' });
  add(two, { CNI_IFNAME: 'eth1' });
  t.is(file('10.1.2.2', 'mynet0'), 'dummy\r\neth0');
  t.is(file('10.2.2.2', 'mynet1'), 'dummy\r\neth1');
  del(one, { CNI_IFNAME: 'eth0' });
  t.is(file('10.1.2.2', 'mynet0'), undefined);
  t.is(file('10.2.2.2', 'mynet1'), 'dummy\r\neth1');
});

test('host-local: a second ADD of the same container and interface is refused, and the first lease stays', (t) => {
  const { config, file } = store(t);
  const conf = config(simple);
  const again = {
    code: 1,
    json: {
      msg: 'failed to allocate for range 0: 10.1.2.2 has been allocated to dummy, duplicate allocation is not allowed',
    },
  };
  t.is(add(conf).code, 0);
  t.like(add(conf), again);
  t.deepEqual(addresses(add(conf, { CNI_CONTAINERID: 'other' })), ['10.1.2.3/24']);
  t.like(add(conf), again);
  t.is(file('10.1.2.2'), 'dummy\r\neth0');
  del(conf);
  t.is(file('10.1.2.2'), undefined);
});

test('host-local: a lease file of an old version, with the bare id, is released', (t) => {
  const { directory, config, file } = store(t);
  mkdirSync(join(directory, 'mynet'));
  writeFileSync(join(directory, 'mynet', '10.1.2.2'), 'dummy');
  t.is(del(config(simple)).code, 0);
  t.is(file('10.1.2.2'), undefined);
});

test('host-local: DEL of an unknown id succeeds, twice, without namespace, and with wrong ranges or arguments', (t) => {
  const { config } = store(t);
  const env = { CNI_NETNS: '', CNI_CONTAINERID: 'unknown' };
  t.is(del(config(simple), env).code, 0);
  t.is(del(config(simple), env).code, 0);
  t.is(del(config({ ranges: 'wrong' }), env).code, 0);
  t.is(del(config(simple), { ...env, CNI_ARGS: 'broken' }).code, 0);
});

test('host-local: DEL and GC ignore keys of ours that are wrong, and report them; the valid ones hold', (t) => {
  const { config, file } = store(t);
  const wrong = {
    COOLDOWN: '5m',
    cooldown: -1,
    sticky: 5,
    lockTimeout: -1,
    durability: 'x',
    reclaimOnBoot: 'yes',
  };
  for (const [key, value] of Object.entries(wrong)) {
    t.is(add(config(simple)).code, 0);
    const { code, stdout, stderr } = del(config({ ...simple, [key]: value }));
    t.is(code, 0, stdout);
    t.regex(stderr, new RegExp(`ipam\\.${key}: expected .*; it is ignored`, 'i'));
    t.is(file('10.1.2.2'), undefined);
    t.is(file('10.1.2.3'), undefined);
    t.is(add(config({ ...simple, [key]: value })).json['code'], 7);
  }
  t.is(add(config(simple)).code, 0);
  t.is(del(config({ ...simple, ...wrong, cooldown: 3600, COOLDOWN: undefined })).code, 0);
  const only = { ...simple, rangeStart: '10.1.2.8', rangeEnd: '10.1.2.8' };
  t.is(add(config({ ...only, cooldown: 3600 })).code, 1);
  const list = { 'cni.dev/valid-attachments': [] };
  t.is(call(hostLocalPlugin, 'GC', config({ ...simple, ...wrong }, list)).code, 0);
});

test('host-local: CNI_ARGS may ask for an address, with and without prefix length; IP= asks for none', (t) => {
  const { config } = store(t);
  const conf = config(simple);
  t.deepEqual(addresses(add(conf, { CNI_ARGS: 'IP=10.1.2.9' })), ['10.1.2.9/24']);
  t.deepEqual(
    addresses(
      add(conf, {
        CNI_CONTAINERID: 'b',
        CNI_ARGS: 'IgnoreUnknown=1;K8S_POD_NAME=x;IP=10.1.2.10/8',
      }),
    ),
    ['10.1.2.10/24'],
  );
  t.deepEqual(addresses(add(conf, { CNI_CONTAINERID: 'c', CNI_ARGS: 'IP=' })), ['10.1.2.11/24']);
  t.like(add(conf, { CNI_CONTAINERID: 'd', CNI_ARGS: 'MAC=x' }).json, {
    code: 4,
    msg: 'CNI_ARGS: unknown args ["MAC=x"]',
  });
});

test('host-local: a result that cannot be printed gives the lease back', (t) => {
  const { config, file } = store(t);
  const printed: string[] = [];
  const writeStdout = (text: string): void => {
    printed.push(file('10.1.2.2') ?? 'no lease');
    if (!text.includes('"code"')) throw new Error('EPIPE');
  };
  t.is(call(hostLocalPlugin, 'ADD', config(simple), {}, { writeStdout }).code, 1);
  t.deepEqual(printed, ['dummy\r\neth0', 'no lease']);
});

test('host-local: CHECK finds the lease of the container, or says that there is none', (t) => {
  const { config } = store(t);
  const conf = config(simple);
  const missing = {
    code: 1,
    json: { msg: 'host-local: Failed to find address added by container dummy' },
  };
  t.like(call(hostLocalPlugin, 'CHECK', conf), missing);
  add(conf);
  t.like(call(hostLocalPlugin, 'CHECK', conf), { code: 0, stdout: '' });
  t.like(call(hostLocalPlugin, 'CHECK', conf, { CNI_IFNAME: 'eth1' }), missing);
});

test('host-local: STATUS says 50 when the directory is not one', (t) => {
  const { directory, config } = store(t);
  writeFileSync(join(directory, 'mynet'), 'a file');
  const conf = config({ subnet: '10.1.2.0/24' });
  t.like(call(hostLocalPlugin, 'STATUS', conf), { code: 1, json: { code: 50 } });
});

test('host-local: STATUS refuses a wrong configuration, but does not miss ranges that come as a capability', (t) => {
  const { config } = store(t);
  const status = (ipam: object, more: object = {}): Answer =>
    call(hostLocalPlugin, 'STATUS', config(ipam, more));
  t.like(status({ subnet: '10.1.2.3/24' }), { code: 1, json: { code: 7 } });
  t.like(status({}), { code: 1, json: { code: 7, msg: 'no IP ranges specified' } });
  t.like(status({}, { capabilities: { ipRanges: true } }), { code: 0, stdout: '' });
});

test('host-local: GC frees what the runtime does not list, and says so on stderr', async (t) => {
  const { config, file } = store(t);
  for (const CNI_CONTAINERID of ['live', 'stale']) add(config(simple), { CNI_CONTAINERID });
  const valid = [{ containerID: 'live', ifname: 'eth0' }];
  const conf = config(simple, { 'cni.dev/valid-attachments': valid, 'cni.dev/attachments': valid });
  // In a process of its own, and later: GC touches no lease that may be younger than the process.
  await setTimeout(50);
  const script = resolve(import.meta.dirname, '../cni/multi-call.ts');
  const ran = spawnSync(process.execPath, [script, 'host-local'], {
    env: { ...process.env, CNI_COMMAND: 'GC', CNI_PATH: '/p', CNI_CONTAINERID: '', CNI_IFNAME: '' },
    input: JSON.stringify(conf),
    encoding: 'utf8',
  });
  t.like(ran, { status: 0, stdout: '' });
  t.is(ran.stderr, 'GC of leases of mynet: freed 10.1.2.3 of stale eth0; kept 1\n');
  t.is(file('10.1.2.2'), 'live\r\neth0');
  t.is(file('10.1.2.3'), undefined);
});

test('host-local: GC without a list is an error that frees nothing, and a lease younger than GC stays', (t) => {
  const { config, file } = store(t);
  add(config(simple));
  const gc = (more: object): Answer => call(hostLocalPlugin, 'GC', config(simple, more));
  t.like(gc({}), { code: 1, json: { code: 7, msg: 'missing cni.dev/valid-attachments' } });
  t.is(file('10.1.2.2'), 'dummy\r\neth0');
  // A runtime written in Go says null for an empty list.
  const young = gc({ 'cni.dev/valid-attachments': null });
  t.like(young, { code: 0, stdout: '' });
  t.regex(young.stderr, /left 1 unlisted, younger than this GC or of an ADD under way; kept 0\n$/);
  t.is(file('10.1.2.2'), 'dummy\r\neth0');
});
