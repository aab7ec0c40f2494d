/** The runner of programs for tests, beside what `spawnSync` of Node makes of the same. */
import { spawnSync } from 'node:child_process';
import test from 'ava';
import { program, SYSTEM_PATH } from '../harness/program.ts';
import { spawn } from '../harness/spawn.ts';

const env = { PATH: SYSTEM_PATH, GREETING: 'hello', NOTHING: undefined };
const sh = (script: string, input = '') => spawn('sh', ['-c', script], { env, input });

test('spawn: exit code, output and errors of a program', (t) => {
  t.deepEqual(sh('echo $GREETING ${NOTHING-none}; echo no >&2; exit 7'), {
    code: 7,
    stdout: 'hello none\n',
    stderr: 'no\n',
  });
});

test('spawn: input is a pipe that ends', (t) => {
  t.is(sh('cat', 'ä\n').stdout, 'ä\n');
  t.is(sh('cat; readlink /proc/self/fd/0').stdout.slice(0, 5), 'pipe:');
  const long = 'x'.repeat(1 << 20);
  t.is(sh('cat', long).stdout, long);
  t.is(sh('exit 3', long).code, 3);
});

test('spawn: output of any length on both descriptors', (t) => {
  const { stdout, stderr } = sh('seq 100000 >&2; seq 100000');
  t.is(stdout.length, 588_895);
  t.is(stderr, stdout);
});

test('spawn: a signal that ended a program is -1', (t) => {
  t.is(sh('kill -9 $$').code, -1);
});

test('spawn: a program is found in PATH or is an error, and needs no first line', (t) => {
  t.throws(() => program('no-such-program'), { message: /ENOENT/ });
  t.throws(() => program('/no/such/program'), { message: /ENOENT/ });
  t.throws(() => program('/etc/passwd'), { message: /EACCES/ });
});

test('spawn: a program begins as one of Node does', (t) => {
  // Descriptors, signals that are ignored or blocked, its name, folder and group.
  const script = `ls /proc/self/fd | wc -l; grep -E '^Sig(Ign|Blk)' /proc/self/status
    echo $0; pwd; [ $(ps -o pgid= -p $$) = $(ps -o pgid= -p $PPID) ] && echo same`;
  const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8', env });
  t.is(sh(script).stdout, stdout);
});
