/** The executable as a file that root runs in a folder somebody else may have filled. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { startPlugin } from '../../harness/held.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { execPlugin, ourPlugin, type PluginCall, type PluginOutput } from '../../harness/plugin.ts';
import { VERSION } from '../../../src/version.ts';

/**
 * A folder with what runtimes of JavaScript read where they are started, each of which would show.
 */
function trapFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'trap-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  put('.env', 'CNI_COMMAND=ADD\n');
  for (const name of ['.env.local', '.env.production', '.env.development'])
    cpSync(join(folder, '.env'), join(folder, name));
  put('bunfig.toml', 'preload = ["./preload.js"]\n[run]\nbun = true\n');
  put('preload.js', 'require("node:fs").writeFileSync(__dirname + "/preloaded", "")\n');
  put('package.json', '{ "type": "module", "imports": { "#x": "./preload.js" } }\n');
  put('tsconfig.json', '{ "compilerOptions": { "paths": { "*": ["./preload.js"] } } }\n');
  put('libc.so.6', 'not a library\n');
  return folder;
}

test('executable: VERSION opens no file, in a folder that is full of them', (t) => {
  const folder = trapFolder(t);
  const log = join(folder, 'strace.log');
  const wrapper = join(folder, 'bridge');
  const binary = ourPlugin('bridge');
  writeFileSync(wrapper, `#!/bin/sh\nexec strace -f -e trace=file -o ${log} ${binary}\n`, {
    mode: 0o755,
  });
  const { code } = execPlugin(
    wrapper,
    { command: 'VERSION', cwd: folder },
    { cniVersion: '1.0.0' },
  );
  t.is(code, 0);
  // Nor any other: the file holds all that VERSION needs.
  const calls = readFileSync(log, 'utf8').match(/^\d+ +\w+\(.*/gm) ?? [];
  t.is(calls.length, 1, calls.join('\n'));
  t.regex(calls[0]!, /^\d+ +execve\("/);
});

test('executable: settings in the folder it is started in have no effect', (t) => {
  const folder = trapFolder(t);
  const call = { command: 'VERSION', cwd: folder } as const;
  const there = execPlugin(ourPlugin('bridge'), call, { cniVersion: '1.0.0' });
  const elsewhere = execPlugin(ourPlugin('bridge'), { ...call, cwd: '/' }, { cniVersion: '1.0.0' });
  t.deepEqual(there, elsewhere);
  t.false(existsSync(join(folder, 'preloaded')));
});

test('executable: host-local waits for nothing but the disk when nobody has the lease lock', (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'waits-'));
  t.teardown(() => rmSync(dataDir, { recursive: true }));
  const config = {
    cniVersion: '1.1.0',
    name: 'net',
    ipam: { type: 'host-local', dataDir, subnet: '10.1.2.0/24' },
  };
  const log = join(dataDir, 'calls');
  const wrapper = join(dataDir, 'host-local');
  const binary = ourPlugin('host-local');
  writeFileSync(wrapper, `#!/bin/sh\nexec strace -f -o ${log} ${binary}\n`, { mode: 0o755 });
  // The second of each finds the directory of the first.
  for (const command of ['ADD', 'DEL', 'ADD', 'DEL'] as const) {
    const { code, stdout } = execPlugin(wrapper, { command, ...attachment }, config);
    t.is(code, 0, stdout);
    const calls = readFileSync(log, 'utf8').match(/(?<=^\d+ +)\w+\(.*/gm) ?? [];
    t.true(calls.some((call) => call.startsWith('fsync(')));
    // A timer, another process or thread, or a lock that is not free.
    const waits = calls.filter(
      (call) =>
        /^\w*(sleep|poll|select|epoll|futex|timer|wait|clone|fork)\w*\(/.test(call) ||
        (call.startsWith('flock(') && !/LOCK_NB|LOCK_UN/.test(call)),
    );
    t.deepEqual(waits, [], command);
  }
});

test('executable: host-local names the program that holds the lease lock, with code 11', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'lock-'));
  t.teardown(() => rmSync(dataDir, { recursive: true }));
  const ipam = { type: 'host-local', dataDir, subnet: '10.1.2.0/24', lockTimeout: 1 };
  const config = { cniVersion: '1.1.0', name: 'net', ipam };
  const add = (containerId: string): PluginOutput =>
    execPlugin(
      ourPlugin('host-local'),
      { command: 'ADD', containerId, netns: '/x', ifname: 'eth0' },
      config,
    );
  const first = add('a');
  t.is(first.code, 0, first.stdout);
  const lock = join(dataDir, 'net/lock');
  const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; read end']);
  await once(holder.stdout, 'data');
  const refused = add('b');
  t.is(refused.code, 1);
  t.like(refused.json, { code: 11, msg: `lock ${lock}: not free after 1 s` });
  t.regex((refused.json as { details: string }).details, /^held by pid \d+ \((flock|sh)/);
  holder.stdin.end();
  await once(holder, 'exit');
  t.is(add('b').code, 0);
});

const attachment = { containerId: 'c1', netns: '/x', ifname: 'eth0' } as const;
const PLUGINS = ['bridge', 'ipvlan', 'host-local', 'static', 'loopback'];
const nobody = { containerId: '', netns: '', ifname: '' } as const;

test('executable: host-local answers all commands, and leaves what it says', (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'leases-'));
  t.teardown(() => rmSync(dataDir, { recursive: true }));
  const ipam = { type: 'host-local', dataDir, subnet: '10.1.2.0/30' };
  const call = (command: PluginCall['command'], more: object = {}): PluginOutput => {
    const who = command === 'STATUS' || command === 'GC' ? nobody : attachment;
    const config = { cniVersion: '1.1.0', name: 'net', ipam, ...more };
    return host.run(() => execPlugin(ourPlugin('host-local'), { command, ...who }, config));
  };
  // GC spares what a plugin on its host is just attaching: no other test is on this one.
  const host = freshNamespace(t);
  const lease = join(dataDir, 'net/10.1.2.2');
  t.like(call('STATUS'), { code: 0, stdout: '', stderr: '' });
  t.like(call('ADD').json, { cniVersion: '1.1.0', ips: [{ address: '10.1.2.2/30' }] });
  t.is(readFileSync(lease, 'utf8'), 'c1\r\neth0');
  t.like(call('CHECK'), { code: 0, stdout: '' });
  const full = call('STATUS');
  t.is(full.code, 0);
  t.regex(full.stderr, /10\.1\.2\.1-10\.1\.2\.2: 1 used, 0 free/);
  t.like(call('GC').json, { code: 7, msg: 'missing cni.dev/valid-attachments' });
  const listed = [{ containerID: 'c1', ifname: 'eth0' }];
  t.is(call('GC', { 'cni.dev/valid-attachments': listed }).stderr, '');
  t.true(existsSync(lease));
  // Made before the process of this GC began.
  const swept = call('GC', { 'cni.dev/valid-attachments': [] });
  t.is(swept.stderr, 'GC of leases of net: freed 10.1.2.2 of c1 eth0; kept 0\n');
  t.false(existsSync(lease));
  t.is(call('CHECK').code, 1);
  t.like(call('DEL'), { code: 0, stdout: '' });
  t.like(call('VERSION').json, { cniVersion: '1.1.0' });
});

const MAIN = resolve(import.meta.dirname, '../../../src/plugins/main.ts');
const BUN = resolve(import.meta.dirname, '../../../node_modules/.bin/bun');
const WAYS: Readonly<Record<string, () => [string, ...string[]]>> = {
  executable: () => [ourPlugin('host-local')],
  Node: () => [process.execPath, MAIN, 'host-local'],
  Bun: () => [BUN, MAIN, 'host-local'],
};

for (const [way, command] of Object.entries(WAYS)) {
  test(`${way}: host-local GC leaves a lease that came after it had started`, async (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'leases-'));
    t.teardown(() => rmSync(dataDir, { recursive: true }));
    const ipam = { type: 'host-local', dataDir, subnet: '10.1.2.0/24' };
    const config = { cniVersion: '1.1.0', name: 'net', ipam };
    const binary = ourPlugin('host-local');
    const host = freshNamespace(t);
    const add = (containerId: string): unknown =>
      host.run(() => execPlugin(binary, { command: 'ADD', ...attachment, containerId }, config))
        .json;
    const addressed = (address: string) => ({ ips: [{ address }] });
    t.like(add('old'), addressed('10.1.2.2/24'));
    // The kernel counts starts in ticks, and GC leaves what may be younger.
    await setTimeout(50);
    const collecting = host.run(() => startPlugin(command(), { CNI_COMMAND: 'GC' }));
    // At once: the process may not even have come to run. The threads of other runtimes wait for
    // each other, which no clock tells.
    if (way !== 'executable') await collecting.reading();
    t.like(add('new'), addressed('10.1.2.3/24'));
    const swept = await collecting.finish({ ...config, 'cni.dev/valid-attachments': [] });
    t.is(swept.code, 0, swept.stdout);
    t.regex(swept.stderr, /^GC of leases of net: freed 10\.1\.2\.2 of old eth0; /);
    t.deepEqual(readdirSync(join(dataDir, 'net')).sort(), [
      '10.1.2.3',
      'last_reserved_ip.0',
      'lock',
    ]);
  });
}

test('executable: static answers all commands', (t) => {
  const ipam = { type: 'static', addresses: [{ address: '10.1.2.9/24' }] };
  const call = (command: PluginCall['command'], more: object = {}): PluginOutput => {
    const who = command === 'STATUS' || command === 'GC' ? nobody : attachment;
    const config = { cniVersion: '1.1.0', name: 'net', ipam, ...more };
    return execPlugin(ourPlugin('static'), { command, ...who }, config);
  };
  const added = call('ADD').json;
  t.deepEqual(added, { cniVersion: '1.1.0', ips: [{ address: '10.1.2.9/24' }] });
  t.like(call('CHECK', { prevResult: added }), { code: 0, stdout: '' });
  for (const command of ['DEL', 'STATUS', 'GC'] as const) {
    t.like(call(command), { code: 0, stdout: '', stderr: '' }, command);
  }
  t.like(call('VERSION').json, { cniVersion: '1.1.0' });
});

test('executable: the licences of what is linked into it are beside it', (t) => {
  const text = readFileSync(join(dirname(ourPlugin('bridge')), '../LICENSES'), 'utf8');
  for (const holder of [/Fabrice Bellard/, /Rich Felker/, /Zig contributors/])
    t.regex(text, holder);
});

test('executable: each plugin prints the version of the package before any other', (t) => {
  for (const name of PLUGINS) {
    // As runtimes take it: the first word that is a semantic version.
    const versionIn = (text: string): string | undefined =>
      text.split(/\s+/).find((word) => /^v?\d+\.\d+\.\d+$/.test(word));
    const about = spawnSync(ourPlugin(name), [], { env: {}, encoding: 'utf8' });
    t.like(about, { status: 0, stdout: '' });
    t.regex(about.stderr, new RegExp(`^CNI ${name} plugin v`));
    t.is(versionIn(about.stderr), `v${VERSION}`);
    for (const word of ['--version', '-v']) {
      const told = spawnSync(ourPlugin(name), [word], { env: {}, encoding: 'utf8' });
      t.like(told, { status: 0, stdout: about.stderr, stderr: '' });
    }
  }
});

test('executable: called by a name that no plugin has it prints that name once', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'foo-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  symlinkSync(ourPlugin('bridge'), join(folder, 'foo'));
  copyFileSync(ourPlugin('bridge'), join(folder, 'bar'));
  const [linked, copied] = ['foo', 'bar'].map((name) =>
    spawnSync(join(folder, name), [], { env: {}, encoding: 'utf8' }),
  );
  // The file behind a link is called bridge, which is one of them.
  t.regex(linked!.stderr, /^CNI bridge plugin /);
  t.is(copied!.status, 1);
  t.regex(copied!.stderr, /^called as bar, which is none of the plugins: /);
});

test('executable: a complete list on stdin is refused by every plugin, before anything is changed', (t) => {
  for (const name of PLUGINS) {
    const ipam = { type: 'host-local', subnet: '10.1.2.0/24' };
    const list = { cniVersion: '1.1.0', name: 'net', plugins: [{ type: name, ipam }] };
    const { code, json } = execPlugin(ourPlugin(name), { command: 'ADD', ...attachment }, list);
    t.is(code, 1);
    t.like(json, { code: 7, msg: 'the network configuration is a list of plugins' });
  }
});

test('executable: what is wrong with megabytes of input is reported in a few lines', (t) => {
  const long = 'x'.repeat(1 << 20);
  const ipam = { type: 'static', addresses: [{ address: '10.1.2.9/24' }] };
  const told = (config: object): PluginOutput =>
    execPlugin(
      ourPlugin('static'),
      { command: 'ADD', ...attachment },
      { cniVersion: '1.1.0', name: 'net', ipam, ...config },
    );
  for (const [config, code] of [
    [{ ipam: { ...ipam, [long]: long } }, 0],
    [{ ipam: { ...ipam, [long]: long }, strict: true }, 1],
    [{ name: long + '%' }, 1],
    [{ cniVersion: long }, 1],
    [{ ipam: { ...ipam, addresses: [{ address: long }] } }, 1],
    [{ ipam: long }, 1],
    [{ ipam: { ...ipam, routes: [{ dst: { [long]: long } }] } }, 1],
  ] as const) {
    const { stdout, stderr, ...rest } = told(config);
    t.is(rest.code, code, stdout.slice(0, 200));
    t.true(stdout.length + stderr.length < 10_000);
  }
});
