/** Connections beside conntrack(8): lists, filters, changes, deletions, statistics and events. */
import {
  openConntrack,
  type ConnectionFilter,
  type ConnectionObject,
  type TupleSpec,
} from '../../../src/conntrack/index.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

const udp = (src: string, dst: string, sport: number, dport: number): TupleSpec => ({
  src,
  dst,
  protonum: 'udp',
  sport,
  dport,
});

const ONE = udp('192.0.2.1', '203.0.113.9', 5000, 53);
const TWO = udp('192.0.2.2', '203.0.113.9', 5000, 53);
const SIX = udp('2001:db8::1', '2001:db8:1::1', 5000, 53);
const TCP: TupleSpec = { ...ONE, protonum: 'tcp', dport: 80 };

function filled(ns: Namespace) {
  const conntrack = openConntrack({ netns: ns.path });
  for (const [orig, mark] of [
    [ONE, 1],
    [TWO, 2],
    [SIX, 3],
  ] as const) {
    conntrack.connections.add({ orig, mark, timeout: 600 });
  }
  conntrack.connections.add({
    orig: TCP,
    status: ['seen_reply', 'assured'],
    timeout: 600,
    protoinfo: { tcp: { state: 'established' } },
  });
  return conntrack;
}

/** What conntrack(8) prints of a family, in one word for each connection, sorted. */
const printed = (ns: Namespace, family: string, ...args: string[]): string[] =>
  ns
    .exec('conntrack', '-L', '-f', family, ...args)
    .split('\n')
    .filter((line) => line.includes('src='))
    .map((line) => {
      const [proto] = line.split(' ');
      const ends = ['src', 'dst', 'sport', 'dport'].map(
        (key) => new RegExp(` ${key}=(\\S+)`).exec(line)![1],
      );
      return [proto, ...ends, / mark=(\d+)/.exec(line)?.[1] ?? 0].join(' ');
    })
    .sort();

const words = (connections: readonly ConnectionObject[]): string[] =>
  connections
    .map(({ orig: { protonum, src, dst, sport, dport }, mark = 0 }) =>
      [protonum, src, dst, sport, dport, mark].join(' '),
    )
    .sort();

/** Filters in our words and in those of conntrack(8). */
const FILTERS: readonly (readonly [ConnectionFilter, family: string, ...args: string[]])[] = [
  [{ family: 'inet' }, 'ipv4'],
  [{ family: 'inet6' }, 'ipv6'],
  [{ orig: { src: '192.0.2.1' } }, 'ipv4', '-s', '192.0.2.1'],
  [{ orig: { src: '192.0.2.2/31' } }, 'ipv4', '-s', '192.0.2.2/31'],
  [{ orig: { dst: '203.0.113.9', protonum: 'udp' } }, 'ipv4', '-d', '203.0.113.9', '-p', 'udp'],
  [{ orig: { dport: 80, protonum: 'tcp' } }, 'ipv4', '-p', 'tcp', '--dport', '80'],
  [{ reply: { src: '203.0.113.9' } }, 'ipv4', '-r', '203.0.113.9'],
  [{ orig: { src: '2001:db8::1' } }, 'ipv6', '-s', '2001:db8::1'],
  [{ reply: { dst: '2001:db8::/64' } }, 'ipv6', '-s', '2001:db8::/64'],
  [{ orig: { src: '2001:db8::7' } }, 'ipv6', '-s', '2001:db8::7'],
  [{ mark: 2 }, 'ipv4', '--mark', '2'],
  [{ mark: { value: 2, mask: 2 }, family: 'inet' }, 'ipv4', '--mark', '2/2'],
  [{ status: ['assured'] }, 'ipv4', '-u', 'ASSURED'],
];

needs('conntrack')('conntrack: lists and filters are those of conntrack -L', (t) => {
  const ns = freshNamespace(t);
  using conntrack = filled(ns);
  const counts = new Set<number>();
  for (const [filter, family, ...args] of FILTERS) {
    const found = conntrack.connections.list(filter);
    const expected = printed(ns, family, ...args);
    t.deepEqual(words(found), expected, args.join(' '));
    t.deepEqual(words([...conntrack.connections.dump(filter)]), expected);
    counts.add(found.length);
  }
  t.true(counts.size > 2);
  t.is(conntrack.connections.list().length, 4);
});

needs('conntrack')('conntrack: a connection is created, changed and deleted', (t) => {
  const ns = freshNamespace(t);
  using conntrack = filled(ns);
  const { connections } = conntrack;
  const tcp = connections.get({ orig: TCP });
  t.like(tcp, {
    family: 'inet',
    orig: TCP,
    reply: { src: TCP.dst, dst: TCP.src, sport: 80, dport: 5000 },
    protoinfo: { tcp: { state: 'established' } },
  });
  t.true(
    ['confirmed', 'assured', 'seen_reply'].every((word) => tcp.status!.includes(word as never)),
  );
  // By the direction of the answers too.
  t.is(connections.get({ reply: tcp.reply }).id, tcp.id);
  t.throws(() => connections.add({ orig: TCP }), {
    code: 'EEXIST',
    message: /^IPCTNL_MSG_CT_NEW "tcp 192\.0\.2\.1:5000 203\.0\.113\.9:80": EEXIST/,
  });
  connections.set({ orig: ONE, mark: 9 });
  t.deepEqual(printed(ns, 'ipv4', '--mark', '9'), ['udp 192.0.2.1 203.0.113.9 5000 53 9']);
  // What a list returns can be written.
  connections.delete(tcp);
  t.is(connections.find({ orig: TCP }), undefined);
  connections.add(tcp);
  t.deepEqual(connections.get({ orig: TCP }).protoinfo, tcp.protoinfo);
  const { id: other } = connections.get({ orig: ONE });
  t.throws(() => connections.delete({ orig: TCP, id: other }), { code: 'ENOENT' });
  t.throws(() => connections.delete({ orig: { ...TCP, sport: 1 } }), { code: 'ENOENT' });
  t.throws(() => connections.set({ orig: { ...TCP, sport: 1 }, mark: 1 }), { code: 'ENOENT' });
});

needs('conntrack')('conntrack: flush deletes what matches, or all', (t) => {
  const ns = freshNamespace(t);
  using conntrack = filled(ns);
  const { connections } = conntrack;
  t.is(connections.flush({ orig: { src: '192.0.2.1' } }), 2);
  t.deepEqual(printed(ns, 'ipv4'), ['udp 192.0.2.2 203.0.113.9 5000 53 2']);
  t.is(connections.flush({ reply: { src: '198.51.100.0/24' } }), 0);
  t.is(connections.flush({ family: 'inet' }), undefined);
  t.deepEqual([printed(ns, 'ipv4').length, printed(ns, 'ipv6').length], [0, 1]);
  t.is(connections.flush({ orig: { dst: '2001:db8:1::/48' } }), 1);
  t.is(connections.flush(), undefined);
  t.is(connections.list().length, 0);
});

needs('conntrack')('conntrack: mistakes are refused before anything is sent', (t) => {
  const ns = freshNamespace(t);
  using conntrack = filled(ns);
  const { connections } = conntrack;
  const code = 'ERR_NETLINK_CODEC';
  const flush = (filter: unknown) => () => connections.flush(filter as ConnectionFilter);
  // A misspelt key must not widen what is deleted.
  t.throws(flush({ orig: { source: '192.0.2.1' } }), { code, message: 'a tuple has no "source"' });
  t.throws(flush({ origin: { src: '192.0.2.1' } }), { code, message: 'a filter has no "origin"' });
  t.throws(flush({ orig: { src: '192.0.2.256' } }), {
    code,
    message: '"192.0.2.256" is neither an IP address nor a prefix',
  });
  t.throws(flush({ status: ['certain'] }), { code, message: /"certain" is not one of/ });
  t.throws(flush({ orig: { protonum: 'tpc' } }), { code, message: /"tpc" is not one of/ });
  t.throws(() => connections.delete({} as never), {
    code,
    message: 'a connection is identified by orig or reply',
  });
  t.is(connections.list().length, 4);
});

needs('conntrack')('conntrack: statistics are those of conntrack -C and -S', (t) => {
  const ns = freshNamespace(t);
  using conntrack = filled(ns);
  const { entries, cpus } = conntrack.stats();
  t.is(entries, Number(ns.exec('conntrack', '-C')));
  const lines = ns.exec('conntrack', '-S').trim().split('\n');
  t.is(cpus.length, lines.length);
  lines.forEach((line, i) => {
    t.is(cpus[i]!.cpu, Number(/cpu=(\d+)/.exec(line)![1]));
    t.is(cpus[i]!.insert, Number(/ insert=(\d+)/.exec(line)![1]));
    t.is(cpus[i]!.earlyDrop, Number(/ early_drop=(\d+)/.exec(line)![1]));
  });
});

needs('conntrack')(
  'conntrack: connections are announced as they come, change and go',
  async (t) => {
    const ns = freshNamespace(t);
    using conntrack = openConntrack({ netns: ns.path });
    const events = conntrack.monitor();
    t.teardown(() => events.close());
    conntrack.connections.add({ orig: ONE, mark: 1, timeout: 600 });
    conntrack.connections.set({ orig: ONE, mark: 2 });
    conntrack.connections.delete({ orig: ONE });
    const seen: string[] = [];
    for await (const event of events) {
      if (event.type !== 'connections') continue;
      t.deepEqual(event.value.orig, ONE);
      seen.push(`${event.action} ${event.value.mark ?? ''}`.trim());
      if (event.action === 'del') break;
    }
    t.is(seen[0], 'new 1');
    t.true(seen.includes('set 2'));
    t.regex(seen.at(-1)!, /^del/);
  },
);
