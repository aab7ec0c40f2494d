/**
 * The host of the executables and the binding over it, by a program on the engine; beside Node
 * where Node has the same.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import test, { type ExecutionContext } from 'ava';
import type { Arch } from '../../scripts/engine/objects.ts';
import { makeExecutable } from '../../scripts/engine/executable.ts';
import { eventually, PATIENCE } from '../harness/eventually.ts';
import { ourPlugin } from '../harness/plugin.ts';
import { EBADF } from '../../src/sys/errno.ts';
import { hashOf } from '../../src/sys/scan.ts';
import { foundIn, removedIn } from './found.ts';
import { collect, functions, starve } from './functions.ts';

const folder = join(tmpdir(), `engine-${process.pid}`);
const PROBE = join(folder, 'probe');

test.before(() => {
  mkdirSync(folder);
  return makeExecutable(join(import.meta.dirname, 'probe.ts'), PROBE, process.arch as Arch);
});
test.after.always(() => rmSync(folder, { recursive: true }));

const run = (what: string, ...args: string[]) =>
  spawnSync(PROBE, [what, ...args], { encoding: 'utf8', timeout: PATIENCE });

function ask(t: ExecutionContext, what: string, ...args: string[]): unknown {
  const { status, stdout, stderr } = run(what, ...args);
  t.is(status, 0, stdout + stderr);
  return JSON.parse(stdout);
}

test('engine: bytes decode as on Node, also when they are no UTF-8', (t) => {
  const lead = fc.constantFrom(
    0x20,
    0x7f,
    0x80,
    0xbf,
    0xc0,
    0xc2,
    0xe0,
    0xe1,
    0xed,
    0xef,
    0xf0,
    0xf4,
    0xf5,
    0xff,
    0xbb,
    0xa0,
    0x9f,
    0x90,
    0x8f,
  );
  const bytes = fc.array(lead, { maxLength: 12 }).map((list) => Uint8Array.from(list));
  const samples = [
    ...fc.sample(bytes, 4000),
    Buffer.from('\uFEFFa\uFEFF'),
    Buffer.from('ä€😀\uFFFD'),
  ];
  const hexes = samples.map((one) => Buffer.from(one).toString('hex'));
  const wanted = samples.map((one) => new TextDecoder().decode(one));
  for (let at = 0; at < hexes.length; at += 1000) {
    t.deepEqual(
      ask(t, 'decode', JSON.stringify(hexes.slice(at, at + 1000))),
      wanted.slice(at, at + 1000),
    );
  }
  t.like(ask(t, 'decodeFatal', 'ff'), { name: 'TypeError' });
  t.is(ask(t, 'decodeFatal', 'efbfbd'), '\uFFFD');
});

test('engine: memory is zero where that is promised, and of one value only, in all sizes', (t) => {
  t.deepEqual(ask(t, 'allocate'), []);
});

test('engine: text encodes as on Node, also halves of pairs', (t) => {
  const texts = [
    '',
    'a',
    'ä€😀',
    '\uD800',
    'a\uDC00b',
    '\uD83D\uDE00',
    ...fc.sample(fc.string({ unit: 'binary' }), 500),
  ];
  const wanted = texts.map((text) => Buffer.from(new TextEncoder().encode(text)).toString('hex'));
  t.deepEqual(ask(t, 'encode', JSON.stringify(texts)), wanted);
});

test('engine: a call past the end of a buffer, or with what is no number, buffer or text, is an error', (t) => {
  const answers = ask(t, 'bounds') as unknown[];
  const range = 'RangeError';
  const type = 'TypeError';
  const names = [range, range, range, range, range, range, range, range, type, type, type, type];
  t.deepEqual(
    answers.slice(0, 12).map((one) => (one as Error)?.name),
    names,
  );
  t.deepEqual(answers.slice(12), [22, 22]);
});

test('engine: a byte order mark is a part of a name and of a text', (t) => {
  const here = mkdtempSync(join(folder, 'marks-'));
  for (const name of ['10.0.0.7', '\ufeff10.0.0.7'])
    writeFileSync(join(here, name), `\ufeff${name}`);
  const texts = readdirSync(here).sort();
  t.deepEqual(
    ask(t, 'texts', here),
    texts.map((name) => [name, readFileSync(join(here, name), 'utf8')]),
  );
});

test('engine: the clock counts from the start of the program', (t) => {
  const before = Date.now();
  const [origin, now] = ask(t, 'clock') as [number, number];
  // Date.now() leaves out a part of a millisecond.
  t.true(before <= origin && origin <= now && now <= Date.now() + 2, `${before} ${origin} ${now}`);
});

/**
 * xorshift64*, https://en.wikipedia.org/wiki/Xorshift, as the engine's own generator goes on from
 * its seed.
 */
function fromSeed(seed: bigint): number {
  let state = seed;
  for (let i = 0; i < 2; i++) {
    state ^= state >> 12n;
    state = BigInt.asUintN(64, state ^ (state << 25n));
    state ^= state >> 27n;
  }
  // The first number that it draws seeds its tables.
  return Number(BigInt.asUintN(64, state * 0x2545f4914f6cdd1dn) >> 12n) / 2 ** 52;
}

test('engine: random numbers do not follow from the time of the start', (t) => {
  const before = BigInt(Date.now()) * 1000n;
  const [first] = ask(t, 'random') as [number, number];
  const after = BigInt(Date.now() + 1) * 1000n;
  let foretold = 0;
  for (let seed = before; seed < after; seed++) if (fromSeed(seed) === first) foretold++;
  t.is(foretold, 0);
  t.true(first >= 0 && first < 1);
});

test('engine: no code is made of text', (t) => {
  t.deepEqual(
    (ask(t, 'noEval') as Error[]).map(({ name }) => name),
    ['EvalError', 'TypeError', 'TypeError'],
  );
});

test('engine: integers beyond 53 bits are exact', (t) => {
  t.deepEqual(ask(t, 'numbers'), [
    '18446744073709551617',
    '-1180591620717411303424',
    '18446744073709551615',
  ]);
});

test('engine: files are those of node:fs, with its errors', (t) => {
  const here = mkdtempSync(join(folder, 'files-'));
  mkdirSync(join(here, 'many'));
  for (let i = 0; i < 2500; i++)
    writeFileSync(join(here, `many/a-name-that-is-not-short-${i}`), '');
  writeFileSync(join(here, 'file'), 'text ä\n', { mode: 0o644 });
  writeFileSync(join(here, 'gone'), '');
  symlinkSync('/no/where', join(here, 'link'));
  const { O_DIRECTORY, O_NOFOLLOW } = constants;
  t.like(ask(t, 'files', here), {
    made: null,
    again: null,
    twice: { code: 'EEXIST', errno: -17 },
    onFile: { code: 'EEXIST' },
    belowFile: { code: 'ENOTDIR' },
    names: 2500,
    first: 'a-name-that-is-not-short-0',
    noFolder: {
      code: 'ENOENT',
      message: `ENOENT: no such file or directory, scandir '${here}/none'`,
    },
    noDirectory: { code: 'ENOTDIR' },
    link: '/no/where',
    noLink: { code: 'EINVAL' },
    text: 'text ä\n',
    missing: { code: 'ENOENT', message: `ENOENT: no such file or directory, open '${here}/none'` },
    removed: null,
    removedAgain: { code: 'ENOENT' },
    removedByForce: null,
    access: { code: 'EACCES' },
    constants: { O_DIRECTORY, O_NOFOLLOW },
  });
});

test('engine: an fsync is done by another thread, and its failure is reported', (t) => {
  const fd = openSync(PROBE, 'r');
  const { stdout } = spawnSync(PROBE, ['background', '3'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', fd],
  });
  t.deepEqual(JSON.parse(stdout), [0, null]);
  const log = join(folder, 'strace.log');
  const traced = ['-f', '-e', 'trace=execve,fsync', '-o', log, PROBE, 'background', '3'];
  spawnSync('strace', traced, { stdio: ['ignore', 'ignore', 'ignore', fd] });
  const calls = readFileSync(log, 'utf8').split('\n');
  const [main] = calls[0]!.split(' ');
  const others = calls.filter((call) => call.includes('fsync(') && !call.startsWith(`${main} `));
  t.is(others.length, 1, calls.join('\n'));
  closeSync(fd);
});

const child = (t: ExecutionContext, options: object) => ask(t, 'run', JSON.stringify(options));

test('engine: a program is run to its end, with input, outputs, environment and status', (t) => {
  t.deepEqual(
    child(t, {
      program: '/bin/sh',
      args: ['-c', 'cat; echo $CNI_A >&2; exit 7'],
      input: 300_000,
      env: { CNI_A: 'of ours' },
    }),
    {
      stdout: 'x'.repeat(300_000),
      stderr: 'of ours\n',
      status: 7,
    },
  );
  t.like(child(t, { program: 'sh', args: ['-c', 'kill -9 $$'] }), { signal: 'SIGKILL' });
  // It need not read its input, and gets the signals as everybody has them.
  t.like(child(t, { program: 'true', args: [], input: 300_000 }), { status: 0 });
  t.like(child(t, { program: 'sh', args: ['-c', 'kill -PIPE $$'] }), { signal: 'SIGPIPE' });
});

test('engine: a program that cannot be run, hangs, or says too much is an error', (t) => {
  t.like(child(t, { program: '/no/such', args: [] }), { errno: 2 });
  t.like(child(t, { program: 'no-such-program', args: [] }), { errno: 2 });
  t.like(child(t, { program: tmpdir(), args: [] }), { errno: 13 });
  t.like(child(t, { program: 'sleep', args: ['100'], timeout: 100 }), { errno: 110 });
  // With its outputs closed there is nothing to listen to.
  t.like(child(t, { program: 'sh', args: ['-c', 'exec >&- 2>&-; exec sleep 100'], timeout: 100 }), {
    errno: 110,
  });
  t.like(child(t, { program: 'yes', args: [], maxOutput: 100_000 }), { errno: 105 });
});

/** Another folder with all that the executables are built from. */
function copyOfSources(name: string): string {
  const root = resolve(import.meta.dirname, '../..');
  const copy = join(folder, name);
  for (const each of ['src', 'scripts', 'package.json', 'package-lock.json', 'tsconfig.json'])
    cpSync(join(root, each), join(copy, each), { recursive: true });
  for (const each of ['node_modules', '.cache']) symlinkSync(join(root, each), join(copy, each));
  return copy;
}

function buildIn(t: ExecutionContext, copy: string): void {
  const { status, stderr } = spawnSync(process.execPath, [join(copy, 'scripts/build-cni.ts')], {
    encoding: 'utf8',
    cwd: copy,
    // `npm test` says that everything is built; here it is not.
    env: { ...process.env, NETLINK_TS_PREPARED: '' },
  });
  t.is(status, 0, stderr);
}

/** Processes with this among their arguments. */
const processesWith = (argument: string): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(argument);
    } catch {
      return false;
    }
  });

/** A shell and its children, of which each sleeps for ever, in all the ways of waiting for it. */
const SLEEPERS: Readonly<Record<string, (sleep: string) => string>> = {
  'with its outputs open': (sleep) => `${sleep} & (${sleep} & ${sleep}) & ${sleep}`,
  'with its outputs closed': (sleep) => `exec >&- 2>&-; ${sleep} & exec ${sleep}`,
  'reading nothing': (sleep) => `exec <&-; ${sleep} & wait`,
};

for (const [how, script] of Object.entries(SLEEPERS)) {
  test(`engine: a program that hangs ${how} is killed with its children`, (t) => {
    const duration = `1${process.pid}.${Object.keys(SLEEPERS).indexOf(how)}`;
    const args = ['-c', script(`sleep ${duration}`)];
    t.like(child(t, { program: 'sh', args, timeout: 1000, input: 100_000 }), { errno: 110 });
    t.deepEqual(
      eventually(
        () => processesWith(duration),
        (left) => left.length === 0,
      ),
      [],
    );
  });
}

test('executable: an IPAM plugin that hangs is killed, and the answer is one error', (t) => {
  // The executable of the same sources, in which nobody waits for five minutes.
  const impatient = copyOfSources('impatient');
  const constant = join(impatient, 'src/cni/program-timeout.ts');
  const text = readFileSync(constant, 'utf8');
  t.regex(text, /= 300_000;/);
  writeFileSync(constant, text.replace('= 300_000;', '= 2_000;'));
  buildIn(t, impatient);
  const duration = `2${process.pid}`;
  const plugins = join(folder, 'plugins');
  mkdirSync(plugins);
  const script = `#!/bin/sh\nsleep ${duration} & sleep ${duration}\n`;
  writeFileSync(join(plugins, 'slow'), script, { mode: 0o755 });
  const config = { cniVersion: '1.1.0', name: 'n', type: 'bridge', ipam: { type: 'slow' } };
  const { status, stdout } = spawnSync(join(impatient, 'dist/cni/bin/bridge'), {
    env: { CNI_COMMAND: 'STATUS', CNI_PATH: plugins, PATH: process.env['PATH'] },
    input: JSON.stringify(config),
    encoding: 'utf8',
    timeout: PATIENCE,
  });
  t.is(status, 1);
  t.like(JSON.parse(stdout), { code: 999 });
  t.regex(stdout, /slow did not finish STATUS in 2 s/);
  t.deepEqual(
    eventually(
      () => processesWith(duration),
      (left) => left.length === 0,
    ),
    [],
  );
});

test('engine: an uncaught error is one of CNI, with the stack on stderr', (t) => {
  const thrown = run('throw');
  t.is(thrown.status, 1);
  t.deepEqual(JSON.parse(thrown.stdout), { code: 999, msg: 'Error: nobody "catches" this' });
  t.regex(thrown.stderr, /^Error: nobody "catches" this\n {4}at /);
  // It is cut off between two characters.
  for (const start of ['', '"', 'xx']) {
    const { stdout } = run('throwLong', start);
    t.regex((JSON.parse(stdout) as { msg: string }).msg, /^Error: ["x]*\u20ac{150,}$/);
  }
  const rejected = run('reject');
  t.like(JSON.parse(rejected.stdout), { code: 999, msg: 'Error: nobody awaits this' });
  const nothing = run('nothing');
  t.deepEqual(
    [nothing.status, JSON.parse(nothing.stdout)],
    [1, { code: 999, msg: 'the plugin ended without an answer' }],
  );
});

test('engine: no memory and no stack are errors of CNI', (t) => {
  const memory = spawnSync('prlimit', ['--as=20000000', PROBE, 'memory'], { encoding: 'utf8' });
  t.is(memory.status, 1);
  t.like(JSON.parse(memory.stdout), { code: 999 });
  t.regex(memory.stdout, /out of memory/);
  t.like(ask(t, 'deep'), { name: 'RangeError' });
  for (const stack of [64 << 10, 128 << 10, 1 << 30]) {
    const deep = spawnSync('prlimit', [`--stack=${stack}`, PROBE, 'deep'], { encoding: 'utf8' });
    t.is(deep.status, 0, deep.stderr);
    t.like(JSON.parse(deep.stdout), { name: 'RangeError' });
  }
});

test('engine: no file gets the number of a closed output, without /dev/null either', (t) => {
  const refuse = ['-e', 'inject=?open,openat:error=ENOENT', '-P', '/dev/null'];
  const args = ['-f', '-qq', '-o', join(folder, 'refused'), ...refuse];
  const { status, stdout } = spawnSync(
    'strace',
    [...args, 'sh', '-c', 'exec "$0" opened 2>&-', PROBE],
    { encoding: 'utf8', timeout: PATIENCE },
  );
  t.is(status, 0);
  t.is(JSON.parse(stdout), 3);
  t.regex(readFileSync(join(folder, 'refused'), 'utf8'), /"\/dev\/null".*INJECTED/);
});

test('engine: a program is not started with less than the files that are meant for it', (t) => {
  t.is(ask(t, 'spawnClosed'), -EBADF);
});

test('engine: functions are those of Node, though each is read when it is called first', async (t) => {
  t.deepEqual(ask(t, 'functions'), JSON.parse(JSON.stringify(await functions())));
});

test('engine: garbage is collected with functions in it that nobody called', (t) => {
  t.is(ask(t, 'collect'), collect());
});

test('engine: a function that could not be read for lack of memory is read later', (t) => {
  const { status, stdout, stderr } = spawnSync('prlimit', ['--as=30000000', PROBE, 'starve'], {
    encoding: 'utf8',
    timeout: PATIENCE,
  });
  t.is(status, 0, stdout + stderr);
  const { failures, results } = JSON.parse(stdout) as ReturnType<typeof starve>;
  t.true(failures > 0, 'there was memory');
  t.deepEqual(results, starve().results);
});

test('two folders with the same sources give the same executable', (t) => {
  const other = copyOfSources('other');
  buildIn(t, other);
  const [ours, theirs] = [ourPlugin('bridge'), join(other, 'dist/cni/bin/bridge')].map((file) =>
    createHash('sha256').update(readFileSync(file)).digest('hex'),
  );
  t.is(theirs, ours);
});

test('engine: files that did not change since they were found are removed as on Node', (t) => {
  const filled = (): string => {
    const here = mkdtempSync(join(folder, 'remove-'));
    for (let at = 0; at < 300; at++) writeFileSync(join(here, `10.0.0.${at}`), `${at}`);
    mkdirSync(join(here, '1.1.1.1'));
    return here;
  };
  const [here, there] = [filled(), filled()];
  const removed = removedIn(there, '10.0.0.7', '10.0.0.8') as { errors: Record<string, number> };
  t.deepEqual(ask(t, 'remove', here, '10.0.0.7', '10.0.0.8'), removed);
  t.like(removed, {
    count: 298,
    errors: { '10.0.0.1': 0, '10.0.0.7': 116, '10.0.0.8': 2, '1.1.1.1': 21 },
  });
  t.deepEqual(readdirSync(here).sort(), ['1.1.1.1', '10.0.0.7']);
  // What is no record is not read as one.
  const invalid = [-22, -22];
  t.deepEqual(ask(t, 'records'), [
    ...[invalid, invalid, invalid, [0, -22], invalid, invalid],
    ...[invalid, invalid],
  ]);
});

test('engine: the small files of a directory are found as on Node', (t) => {
  const here = mkdtempSync(join(folder, 'scan-'));
  const contents: Record<string, string | Uint8Array> = {
    '10.0.0.1': 'a\r\neth0',
    '10.0.0.2': ' \r\n\0a\r\0\neth0\0\n',
    '10.0.0.3': '',
    '10.0.0.4': '\0\0\n',
    '10.0.0.05': 'no address',
    '10.0.0.256': 'no address',
    '10.0.0': 'no address',
    'fd00::1': 'ä',
    lock: 'not asked for',
    '.1': 'not asked for',
    '1.1.1.1': 'x'.repeat(4095),
    '1.1.1.2': 'x'.repeat(4096),
    ['1'.repeat(255)]: 'x'.repeat(4095),
  };
  for (const [name, content] of Object.entries(contents)) writeFileSync(join(here, name), content);
  // More than there is room for at once.
  for (let at = 0; at < 2000; at++)
    writeFileSync(join(here, `10.1.${at >> 8}.${at & 255}`), `${at}`);
  mkdirSync(join(here, '2.2.2.1'));
  symlinkSync('10.0.0.1', join(here, '2.2.2.2'));
  t.is(spawnSync('mkfifo', [join(here, '2.2.2.3')]).status, 0);
  const found = foundIn(here, 0) as { name: string; hash: number }[];
  t.is(found.length, Object.keys(contents).length - 2 + 2000 + 3);
  t.deepEqual(ask(t, 'scan', here, '0'), found);
  t.deepEqual(ask(t, 'scans', here), [true, true, -16, 0, -16]);
  t.deepEqual(ask(t, 'scan', here, `${Date.now() + 60_000}`), []);
  const hash = (name: string): number => found.find((each) => each.name === name)!.hash;
  t.is(hash('10.0.0.1'), hashOf('a\r\neth0'));
  t.is(hash('10.0.0.2'), hash('10.0.0.1'));
  for (const name of ['10.0.0.3', '10.0.0.4', '1.1.1.2', '2.2.2.2']) t.is(hash(name), 0, name);
});
