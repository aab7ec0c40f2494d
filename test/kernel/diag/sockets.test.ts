/** Sockets beside ss(8) and /proc/net: lists, filters in the kernel, destruction, events. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import {
  openDiag,
  type Diag,
  type SocketFilter,
  type SocketObject,
} from '../../../src/diag/index.ts';
import { holdSockets } from '../../harness/holder.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const CONNECTION = [
  'l = socket.create_server(("127.0.0.1", 8080))',
  'c = socket.create_connection(("127.0.0.1", 8080), source_address=("127.0.0.1", 40001))',
  'a = l.accept()[0]',
];

function loopback(t: Parameters<typeof freshNamespace>[0]): Namespace {
  const ns = freshNamespace(t);
  ns.exec('ip', 'link', 'set', 'lo', 'up');
  return ns;
}

/** ss(8)'s words for states. */
const STATES: Readonly<Record<string, string>> = {
  ESTAB: 'established',
  LISTEN: 'listening',
  UNCONN: 'closed',
  'SYN-SENT': 'syn-sent',
  'TIME-WAIT': 'time-wait',
  'CLOSE-WAIT': 'close-wait',
  'FIN-WAIT-2': 'fin-wait-2',
};

const end = (address: string, port: number): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port === 0 ? '*' : port}`;

/** What ss prints of sockets of IP, sorted: state, local and remote end. */
const printed = (ns: Namespace, ...args: string[]): string[] =>
  ns
    .exec('ss', '-Hna', ...args)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [state, , , local, peer] = line.trim().split(/\s+/);
      return `${STATES[state!] ?? state} ${local} ${peer}`;
    })
    .sort();

type InetObject = Extract<SocketObject, { sport: number }>;
const lines = (sockets: readonly object[]): string[] =>
  (sockets as InetObject[])
    .map(({ state, src, sport, dst, dport }) => `${state} ${end(src, sport)} ${end(dst, dport)}`)
    .sort();

test('diag: connections of TCP are those of ss', async (t) => {
  const ns = loopback(t);
  await holdSockets(t, ns, ...CONNECTION, 'k = socket.create_server(("127.0.0.3", 22))');
  using diag = openDiag({ netns: ns.path });
  const found = diag.sockets.list({ kind: 'tcp', family: 'inet' });
  t.is(found.length, 4);
  t.deepEqual(lines(found), printed(ns, '-4', '-t'));
  t.deepEqual([...diag.sockets.dump({ kind: 'tcp' })].length, 4);
  const ours = found.find(({ sport }) => sport === 40001)!;
  const text = ns.exec('ss', '-4tineOH', 'sport', '=', ':40001');
  t.regex(text, new RegExp(`ino:${ours.inode} sk:${ours.cookie.toString(16)} `));
  t.regex(text, new RegExp(`mss:${ours.info!.sndMss} `));
  t.regex(text, new RegExp(`cwnd:${ours.info!.sndCwnd} `));
  t.regex(text, new RegExp(`wscale:${ours.info!.wscale.snd},${ours.info!.wscale.rcv} `));
  t.regex(text, new RegExp(` ${ours.cong} `));
  // Nothing that was not asked for.
  const [bare] = diag.sockets.list({ kind: 'tcp', sport: 40001, show: [] });
  t.is(bare!.info, undefined);
  t.is(bare!.skmeminfo, undefined);
  const same = diag.sockets.get(ours);
  t.is(same.cookie, ours.cookie);
  t.is(diag.sockets.find({ ...ours, cookie: ours.cookie + 1n }), undefined);
  const listener = diag.sockets.find({ kind: 'tcp', src: '127.0.0.1', sport: 8080 });
  t.is(listener?.state, 'listening');
  t.throws(() => diag.sockets.get({ kind: 'tcp', src: '127.0.0.1', sport: 9 }), {
    message: /^SOCK_DIAG_BY_FAMILY "127\.0\.0\.1:9 .*": ENOENT/,
  });
});

/** Filters in our words and in those of ss(8). */
const FILTERS: readonly (readonly [SocketFilter<'tcp'>, string])[] = [
  [{ sport: 22 }, 'sport = 22'],
  [{ sport: { from: 8080 } }, 'sport >= 8080'],
  [{ sport: { from: 23, to: 8080 } }, 'sport >= 23 and sport <= 8080'],
  [{ dport: 8080 }, 'dport = 8080'],
  [{ src: '127.0.0.3' }, 'src 127.0.0.3'],
  [{ src: '127.0.0.0/30' }, 'src 127.0.0.0/30'],
  [{ dst: '127.0.0.0/8' }, 'dst 127.0.0.0/8'],
  [{ not: { dst: '127.0.0.0/8' } }, 'not dst 127.0.0.0/8'],
  [{ any: [{ sport: 22 }, { dport: 8080 }] }, 'sport = 22 or dport = 8080'],
  [
    { any: [{ sport: 22 }, { dport: 8080 }, { sport: 8080, not: { dst: '127.0.0.0/8' } }] },
    'sport = 22 or dport = 8080 or ( sport = 8080 and not dst 127.0.0.0/8 )',
  ],
  [
    { not: { any: [{ sport: 22 }, { not: { src: '127.0.0.1', dport: 8080 } }] } },
    'not ( sport = 22 or not ( src 127.0.0.1 and dport = 8080 ) )',
  ],
  [
    {
      src: '127.0.0.1',
      any: [{ dport: { to: 9000 } }],
      not: { any: [{ sport: 1 }, { sport: 2 }] },
    },
    'src 127.0.0.1 and dport <= 9000 and not ( sport = 1 or sport = 2 )',
  ],
];

test('diag: the kernel filters by addresses, ports and states as for ss', async (t) => {
  const ns = loopback(t);
  await holdSockets(t, ns, ...CONNECTION, 'k = socket.create_server(("127.0.0.3", 22))');
  using diag = openDiag({ netns: ns.path });
  const counts = new Set<number>();
  for (const [filter, words] of FILTERS) {
    const found = diag.sockets.list({ kind: 'tcp', family: 'inet', ...filter });
    t.deepEqual(lines(found), printed(ns, '-4', '-t', words), words);
    counts.add(found.length);
  }
  t.true(counts.size > 2);
  const listening = diag.sockets.list({ kind: 'tcp', states: ['listening'] });
  t.deepEqual(lines(listening), printed(ns, '-4', '-tl'));
  t.is(diag.sockets.list({ kind: 'tcp', autobound: true, states: ['listening'] }).length, 0);
  t.is(diag.sockets.list({ kind: 'tcp', ifindex: 1 }).length, 0);
  t.is(diag.sockets.list({ kind: 'tcp', mark: { value: 0, mask: 1 }, sport: 22 }).length, 1);
});

test('diag: what cannot be filtered is refused before anything is sent', (t) => {
  using diag = openDiag({ netns: freshNamespace(t).path });
  const list = (filter: unknown) => () => diag.sockets.list(filter as SocketFilter);
  const code = 'ERR_NETLINK_CODEC';
  t.throws(list({ kind: 'tpc' }), { code, message: /^kind "tpc" is not one of tcp, udp/ });
  t.throws(list({ kind: 'unix', sport: 22 }), {
    code,
    message: 'sockets of unix cannot be filtered by addresses or ports',
  });
  t.throws(list({ kind: 'tcp', src: '192.0.2.0/33' }), {
    code,
    message: '"192.0.2.0/33" is neither an IP address nor a prefix',
  });
  t.throws(list({ kind: 'tcp', sport: 65_536 }), {
    code,
    message:
      'SOCK_DIAG_BY_FAMILY/INET_DIAG_REQ_BYTECODE: port 65536 is not a number from 0 to 65535',
  });
  t.throws(list({ kind: 'tcp', states: ['open'] }), { code, message: /"open" is not one of/ });
  t.throws(list({ kind: 'tcp', family: 'unix' }), { code, message: /family "unix"/ });
  t.throws(list({ kind: 'tcp', any: [] }), { code, message: /at least one condition/ });
  const any = Array.from({ length: 8000 }, (_, i) => ({ sport: i }));
  t.throws(list({ kind: 'tcp', any }), { code, message: /the kernel accepts 65531 at most/ });
});

needs('udp-diag')('diag: sockets of UDP are those of /proc/net', async (t) => {
  const ns = loopback(t);
  await holdSockets(
    t,
    ns,
    'u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
    'u.bind(("127.0.0.1", 5353))',
    'v = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)',
    'v.bind(("0.0.0.0", 53))',
  );
  using diag = openDiag({ netns: ns.path });
  const inodes = ns
    .exec('cat', '/proc/self/net/udp')
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => Number(line.trim().split(/\s+/)[9]));
  const found = diag.sockets.list({ kind: 'udp' });
  t.deepEqual(found.map(({ inode }) => inode).sort(), inodes.sort());
  t.deepEqual(found.map(({ sport }) => sport).sort(), [53, 5353]);
});

needs('unix-diag')('diag: sockets of AF_UNIX are those of /proc/net/unix', async (t) => {
  const ns = freshNamespace(t);
  const { pid } = await holdSockets(
    t,
    ns,
    'x = socket.socket(socket.AF_UNIX)',
    'x.bind("\\0abstract\\0name")',
    'x.listen()',
    'y, z = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)',
  );
  using diag = openDiag({ netns: ns.path });
  // A program that is started would have sockets there itself.
  const inodes = readFileSync(`/proc/${pid}/net/unix`, 'utf8')
    .split('\n')
    .slice(1)
    .filter((line) => line !== '')
    .map((line) => Number(line.trim().split(/\s+/)[6]));
  const found = diag.sockets.list({ kind: 'unix' });
  t.deepEqual(found.map(({ ino }) => ino).sort(), inodes.sort());
  const named = found.filter(({ name }) => name === '\0abstract\0name');
  t.like(named, [{ kind: 'unix', type: 'stream', state: 'listening' }]);
  const [one, other] = found.filter(({ type }) => type === 'seqpacket');
  t.is(one!.peer, other!.ino);
  t.deepEqual(
    diag.sockets.list({ kind: 'unix', states: ['listening'] }).map(({ name }) => name),
    ['\0abstract\0name'],
  );
});

needs('netlink-diag')('diag: sockets of AF_NETLINK, with their groups', async (t) => {
  const ns = freshNamespace(t);
  const n = 'n = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)';
  await holdSockets(t, ns, n, 'n.bind((4242, 0x41))');
  using diag = openDiag({ netns: ns.path });
  const found = diag.sockets.list({ kind: 'netlink' });
  const ours = found.find(({ portid }) => portid === 4242)!;
  t.like(ours, { kind: 'netlink', protocol: 0, type: 'raw', groups: [1, 7] });
  const inodes = ns
    .exec('cat', '/proc/self/net/netlink')
    .match(/\d+\s*$/gm)!
    .map(Number);
  t.true(inodes.includes(ours.ino));
});

needs('packet-diag')('diag: sockets of AF_PACKET', async (t) => {
  const ns = loopback(t);
  await holdSockets(
    t,
    ns,
    'p = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0806))',
    'p.bind(("lo", 0x0806))',
    'p.setsockopt(263, 1, struct.pack("IHH8s", 1, 1, 6, b""))',
  );
  using diag = openDiag({ netns: ns.path });
  const found = diag.sockets.list({ kind: 'packet' });
  t.is(found.length, 1);
  t.like(found[0], { kind: 'packet', type: 'dgram', num: 0x0806, uid: 0 });
  t.like(found[0]!.info, { index: 1, flags: ['running'] });
  t.like(found[0]!.mclist, [{ index: 1, type: 'promisc' }]);
});

needs('mptcp')('diag: sockets of MPTCP, with what they know', async (t) => {
  const ns = loopback(t);
  await holdSockets(
    t,
    ns,
    'l = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)',
    'l.bind(("127.0.0.1", 8080))',
    'l.listen()',
    'c = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)',
    'c.connect(("127.0.0.1", 8080))',
    'a = l.accept()[0]',
  );
  using diag = openDiag({ netns: ns.path });
  const found = diag.sockets.list({ kind: 'mptcp', dport: 8080 });
  t.is(found.length, 1);
  t.deepEqual(lines(found), printed(ns, '-4', '-M', 'dport = 8080'));
  const { token } = found[0]!.info!;
  t.regex(ns.exec('ss', '-4MinH', 'dport = 8080'), new RegExp(`token:${token.toString(16)}\\b`));
  // The subflow is a connection of TCP, and names the same token.
  const [subflow] = diag.sockets.list({ kind: 'tcp', dport: 8080 });
  t.is(subflow!.ulpInfo?.name, 'mptcp');
  t.is(subflow!.ulpInfo?.mptcp?.tokenLoc, token);
});

needs('raw-diag')('diag: raw sockets, with their protocol', async (t) => {
  const ns = loopback(t);
  await holdSockets(t, ns, 'r = socket.socket(socket.AF_INET, socket.SOCK_RAW, 132)');
  using diag = openDiag({ netns: ns.path });
  const found = diag.sockets.list({ kind: 'raw' });
  t.is(found.length, 1);
  t.like(found[0], { kind: 'raw', sport: 132, protocol: 132 });
});

needs('vsock-diag')('diag: sockets of AF_VSOCK', async (t) => {
  const ns = freshNamespace(t);
  await holdSockets(
    t,
    ns,
    'v = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)',
    'v.bind((1, 1234))',
    'v.listen()',
  );
  using diag = openDiag({ netns: ns.path });
  t.like(diag.sockets.list({ kind: 'vsock', states: ['listening'] }), [
    { kind: 'vsock', type: 'stream', srcCid: 1, srcPort: 1234 },
  ]);
});

test('diag: without a kind, all that the kernel can list; a named one is an error', async (t) => {
  const ns = loopback(t);
  await holdSockets(t, ns, ...CONNECTION);
  using diag = openDiag({ netns: ns.path });
  const all = diag.sockets.list();
  t.is(all.filter(({ kind }) => kind === 'tcp').length, 3);
  t.deepEqual(
    all.map(({ kind, cookie }) => `${kind} ${cookie}`).sort(),
    [...diag.sockets.dump()].map(({ kind, cookie }) => `${kind} ${cookie}`).sort(),
  );
  // With a condition that only sockets of IP can meet, no others.
  t.deepEqual([...new Set(diag.sockets.list({ sport: 8080 }).map(({ kind }) => kind))], ['tcp']);
  const missing = (kind: 'udplite') => diag.sockets.list({ kind });
  try {
    missing('udplite');
  } catch (error) {
    t.regex(
      (error as Error).message,
      /^SOCK_DIAG_BY_FAMILY "udplite": ENOENT: .* \(this kernel cannot list sockets of udplite; its module may have to be loaded: modprobe udp_diag\)$/,
    );
  }
});

const destroyed = (diag: Diag, port: number): boolean =>
  diag.sockets.list({ kind: 'tcp', any: [{ sport: port }], states: ['established'] }).length === 0;

needs('inet-destroy')('diag: the owner of a destroyed socket gets ECONNABORTED', async (t) => {
  const ns = loopback(t);
  const holder = await holdSockets(t, ns, ...CONNECTION);
  using diag = openDiag({ netns: ns.path });
  const [ours] = diag.sockets.list({ kind: 'tcp', sport: 40001 });
  t.throws(() => diag.sockets.destroy({ ...ours!, cookie: ours!.cookie + 1n }), {
    code: 'ENOENT',
    message: /^SOCK_DESTROY "127\.0\.0\.1:40001 127\.0\.0\.1:8080": ENOENT/,
  });
  diag.sockets.destroy(ours!);
  t.is(await holder.run('c.recv(1)'), 'software caused connection abort');
  t.true(destroyed(diag, 40001));
  t.throws(() => diag.sockets.destroy(ours!), { code: 'ENOENT' });
});

needs('inet-destroy')(
  'diag: flush destroys all that match, of an address that is gone',
  async (t) => {
    const ns = loopback(t);
    ns.exec('ip', 'address', 'add', '192.0.2.1/32', 'dev', 'lo');
    const holder = await holdSockets(
      t,
      ns,
      ...CONNECTION,
      's = socket.create_server(("192.0.2.1", 80))',
      'e = [socket.create_connection(("192.0.2.1", 80)) for _ in range(5)]',
    );
    using diag = openDiag({ netns: ns.path });
    ns.exec('ip', 'address', 'delete', '192.0.2.1/32', 'dev', 'lo');
    t.is(diag.sockets.flush({ kind: 'tcp', src: '192.0.2.1', dport: 80 }), 5);
    t.is(await holder.run('e[4].recv(1)'), 'software caused connection abort');
    t.is(diag.sockets.flush({ src: '192.0.2.0/24', not: { sport: 80 } }), 0);
    t.is(diag.sockets.list({ kind: 'tcp', sport: 40001 }).length, 1);
  },
);

test('diag: closed sockets are announced', async (t) => {
  const ns = loopback(t);
  const holder = await holdSockets(t, ns, ...CONNECTION);
  using diag = openDiag({ netns: ns.path });
  const events = diag.monitor();
  t.teardown(() => events.close());
  await holder.run('c.send(b"hello")');
  // The one that closes last has no remainder in time-wait.
  await holder.run('a.close()');
  await holder.run('c.close()');
  for await (const event of events) {
    if (event.type !== 'sockets' || event.value.sport !== 40001) continue;
    t.like(event, { action: 'del', value: { kind: 'tcp', src: '127.0.0.1', dport: 8080 } });
    t.is(event.value.kind === 'tcp' && event.value.info?.bytesSent, 5n);
    break;
  }
});
