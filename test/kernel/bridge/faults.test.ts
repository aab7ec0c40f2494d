/**
 * ADD of the bridge plugin as an executable, with faults that strace puts into its system calls: a
 * refused send, a lost answer, a setting that cannot be written, a signal. Whatever happens,
 * everything is as it was, or the attachment is complete.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { startPlugin } from '../../harness/held.ts';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { failed, freshNode, type Node } from '../../harness/node.ts';
import { ourPlugin } from '../../harness/plugin.ts';
import { startStepped } from '../../harness/stepped.ts';
import { faulty, straced } from '../../harness/strace.ts';
import { SYSTEM_PATH } from '../../harness/program.ts';
import { REFERENCE } from '../../harness/plugin.ts';

const config = (node: Node): Row =>
  node.config(['10.88.0.0/24', 'fd88::/64'], { isDefaultGateway: true });

interface Scene {
  readonly node: Node;
  readonly container: Namespace;
  readonly before: readonly string[];
}

function scene(t: ExecutionContext): Scene {
  const node = freshNode(t);
  const container = freshNamespace(t);
  return { node, container, before: node.snapshot(container) };
}

/** Runs ADD with each fault; true for those that it met. */
function meets(
  t: ExecutionContext,
  { node, container, before }: Scene,
  fault: string[],
  code = 999,
): boolean {
  const call = { netns: container.path };
  const output = node.call('ADD', config(node), call, faulty(t, ...fault));
  if (output.code === 0) {
    node.call('DEL', config(node), call);
    node.host.exec('ip', 'link', 'del', 'br0');
    return false;
  }
  t.is(failed(output).code, code);
  t.deepEqual(node.changes(before, container), [], fault.join(' '));
  return true;
}

for (const [title, calls] of Object.entries({
  'a send that the kernel refuses': 'sendto',
  'an answer that is lost': 'recvfrom',
})) {
  test.serial(`bridge ADD: ${title} leaves everything as it was`, (t) => {
    const all = scene(t);
    let met = 0;
    while (meets(t, all, ['-e', `inject=${calls}:error=ENOBUFS:when=${met + 1}`])) met++;
    t.log(`${met} faults`);
    t.true(met >= 3, `${met} faults`);
  });
}

test.serial('bridge ADD: the lease is on the disk before it answers', (t) => {
  const { node, container } = scene(t);
  const folder = mkdtempSync(join(tmpdir(), 'disk-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'log');
  const wrapper = straced(t, '-f', '-o', log, '-e', 'trace=fsync,write,flock', '-e', 'signal=none');
  t.is(node.call('ADD', config(node), { netns: container.path }, wrapper).code, 0);
  const lines = readFileSync(log, 'utf8').split('\n');
  const synced = lines.flatMap((line, at) => (/fsync.*= 0$/.test(line) ? [at] : []));
  // One lease of each family, and the names.
  t.is(synced.length, 3);
  t.true(synced.at(-1)! < lines.findIndex((line) => line.includes('write(1, ')));
  // Others wait for the lock, but not for the disk.
  const released = lines.findIndex((line) => line.includes('LOCK_UN'));
  t.true(released >= 0 && released < lines.findIndex((line) => line.includes('fsync(')));
});

test.serial('bridge ADD: a lease that the disk does not take leaves everything as it was', (t) => {
  const all = scene(t);
  const IO_FAILURE = 5;
  t.true(meets(t, all, ['-e', 'inject=fsync:error=EIO'], IO_FAILURE));
});

const SETTINGS = [
  'net/ipv4/ip_forward',
  'net/ipv6/conf/all/forwarding',
  'net/ipv6/conf/eth0/disable_ipv6',
  'net/ipv6/conf/eth0/keep_addr_on_down',
  'net/ipv6/conf/eth0/accept_ra',
  'net/ipv6/conf/br0/accept_ra',
];

test.serial('bridge ADD: a setting that cannot be written leaves everything as it was', (t) => {
  const all = scene(t);
  for (const name of SETTINGS) {
    const fault = ['-P', `/proc/sys/${name}`, '-e', 'inject=openat,open:error=EIO'];
    t.true(meets(t, all, fault), name);
  }
});

test.serial('bridge ADD: a signal at any send ends it with everything as it was', (t) => {
  const { node, container, before } = scene(t);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
    for (let send = 1; send <= 3; send++) {
      const fault = ['-e', `inject=sendto:signal=${signal}:when=${send}`];
      const output = node.call('ADD', config(node), { netns: container.path }, faulty(t, ...fault));
      const error = failed(output);
      t.is(error.msg, `ended by ${signal}`);
      t.deepEqual(node.changes(before, container), [], `${signal} at send ${send}`);
    }
  }
});

test.serial('bridge ADD: a signal ends the wait for the lease lock at once', async (t) => {
  const { node, container, before } = scene(t);
  const directory = join(node.dataDir, 'net1');
  mkdirSync(directory);
  const lock = join(directory, 'lock');
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const holder = spawn('flock', [lock, 'sh', '-c', 'echo held; read end']);
    await once(holder.stdout, 'data');
    const adding = node.host.run(() =>
      startPlugin([ourPlugin('bridge')], {
        CNI_COMMAND: 'ADD',
        CNI_CONTAINERID: 'c1',
        CNI_NETNS: container.path,
        CNI_IFNAME: 'eth0',
      }),
    );
    adding.feed(config(node));
    // A waiter stands below the holder, with an arrow.
    const waits = new RegExp(`-> FLOCK .* ${adding.pid} `);
    while (!waits.test(readFileSync('/proc/locks', 'utf8'))) await setTimeout(5);
    process.kill(adding.pid, signal);
    // The lock is still held: nothing else ends the wait before its deadline.
    const { code, stdout } = await adding.ended;
    t.is(code, 1);
    t.is((JSON.parse(stdout) as { msg: string }).msg, `ended by ${signal}`);
    holder.stdin.end();
    await once(holder, 'exit');
    rmSync(lock);
    t.deepEqual(node.changes(before, container), []);
  }
});

test.serial('bridge ADD: signals that its caller ignores stay ignored', (t) => {
  const { node, container } = scene(t);
  const folder = mkdtempSync(join(tmpdir(), 'nohup-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const wrapper = join(folder, 'bridge');
  for (const signal of ['HUP', 'INT', 'TERM']) {
    const fault = `inject=sendto:signal=SIG${signal}:when=2`;
    const command = `strace -f -o /dev/null -e ${fault} ${ourPlugin('bridge')}`;
    writeFileSync(wrapper, `#!/bin/sh\ntrap '' ${signal}\nexec ${command}\n`, { mode: 0o755 });
    const { code, stdout } = node.call('ADD', config(node), { netns: container.path }, wrapper);
    t.is(code, 0, stdout);
    node.call('DEL', config(node), { netns: container.path });
  }
});

test.serial(
  'bridge ADD: a result that cannot be written to its end is undone, and nothing is put behind it',
  (t) => {
    const { node, container, before } = scene(t);
    // The size of a file is limited, setrlimit(2): the first write(2) is cut short, the next fails.
    const folder = mkdtempSync(join(tmpdir(), 'cut-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const [wrapper, answer] = [join(folder, 'bridge'), join(folder, 'answer')];
    writeFileSync(
      wrapper,
      `#!/bin/bash\ntrap '' XFSZ\nulimit -f 1\nhead -c 1000 /dev/zero > ${answer}\n${ourPlugin('bridge')} >> ${answer}\n`,
      { mode: 0o755 },
    );
    const { code, stderr } = node.call('ADD', config(node), { netns: container.path }, wrapper);
    t.is(code, 1);
    t.regex(stderr, /^error writing to stdout: EFBIG/m);
    t.is(readFileSync(answer).length, 1024);
    t.deepEqual(node.changes(before, container), []);
  },
);

test.serial('bridge ADD: told to end between two sends it undoes what it did', async (t) => {
  const { node, container, before } = scene(t);
  const call = {
    command: 'ADD',
    containerId: 'c1',
    netns: container.path,
    ifname: 'eth0',
  } as const;
  for (let send = 1; ; send++) {
    const adding = node.host.run(() => startStepped(t, call, config(node), String(send)));
    if (!(await adding.stopped())) {
      t.is((await adding.ended).code, 0);
      t.true(send > 3, `${send - 1} sends`);
      return;
    }
    // To the process, not to a thread: the kernel chooses the thread.
    adding.tell('SIGTERM');
    adding.goOn();
    t.is((await adding.ended).code, 1, `send ${send}`);
    t.deepEqual(node.changes(before, container), [], `send ${send}`);
  }
});

test.serial('bridge ADD: killed at any time it is complete or has left nothing', async (t) => {
  const { node, container, before } = scene(t);
  const outcomes = { complete: 0, undone: 0, early: 0 };
  const started = performance.now();
  t.is((await run(node, container, undefined)).code, 0);
  const typical = performance.now() - started;
  const whole = shape(node, container);
  undo(node, container);
  for (let i = 0; i < 30; i++) {
    const { code } = await run(node, container, (typical * 1.2 * i) / 30);
    // The signal may also come between the result and the end.
    if (code === 0 || shape(node, container) === whole) {
      outcomes.complete++;
      t.is(shape(node, container), whole);
      undo(node, container);
    } else {
      outcomes[code === 1 ? 'undone' : 'early']++;
      t.deepEqual(node.changes(before, container), []);
    }
  }
  t.log(JSON.stringify(outcomes));
});

/** What an attachment consists of, without what is chosen at random or counted up. */
function shape(node: Node, container: Namespace): string {
  const both =
    'ip -o -br link | wc -l; ip -o addr show scope global | wc -l; ip route; ip -6 route | sed /^fe80/d';
  const where = [node.host, container].map((each) => each.exec('sh', '-c', both));
  return [...where, Object.keys(node.leases()).length]
    .join('\n')
    .replaceAll(/\.\d+(?= *\n| $)|veth\w+|src \S+|metric \d+| linkdown\b/g, '');
}

function undo(node: Node, container: Namespace): void {
  node.call('DEL', config(node), { netns: container.path });
  const forwarding = ['ipv4/ip_forward', 'ipv6/conf/all/forwarding'];
  const off = forwarding.map((name) => `echo 0 > /proc/sys/net/${name}`).join('; ');
  node.host.exec('sh', '-c', `ip link del br0; ${off}`);
}

/** One ADD that gets SIGTERM after a number of milliseconds. */
function run(
  node: Node,
  container: Namespace,
  delay: number | undefined,
  binary = ourPlugin('bridge'),
): Promise<{ code: number | null }> {
  const child = node.host.run(() =>
    spawn(binary, [], {
      stdio: ['pipe', 'ignore', 'inherit'],
      env: {
        PATH: SYSTEM_PATH,
        CNI_COMMAND: 'ADD',
        CNI_CONTAINERID: 'c1',
        CNI_NETNS: container.path,
        CNI_IFNAME: 'eth0',
        CNI_PATH: REFERENCE,
      },
    }),
  );
  child.stdin.on('error', () => {});
  child.stdin.end(JSON.stringify(config(node)));
  const timer =
    delay === undefined ? undefined : globalThis.setTimeout(() => child.kill('SIGTERM'), delay);
  return new Promise((done) => {
    child.on('close', (code) => {
      clearTimeout(timer);
      done({ code });
    });
  });
}
