/** The executable as a file that root runs in a folder somebody else may have filled. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { execPlugin, ourPlugin, type PluginOutput } from '../harness/plugin.ts';

/** A folder with everything that Bun would read, each of which would show. */
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

test('executable: no file of the folder it is started in is opened', (t) => {
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
  const calls = readFileSync(log, 'utf8')
    .split('\n')
    .filter((call) => !call.includes('getcwd('));
  t.true(calls.some((call) => call.includes('libc.so.6')));
  const paths = calls.flatMap((call) => [...call.matchAll(/"([^"]*)"/g)].map(([, path]) => path!));
  const inFolder = (path: string): boolean => path.startsWith(folder) || !/^(\/|$)/.test(path);
  t.deepEqual(
    paths.filter((path) => inFolder(path) && path !== wrapper),
    [],
  );
});

test('executable: settings in the folder it is started in have no effect', (t) => {
  const folder = trapFolder(t);
  const call = { command: 'VERSION', cwd: folder } as const;
  const there = execPlugin(ourPlugin('bridge'), call, { cniVersion: '1.0.0' });
  const elsewhere = execPlugin(ourPlugin('bridge'), { ...call, cwd: '/' }, { cniVersion: '1.0.0' });
  t.deepEqual(there, elsewhere);
  t.false(existsSync(join(folder, 'preloaded')));
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
