/**
 * ADD with masquerade, as an executable, while something goes wrong on the way to the rules: each
 * call to the kernel over a socket, and the programs of iptables. It fails and everything is as it
 * was, or the attachment is complete.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Feature } from '../../harness/features.ts';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { changes, failed, freshNode, lasting, type Node } from '../../harness/node.ts';
import { ourPlugin, type PluginOutput } from '../../harness/plugin.ts';
import { SYSTEM_PATH } from '../../harness/program.ts';
import { straced } from '../../harness/strace.ts';

interface Backend {
  readonly needs: readonly Feature[];
  readonly keys: Row;
  /** What the administrator has on the host. */
  readonly rules: string;
  /** How often the attachment stands in what is listed. */
  readonly stands: number;
}

const IPTABLES = `
for t in iptables ip6tables; do $t -w -t nat -S; done >&2`;
const EXCEPTIONS = `
iptables -w -t nat -A POSTROUTING -d 192.0.2.0/24 -j ACCEPT
ip6tables -w -t nat -A POSTROUTING -d 2001:db8::/32 -j ACCEPT`;
const BACKENDS: Readonly<Record<string, Backend>> = {
  nftables: { needs: ['nftables-inet'], keys: {}, rules: '', stands: 2 },
  'iptables for an exception': {
    needs: ['iptables-nft', 'nftables-inet'],
    keys: {},
    rules: EXCEPTIONS,
    stands: 2,
  },
  iptables: {
    needs: ['iptables-legacy', 'ip6tables-legacy'],
    keys: { ipMasqBackend: 'iptables' },
    rules: IPTABLES,
    stands: 2,
  },
};

interface Scene {
  readonly node: Node;
  readonly container: Namespace;
  readonly before: readonly string[];
  call(command: 'ADD' | 'DEL', options?: { binary?: string; path?: string }): PluginOutput;
  state(): string[];
  /** In how many places the attachment stands. */
  stands(): number;
}

const LIST = `
nft list ruleset 2>/dev/null || true
for t in iptables ip6tables; do $t-save -t nat; done | sed '/^#/d; s/\\[.*\\]//'`;

function scene(t: ExecutionContext, { keys, rules }: Backend): Scene {
  const node = freshNode(t);
  const container = freshNamespace(t);
  node.host.exec('sh', '-ec', `ip link add br0 type bridge; ip link set br0 up${rules}`);
  const config = node.config(['10.88.0.0/24', 'fd88::/64'], { ipMasq: true, ...keys });
  const list = (): string[] => node.host.exec('sh', '-c', LIST).split('\n');
  const state = (): string[] =>
    [...node.snapshot(container), ...list()].filter((line) => !/counter|br0/.test(line));
  const call: Scene['call'] = (command, { binary = ourPlugin('bridge'), path = '' } = {}) => {
    const env = { PATH: `${path}:${SYSTEM_PATH}` };
    return node.call(command, config, { netns: container.path, env }, binary);
  };
  // The programs make tables that they leave, and the first lease makes a folder.
  for (const command of ['ADD', 'DEL'] as const) t.is(call(command).code, 0);
  const stands = (): number =>
    list().filter((line) => /net1\/c1\/eth0|-A POSTROUTING.*-j CNI-/.test(line)).length;
  return { node, container, before: state(), call, state, stands };
}

/** Programs take their time in user-mode Linux. */
const isUml = readFileSync('/proc/cpuinfo', 'utf8').includes('User Mode Linux');
const CALLS = ['socket', 'setsockopt', 'sendto', 'recvfrom', 'recvmsg', 'getsockopt'];

for (const [title, backend] of Object.entries(BACKENDS)) {
  // On the host's kernel all back ends can be had.
  if (isUml) break;
  const on = needs(...backend.needs, 'bridge', 'veth', 'ipv6');

  on(`masquerade by ${title}: a failing call over a socket leaves everything as it was`, (t) => {
    const { before, call, state, stands } = scene(t, backend);
    const folder = mkdtempSync(join(tmpdir(), 'faults-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const log = join(folder, 'log');
    // What is said before there are rules is the same with each back end.
    const stride = title === 'nftables' ? 1 : 4;
    let undone = 0;
    for (const name of CALLS) {
      for (let ordinal = 1; ; ordinal += stride) {
        const fault = `inject=${name}:error=EIO:when=${ordinal}`;
        const binary = straced(t, '-o', log, '-e', `trace=${name}`, '-e', fault);
        const output = call('ADD', { binary });
        const isMet = readFileSync(log, 'utf8').includes('INJECTED');
        if (output.code === 0) {
          t.is(stands(), backend.stands, fault);
          t.is(call('DEL').code, 0);
        } else {
          failed(output);
          undone++;
        }
        t.deepEqual(
          lasting(() => changes(before, state())),
          [],
          fault,
        );
        if (!isMet) break;
      }
    }
    t.log(`${undone} faults`);
    t.true(undone > 3);
  });
}

/** What may come of a program that is told to change rules, the first time. */
const FAILURES = {
  'does it and fails': '"$real" "$@"; exit 4',
  'does it and is killed': '"$real" "$@"; kill -9 $$',
  'does nothing and fails': 'exit 4',
} as const;

for (const [title, backend] of Object.entries(BACKENDS)) {
  if (title === 'nftables') continue;
  for (const program of ['iptables-restore', 'ip6tables-restore']) {
    for (const [what, script] of Object.entries(FAILURES)) {
      if (isUml && what !== 'does it and fails') continue;
      needs(
        ...backend.needs,
        'bridge',
        'veth',
        'ipv6',
      )(`masquerade by ${title}: when ${program} ${what} nothing is left`, (t) => {
        const { before, call, state, stands } = scene(t, backend);
        const path = mkdtempSync(join(tmpdir(), 'tools-'));
        t.teardown(() => rmSync(path, { recursive: true }));
        const file = join(path, program);
        writeFileSync(
          file,
          `#!/bin/sh\nreal=/usr/sbin/${program}\nmkdir ${path}/met 2>/dev/null || exec "$real" "$@"\n${script}\n`,
        );
        chmodSync(file, 0o755);
        failed(call('ADD', { path }));
        t.deepEqual(
          lasting(() => changes(before, state())),
          [],
        );
        // The next one is complete.
        const { code, stdout } = call('ADD', { path });
        t.is(code, 0, stdout);
        t.is(stands(), backend.stands);
      });
    }
  }
}

needs('iptables-legacy', 'ip6tables-legacy')(
  'masquerade by iptables: no program is waited for without a deadline',
  (t) => {
    const { call } = scene(t, BACKENDS['iptables']!);
    const folder = mkdtempSync(join(tmpdir(), 'waits-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const log = join(folder, 'log');
    t.is(call('ADD', { binary: straced(t, '-o', log, '-e', 'trace=/^p?poll$') }).code, 0);
    const waits = readFileSync(log, 'utf8').split('\n');
    // Both outputs of a program, and its input.
    t.true(waits.some((line) => line.split('fd=').length > 3));
    t.deepEqual(
      waits.filter((line) => /\], \d, (-1|NULL)/.test(line)),
      [],
    );
  },
);

needs('iptables-legacy', 'ip6tables-legacy')(
  'masquerade by iptables: a program that cannot be given its input is an error',
  (t) => {
    const { call, before, state } = scene(t, BACKENDS['iptables']!);
    const folder = mkdtempSync(join(tmpdir(), 'writes-'));
    t.teardown(() => rmSync(folder, { recursive: true }));
    const log = join(folder, 'log');
    const messages: string[] = [];
    for (let ordinal = 1; ; ordinal++) {
      const fault = `inject=write:error=EIO:when=${ordinal}`;
      const output = call('ADD', {
        binary: straced(t, '-o', log, '-e', 'trace=write', '-e', fault),
      });
      const met = readFileSync(log, 'utf8')
        .split('\n')
        .find((line) => line.includes('INJECTED'));
      if (met?.includes('"*nat\\n')) messages.push(failed(output).msg);
      if (output.code === 0) t.is(call('DEL').code, 0);
      t.deepEqual(
        lasting(() => changes(before, state())),
        [],
        met,
      );
      if (met === undefined) break;
    }
    t.deepEqual(messages, [
      'iptables-restore -w --noflush: input/output error',
      'ip6tables-restore -w --noflush: input/output error',
    ]);
  },
);
