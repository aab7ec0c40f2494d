/**
 * ADD of the bridge plugin waits for events, never for a time to pass. How long it takes, and how
 * far that spreads, is what `npm run bench:bridge -- --dual-stack` prints.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { freshNode, type Node, succeeded } from '../../harness/node.ts';
import { startStepped } from '../../harness/stepped.ts';
import { straced } from '../../harness/strace.ts';

const config = (node: Node): Row =>
  node.config(['10.88.0.0/16', 'fd88::/64'], { isDefaultGateway: true });

test.serial('bridge ADD: nothing sleeps while both families are set up', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const folder = mkdtempSync(join(tmpdir(), 'sleeps-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'log');
  const binary = straced(t, '-f', '-e', 'trace=execve,/nanosleep,/poll,/select', '-o', log);
  succeeded(node.call('ADD', config(node), { netns: container.path }, binary));
  const lines = readFileSync(log, 'utf8').split('\n');
  // Other threads are the runtime's own.
  const main = lines.find((line) => line.includes('execve('))!.split(' ')[0]!;
  const sleeps = lines.filter(
    (line) => line.startsWith(`${main} `) && /nanosleep|select/.test(line),
  );
  t.deepEqual(sleeps, []);
});

test.serial(
  'bridge ADD: an interface that the container brings up first costs no deadline',
  async (t) => {
    const node = freshNode(t);
    const container = freshNamespace(t);
    const call = {
      command: 'ADD',
      containerId: 'c1',
      ifname: 'eth0',
      netns: container.path,
    } as const;
    const adding = node.host.run(() => startStepped(t, call, config(node), '1+', 'sendto,/poll'));
    // Behind each send, so that the kernel has told of the port before somebody listens.
    while (await adding.stopped()) {
      container.exec('ip', 'link', 'set', 'eth0', 'up');
      adding.goOn();
    }
    const { code, stdout, stderr } = await adding.ended;
    t.is(code, 0, stdout);
    // The one wait that may pass in vain is shorter than a second.
    t.notRegex(stderr, /\d{4}\)\s+= 0 \(Timeout\)|tv_sec=[1-9].*\(Timeout\)/);
  },
);

test.serial('bridge DEL: ends when the kernel has answered, whatever its thread does then', (t) => {
  const node = freshNode(t);
  const container = freshNamespace(t);
  const folder = mkdtempSync(join(tmpdir(), 'thread-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'log');
  const call = { netns: container.path };
  succeeded(node.call('ADD', config(node), call));
  // The pair is removed by a write of another thread, which is held back behind it: its answer
  // arrives before the thread is done.
  const late = ['-e', 'trace=write,/recv,/poll', '-e', 'inject=write:delay_exit=200000'];
  const { code, stdout } = node.call(
    'DEL',
    config(node),
    call,
    straced(t, '-f', ...late, '-o', log),
  );
  t.is(code, 0, stdout);
  const lines = readFileSync(log, 'utf8').split('\n');
  t.true(lines.some((line) => /write.*DELAYED/.test(line)));
  const answered = lines.findLastIndex((line) => /recvfrom.* = [1-9]\d*$/.test(line));
  t.deepEqual(
    lines.slice(answered).filter((line) => line.includes('poll')),
    [],
  );
});
