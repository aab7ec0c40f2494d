/** Many calls of the bridge plugin at once, and what one of them costs. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { eventually } from '../../harness/eventually.ts';
import { freshNamespace, type Row } from '../../harness/namespace.ts';
import { changes, freshNode, lasting, type Node, succeeded } from '../../harness/node.ts';
import { ourPlugin } from '../../harness/plugin.ts';
import { SYSTEM_PATH } from '../../harness/program.ts';
import { straced } from '../../harness/strace.ts';
import { REFERENCE } from '../../harness/plugin.ts';

const MANY = 50;

/** Starts a plugin on the host without waiting for it. */
function start(node: Node, command: string, config: Row, netns: string, containerId: string) {
  const child = node.host.run(() =>
    spawn(ourPlugin('bridge'), [], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        PATH: SYSTEM_PATH,
        CNI_COMMAND: command,
        CNI_CONTAINERID: containerId,
        CNI_NETNS: netns,
        CNI_IFNAME: 'eth0',
        CNI_PATH: REFERENCE,
      },
    }),
  );
  child.stdin.end(JSON.stringify(config));
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (stdout += text));
  return new Promise<{ code: number | null; stdout: string }>((done) => {
    child.on('close', (code) => done({ code, stdout }));
  });
}

test.serial(`bridge ADD: ${MANY} at once, before there is a bridge, all succeed`, async (t) => {
  const node = freshNode(t);
  const untouched = node.snapshot();
  const config = node.config(['10.88.0.0/24', 'fd88::/64'], { isDefaultGateway: true });
  const containers = Array.from({ length: MANY }, () => freshNamespace(t));
  const id = (i: number): string => `c${i}`;
  const added = await Promise.all(
    containers.map(({ path }, i) => start(node, 'ADD', config, path, id(i))),
  );
  t.deepEqual(
    added.filter(({ code }) => code !== 0).map(({ stdout }) => stdout),
    [],
  );
  const results = added.map(({ stdout }) => JSON.parse(stdout) as { ips: { address: string }[] });
  const addresses = results.flatMap(({ ips }) => ips.map(({ address }) => address));
  t.is(new Set(addresses).size, 2 * MANY);
  // Of each the ADD has waited for.
  const ports = node.host.ip<{ operstate: string }[]>('link', 'show', 'master', 'br0');
  t.is(ports.filter(({ operstate }) => operstate === 'UP').length, MANY);
  t.regex(
    node.host.exec('ip', '-o', 'addr', 'show', 'dev', 'br0'),
    /10\.88\.0\.1\/24[^]*fd88::1\/64/,
  );

  const deleted = await Promise.all(
    containers.map(({ path }, i) => start(node, 'DEL', config, path, id(i))),
  );
  t.deepEqual(
    deleted.filter(({ code }) => code !== 0).map(({ stdout }) => stdout),
    [],
  );
  node.host.exec('ip', 'link', 'del', 'br0');
  t.deepEqual(
    lasting(() =>
      changes(untouched, node.snapshot()).filter(
        (line) => !/\/(ip_)?forwarding|ip_forward:/.test(line),
      ),
    ),
    [],
  );
});

/** The lines of strace that one ADD of a plain IPv4 attachment makes. */
function traced(
  t: ExecutionContext,
  options: readonly string[],
  before: (node: Node) => void = () => {},
): string[] {
  const node = freshNode(t);
  // As on any host after the first attachment; switching it on is preceded by a look at who is
  // there.
  node.host.exec('sysctl', '-qw', 'net.ipv4.ip_forward=1');
  before(node);
  const container = freshNamespace(t);
  const folder = mkdtempSync(join(tmpdir(), 'strace-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const log = join(folder, 'log');
  const wrapper = straced(t, '-f', '-o', log, ...options);
  const config = node.config(['10.88.0.0/24'], { isDefaultGateway: true });
  succeeded(node.call('ADD', config, { netns: container.path }, wrapper));
  return readFileSync(log, 'utf8').trim().split('\n');
}

/**
 * A bridge with the gateway that one more container is attached to is asked for its addresses
 * before.
 */
const STEADY: Readonly<Record<string, [sends: number, before?: (node: Node) => void]>> = {
  'a new bridge': [3],
  'a bridge with its gateway': [
    4,
    ({ host }) => {
      for (const words of ['link add br0 type bridge', 'addr add 10.88.0.1/24 dev br0']) {
        host.exec('ip', ...words.split(' '));
      }
      host.exec('ip', 'link', 'set', 'br0', 'address', '02:00:5e:00:53:07', 'up');
      host.exec('sysctl', '-qw', 'net.ipv6.conf.br0.accept_ra=0');
    },
  ],
};

for (const [title, [most, before]] of Object.entries(STEADY)) {
  test.serial(
    `bridge ADD: plain IPv4 is one process, two sockets, twelve messages: ${title}`,
    (t) => {
      const options = [
        '-s',
        '4096',
        '-e',
        'trace=execve,clone,fork,vfork,clone3,socket,sendto,sendmsg',
      ];
      const sockets = (lines: readonly string[]): number =>
        lines.filter((line) => /socket\(AF_NETLINK/.test(line)).length;
      // A third one reads the state of a port that takes the kernel longer than 20 ms.
      const calls = eventually(
        () => traced(t, options, before),
        (lines) => sockets(lines) <= 2,
      );
      t.true(sockets(calls) <= 2);
      const of = (name: string): string[] =>
        calls.filter((line) => new RegExp(`^\\d+ +${name}\\(`).test(line));
      t.is(of('execve').filter((line) => line.endsWith('= 0')).length, 1);
      t.is(of('fork').length + of('vfork').length, 0);
      const sent = [...of('sendto'), ...of('sendmsg')];
      t.true(sent.length <= most, `${sent.length} sends`);
      const messages = sent.map((line) => line.split('nlmsg_len=').length - 1);
      const count = messages.reduce((sum, each) => sum + each, 0);
      t.log(`${sent.length} sends with ${messages.join(' + ')} messages`);
      t.true(count <= 12, `${count} messages`);
    },
  );
}
