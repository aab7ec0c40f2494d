/** `netlink-ts conformance` with plugins that misbehave, and its three reports. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { main } from '../../../src/cli/main.ts';
import { profileOf } from '../../../src/conformance/profiles.ts';
import { Stage } from '../../../src/conformance/stage.ts';
import { currentNamespace, listNamespaces } from '../../../src/netlink/namespace.ts';
import { eventually } from '../../harness/eventually.ts';
import { freshNamespace } from '../../harness/namespace.ts';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly notes: string;
}

async function run(...args: readonly string[]): Promise<Run> {
  let [out, notes] = ['', ''];
  const code = await main(['conformance', ...args], {
    write: (text) => void (out += text),
    note: (text) => void (notes += text),
    colours: false,
    readInput: () => new Uint8Array(),
  });
  return { code, out, notes };
}

/** A folder with one plugin, a shell script. */
function folderWith(t: ExecutionContext, script: string, name = 'odd'): string {
  const folder = mkdtempSync(join(tmpdir(), 'plugins-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, name), script);
  chmodSync(join(folder, name), 0o755);
  return folder;
}

interface Row {
  readonly case: string;
  readonly state: string;
  readonly reason?: string;
}
const rows = ({ out }: Run): Row[] => JSON.parse(out) as Row[];

const left = (): string[] => listNamespaces().filter((name) => name.includes('conformance'));

test.serial(
  'conformance: a plugin that never ends is killed, with what it has started',
  async (t) => {
    const folder = folderWith(t, '#!/bin/sh\nsleep 1000 &\necho $! >>"${0%/*}/pids"\nwait\n');
    const words = ['--plugin-dir', folder, '--case', 'version', '--timeout', '1', '--json'];
    const result = await run(...words);
    t.is(result.code, 1);
    t.like(rows(result)[0], {
      state: 'unmet',
      reason: 'VERSION: did not finish in time and was killed',
    });
    // On a slow machine it may have been killed before it has written a line.
    const noted = join(folder, 'pids');
    const pids = existsSync(noted) ? readFileSync(noted, 'utf8').split('\n').filter(Boolean) : [];
    for (const pid of pids)
      t.false(
        eventually(
          () => isAlive(pid),
          (alive) => !alive,
        ),
      );
    t.deepEqual(left(), []);
  },
);

test.serial('conformance: what a plugin leaves running in a namespace is killed', async (t) => {
  const script = `#!/bin/sh
[ "$CNI_COMMAND" = VERSION ] || exit 1
setsid sleep 1000 >/dev/null 2>&1 </dev/null &
echo $! >>"\${0%/*}/pids"
echo '{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}'
`;
  const folder = folderWith(t, script);
  const result = await run('--plugin-dir', folder, '--case', 'version', '--json');
  t.is(result.code, 0);
  t.is(rows(result)[0]!.state, 'met');
  for (const pid of readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n'))
    t.false(
      eventually(
        () => isAlive(pid),
        (alive) => !alive,
      ),
    );
});

test.serial('conformance: a plugin that writes without end is killed', async (t) => {
  const folder = folderWith(t, '#!/bin/sh\nexec cat /dev/zero\n');
  const result = await run('--plugin-dir', folder, '--case', 'version', '--json');
  t.is(result.code, 1);
  t.is(rows(result)[0]!.state, 'unmet');
});

test.serial('conformance: a file that cannot be executed fails its cases', async (t) => {
  const folder = folderWith(t, '#!/nobody/has/this\n');
  const result = await run('--plugin-dir', folder, '--json');
  t.is(result.code, 1);
  t.true(rows(result).every(({ state }) => state === 'unmet'));
  t.regex(rows(result)[0]!.reason!, /ENOENT/);
  t.deepEqual(left(), []);
});

test.serial('conformance: a must that is not met fails, a should only with --strict', async (t) => {
  const script = `#!/bin/sh
cat >/dev/null
[ "$CNI_COMMAND" = VERSION ] || exit 3
echo '{"cniVersion":"1.0.0","supportedVersions":["1.0.0"]}'
`;
  const folder = folderWith(t, script);
  const words = ['--plugin-dir', folder, '--case', 'error-object'];
  t.is((await run(...words)).code, 0);
  t.is((await run(...words, '--strict')).code, 1);
  const { out, notes } = await run(...words);
  t.regex(
    out,
    /^odd\n {2}NO {3}should {2}An error is one JSON object.*\n +no JSON: exit 3 \(SPEC 5/,
  );
  t.regex(out, /\n0 met, 1 not met \(0 of must, 1 of should, 0 of good\), 0 not tried\.\n$/);
  t.is(notes, 'odd: error-object: not met\n');
});

test.serial('conformance: JUnit XML with what a plugin has printed', async (t) => {
  const script = `#!/bin/sh
printf '{"code": 7, "msg": "<a> & \\\\u0001 \\"b\\""}'
exit 1
`;
  const folder = folderWith(t, script);
  const { code, out } = await run('--plugin-dir', folder, '--case', 'version', '--junit');
  t.is(code, 1);
  t.true(out.startsWith('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="conformance" '));
  t.regex(
    out,
    /<testsuite name="odd" tests="1" failures="1" errors="0" skipped="0" time="[\d.]+">/,
  );
  t.regex(out, /<failure message="must \(SPEC 5[^"]*&lt;a&gt; &amp; \ufffd &quot;b&quot;"\/>/);
});

test.serial('conformance: what cannot be meant is an error of use', async (t) => {
  const folder = folderWith(t, '#!/bin/sh\n');
  for (const words of [
    ['--plugin-dir', '/nobody/has/this'],
    ['--plugin-dir', folder, '--plugin', 'off'],
    ['--case', 'versoin'],
    ['--plugin-dir', folder, '--timeout', '0'],
    ['--plugin-dir', folder, '--timeout', 'x'],
    ['--json', '--junit'],
    ['more'],
  ]) {
    const { code, out, notes } = await run(...words);
    t.is(code, 2, words.join(' '));
    t.is(out, '');
    t.regex(notes, /^netlink-ts: .*\nTry netlink-ts conformance --help\.\n$/);
  }
  t.regex((await run('--case', 'versoin')).notes, /did you mean version\?/);
  const { code, out } = await run('--list');
  t.is(code, 0);
  t.regex(out, /^case +level +source +demand\n/);
});

/** A zombie has ended: its parent has not asked for it yet. */
function isAlive(pid: string): boolean {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && !/\) Z /.test(readFileSync(path, 'utf8'));
}

test.serial('conformance: the number of a namespace that has ended kills nobody', (t) => {
  const stage = new Stage({
    profile: profileOf('odd'),
    folder: tmpdir(),
    versions: ['1.0.0'],
    timeout: 1000,
    patience: 1000,
  });
  const container = stage.container();
  container.end();
  const next = freshNamespace(t);
  // As the kernel often does, but not always.
  Object.assign(container.namespace, { ino: next.run(() => currentNamespace().ino) });
  const sleeper = next.run(() => spawn('sleep', ['1000']));
  t.teardown(() => sleeper.kill());
  stage.remove();
  t.true(isAlive(String(sleeper.pid)));
});
