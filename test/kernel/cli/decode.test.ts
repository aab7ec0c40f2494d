/** `netlink-ts decode` on what programs say to the kernel, as strace(1) shows it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { readTrace } from '../../../src/cli/strace.ts';
import { fromHex, toHex } from '../../../src/netlink/codec/bytes.ts';
import { withoutComments } from '../../../src/netlink/codec/print.ts';
import { PATIENCE } from '../../harness/eventually.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));

/** Programs, and the protocols that each of them speaks. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'ip link show': ['ROUTE'],
  'ip -d -s addr show': ['ROUTE'],
  'ip route show table all': ['ROUTE'],
  'ip -6 route get ::1': ['ROUTE'],
  'ip neigh show': ['ROUTE'],
  'ip rule show': ['ROUTE'],
  'ip link add br0 type bridge': ['ROUTE'],
  'ip link set lo up': ['ROUTE'],
  'ip addr add 192.0.2.1/24 dev lo': ['ROUTE'],
  'ip route add blackhole 198.51.100.0/24': ['ROUTE'],
  'ip netconf show': ['ROUTE'],
  'ip ntable show': ['ROUTE'],
  'ip maddr show': ['ROUTE'],
  'ip mroute show': ['ROUTE'],
  'ip tunnel show': ['ROUTE'],
  'ip xfrm state': ['XFRM'],
  'ip xfrm policy': ['XFRM'],
  'bridge fdb show': ['ROUTE'],
  'bridge link show': ['ROUTE'],
  'bridge vlan show': ['ROUTE'],
  'bridge mdb show': ['ROUTE'],
  'tc qdisc show': ['ROUTE'],
  'ss -tuln': ['SOCK_DIAG'],
  'ss -xa': ['SOCK_DIAG'],
  'genl ctrl list': ['GENERIC'],
  'nft list ruleset': ['NETFILTER'],
  'getent ahosts localhost': ['ROUTE'],
  'python3 -c import(socket).if_nameindex()': ['ROUTE'],
};

const hasStrace = spawnSync('strace', ['-V']).status === 0;

for (const [command, protocols] of Object.entries(PROGRAMS)) {
  test.skipIf(!hasStrace)(`decode: strace -f ${command}`, (t) => {
    const ns = freshNamespace(t);
    const [program = '', ...words] = command.split(' ');
    const args =
      program === 'python3' ? ['-c', 'import socket; print(socket.if_nameindex())'] : words;
    const options = ['-f', '-e', 'trace=network', '-e', 'write=all', '-e', 'read=all'];
    const traced = ns.run(() =>
      spawnSync('strace', [...options, program, ...args], { encoding: 'utf8', timeout: PATIENCE }),
    );
    const { datagrams, notes } = readTrace(traced.stderr);
    if (datagrams.length === 0) return t.pass('it says nothing here');
    t.deepEqual(notes, []);
    const decoded = spawnSync(process.execPath, [MAIN, 'decode'], {
      input: traced.stderr,
      encoding: 'utf8',
      timeout: PATIENCE,
    });
    t.is(decoded.stderr, '');
    t.is(decoded.status, 0);
    const all = datagrams.map(({ bytes }) => toHex(bytes)).join('');
    t.is(toHex(fromHex(withoutComments(decoded.stdout))), all);
    const spoken = new Set(datagrams.map(({ protocol }) => protocol!.name));
    t.deepEqual([...spoken].sort(), protocols.map((name) => `NETLINK_${name}`).sort());
    if (!protocols.includes('ROUTE')) t.notRegex(decoded.stdout, /RTM_/);
  });
}

/** Whether libpcap and its program are there: they are no part of what the tests install. */
const hasTcpdump = spawnSync('tcpdump', ['--version']).status === 0;

needs('nlmon')('decode: what tcpdump wrote of an nlmon device', async (t) => {
  if (!hasTcpdump) return t.pass('there is no tcpdump');
  const ns = freshNamespace(t);
  const folder = mkdtempSync(join(tmpdir(), 'nlmon-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'netlink.pcap');
  ns.exec('sh', '-c', 'ip link add nlmon0 type nlmon && ip link set nlmon0 up');
  // A request, its answer and the end of a dump at least.
  const options = ['-i', 'nlmon0', '-U', '-c', '3', '-Z', 'root', '-w', file];
  const tcpdump = ns.run(() => spawn('tcpdump', options, { stdio: ['ignore', 'ignore', 'pipe'] }));
  const ended = once(tcpdump, 'exit');
  // Read on to its end: what tcpdump says later must not meet a closed pipe.
  await new Promise<void>((listens) => {
    tcpdump.stderr.on('data', (chunk) => String(chunk).includes('listening') && listens());
  });
  ns.exec('ip', 'addr', 'show');
  await ended;
  const decoded = spawnSync(process.execPath, [MAIN, 'decode', file], { encoding: 'utf8' });
  t.is(decoded.stderr, '');
  t.is(decoded.status, 0);
  t.regex(decoded.stdout, /^# packet 1: NETLINK_ROUTE/m);
  t.regex(decoded.stdout, /type=RTM_GET/);
});
