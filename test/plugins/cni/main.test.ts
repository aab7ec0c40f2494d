/**
 * The executable as a process, on Node and on Bun: names, stdin of every kind, and a stdout that
 * nobody reads.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';

const SCRIPT = resolve(import.meta.dirname, 'multi-call.ts');
const BUN = resolve(import.meta.dirname, '../../../node_modules/.bin/bun');
const ENV = {
  CNI_COMMAND: 'ADD',
  CNI_CONTAINERID: 'c1',
  CNI_NETNS: '/no/where',
  CNI_IFNAME: 'eth0',
  CNI_PATH: '/opt/cni/bin',
};
const CONFIG = `{"cniVersion":"1.1.0","name":"n","ipam":{"type":"static","addresses":[{"address":"10.0.0.2/24"}]}}`;

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Stdio = 'pipe' | number;

function run(
  runtime: string,
  script: string,
  args: readonly string[],
  env: object,
  input: string,
  stdin: Stdio = 'pipe',
  stdout: Stdio = 'pipe',
): Ran {
  const ran = spawnSync(runtime, [script, ...args], {
    env: { ...process.env, ...ENV, ...env },
    input: stdin === 'pipe' ? input : undefined,
    stdio: [stdin, stdout, 'pipe'],
    encoding: 'utf8',
  });
  return { code: ran.status, stdout: ran.stdout ?? '', stderr: ran.stderr };
}

for (const [name, runtime] of [
  ['Node', process.execPath],
  ['Bun', BUN],
] as const) {
  test(`main: ${name}: the first argument chooses the plugin, and its result is on stdout`, (t) => {
    const { code, stdout, stderr } = run(runtime, SCRIPT, ['static'], {}, CONFIG);
    t.is(stderr, '');
    t.is(code, 0);
    t.like(JSON.parse(stdout), { cniVersion: '1.1.0', ips: [{ address: '10.0.0.2/24' }] });
  });

  test(`main: ${name}: the script's own name chooses the plugin`, (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'main-'));
    t.teardown(() => rmSync(directory, { recursive: true }));
    writeFileSync(join(directory, 'host-local.ts'), `await import(${JSON.stringify(SCRIPT)});`);
    const about = run(runtime, join(directory, 'host-local.ts'), [], { CNI_COMMAND: '' }, '');
    t.is(about.code, 0);
    t.regex(
      about.stderr,
      /^CNI host-local plugin v\d+\.\d+\.\d+\nCNI protocol versions supported: 0\.1\.0, /,
    );
  });

  test(`main: ${name}: called by no known name it lists the names`, (t) => {
    const { code, stdout, stderr } = run(runtime, SCRIPT, ['nothing'], {}, CONFIG);
    t.is(code, 1);
    t.is(stdout, '');
    t.regex(stderr, /multi-call or nothing, which is none of the plugins: static, host-local\n$/);
  });

  test(`main: ${name}: an error is on stdout and the exit code is 1`, (t) => {
    const { code, stdout } = run(runtime, SCRIPT, ['static'], {}, '{"name":');
    t.is(code, 1);
    t.like(JSON.parse(stdout), { code: 6 });
  });

  test(`main: ${name}: stdin may be a file, empty, or larger than a pipe holds`, (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'main-'));
    t.teardown(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'conf');
    writeFileSync(file, CONFIG);
    const descriptor = openSync(file, 'r');
    t.is(run(runtime, SCRIPT, ['static'], {}, '', descriptor).code, 0);
    closeSync(descriptor);
    const nothing = openSync('/dev/null', 'r');
    t.regex(
      run(runtime, SCRIPT, ['static'], {}, '', nothing).stdout,
      /unexpected end of JSON input/,
    );
    closeSync(nothing);
    const large = CONFIG.replace('{', `{"_comment":"${'x'.repeat(1 << 20)}",`);
    t.is(run(runtime, SCRIPT, ['static'], {}, large).code, 0);
  });

  test(`main: ${name}: a non-blocking stdin is waited for`, (t) => {
    const python = `
import fcntl, os, subprocess, sys, time
r, w = os.pipe()
fcntl.fcntl(r, fcntl.F_SETFL, os.O_NONBLOCK)
child = subprocess.Popen([${JSON.stringify(runtime)}, ${JSON.stringify(SCRIPT)}, "static"], stdin=r)
os.close(r)
time.sleep(0.3)
os.write(w, sys.argv[1].encode())
os.close(w)
sys.exit(child.wait())`;
    const ran = spawnSync('python3', ['-c', python, CONFIG], {
      env: { ...process.env, ...ENV },
      encoding: 'utf8',
    });
    t.is(ran.status, 0, ran.stderr);
    t.regex(ran.stdout, /10\.0\.0\.2/);
  });

  test(`main: ${name}: a stdout that cannot be written is an error, reported on stderr`, (t) => {
    const full = openSync('/dev/full', 'w');
    const { code, stderr } = run(runtime, SCRIPT, ['static'], {}, CONFIG, 'pipe', full);
    closeSync(full);
    t.is(code, 1);
    t.regex(stderr, /^error writing to stdout: .*ENOSPC/);
  });
}
