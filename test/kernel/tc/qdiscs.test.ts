/**
 * Qdiscs and classes beside tc(8): what we set is what tc sets with the same words, and what we
 * list is what tc lists.
 */
import { inspect, isDeepStrictEqual } from 'node:util';
import type { ExecutionContext } from 'ava';
import { openTc, type QdiscSpec } from '../../../src/tc/index.ts';
import { htbOptions, tbfOptions } from '../../../src/tc/shape.ts';
import { qdisc as qdiscMessage, type Qdisc } from '../../../src/tc/qdisc/message.ts';
import { viewOf } from '../../../src/netlink/codec/bytes.ts';
import { settable } from '../../../src/tc/counters.ts';
import { freshNamespace, type Namespace, type Row } from '../../harness/namespace.ts';
import { loadFixtures } from '../../harness/fixture.ts';
import { needs } from '../../harness/needs.ts';

const device = (ns: Namespace): void => {
  ns.exec('ip', 'link', 'add', 'd0', 'numtxqueues', '4', 'type', 'veth', 'peer', 'd1');
  ns.exec('ip', 'link', 'set', 'd0', 'up');
};

/** The rows of `tc -j -d ARGS…` inside. */
const tcJson = (ns: Namespace, ...args: string[]): Row[] =>
  JSON.parse(ns.exec('tc', '-j', '-d', ...args)) as Row[];

/** What tc prints, of some kinds no JSON. The kernel chooses handles from 8001 on. */
const withoutHandles = (text: string): string => text.replace(/ 8[0-9a-f]{3}: /g, ' ').trim();

/** Fixtures of `tc qdisc add`, as specs; the kind that a kernel lacks is left out. */
const added = (only: (kind: string) => boolean): readonly (readonly [string, QdiscSpec])[] =>
  loadFixtures('tc/qdisc/add-')
    .map(({ command, bytes }): [string, Qdisc] => [
      command,
      qdiscMessage.get(viewOf(bytes), 16, bytes.length),
    ])
    .filter(([command, { attrs }]) => only(attrs.kind ?? '') && !/ hw 1 /.test(command))
    .map(([command, { ifindex: _i, info: _, attrs, handle, parent }]) => [
      command,
      { handle, parent, ...settable(attrs) } as QdiscSpec,
    ]);

function alike(t: ExecutionContext, only: (kind: string) => boolean): void {
  const [theirs, ours] = [freshNamespace(t), freshNamespace(t)];
  for (const ns of [theirs, ours]) device(ns);
  using tc = openTc({ netns: ours.path });
  const { index: ifindex } = ours
    .ip<{ ifindex: number; index?: number }[]>('link', 'show', 'd0')
    .map((row) => ({ index: row.ifindex }))[0]!;
  let count = 0;
  const problems: string[] = [];
  for (const [command, spec] of added(only)) {
    const parent = spec.parent!;
    const place = parent === 'ingress' ? 'clsact' : parent;
    try {
      // One shell, because a program takes long to start in user-mode Linux.
      const show = 'tc -d qdisc show dev d0';
      const shell = `{ ${command}; } && ${show}; tc qdisc del dev d0 ${place}`;
      const wanted = withoutHandles(theirs.exec('sh', '-c', shell));
      tc.qdiscs.add({ ...spec, ifindex });
      const shown = withoutHandles(ours.exec('sh', '-c', show));
      if (shown !== wanted) problems.push(`${command}: ${shown} is not ${wanted}`);
      const own = tc.qdiscs.get({ dev: 'd0', parent });
      if (own.kind !== spec.kind) problems.push(`${command}: ${own.kind}`);
      tc.qdiscs.delete({ dev: 'd0', parent });
      // What a list returns can be given to add, with the tables that the kernel does not tell.
      const { stab, options } = spec as { stab?: object; options?: { stab?: object } };
      const told = own.options as object | undefined;
      const all = options?.stab === undefined ? told : { ...told, stab: options.stab };
      tc.qdiscs.add({ ...own, stab, options: all } as never);
      const again = tc.qdiscs.get({ dev: 'd0', parent });
      if (!ROUNDED.includes(spec.kind!) && !isDeepStrictEqual(again.options, told)) {
        problems.push(`${command}: read again as ${inspect(again.options)}`);
      }
      tc.qdiscs.delete({ dev: 'd0', parent });
    } catch (error) {
      problems.push(`${command}: ${(error as Error).message}`);
    }
    count++;
  }
  t.deepEqual(problems, []);
  t.true(count > 0);
}

/** The kernel rounds their times down by a microsecond each time. */
const ROUNDED = ['codel', 'fq_codel'];
/** Not in the kernel of user-mode Linux. */
const NOWHERE = ['ets', 'fq_pie'];
const SHAPERS = ['tbf', 'htb', 'pfifo', 'bfifo', 'clsact'];

needs('veth', 'tc-shapers')('tc: token buckets are set as tc sets them', (t) => {
  alike(t, (kind) => SHAPERS.includes(kind));
});

for (const part of ['a to h', 'm to z']) {
  needs('veth', 'tc-kinds')(`tc: all other qdiscs, ${part}, are set as tc sets them`, (t) => {
    const isFirst = (kind: string): boolean => kind < 'i';
    alike(t, (kind) => {
      if (SHAPERS.includes(kind) || NOWHERE.includes(kind)) return false;
      return isFirst(kind) === (part === 'a to h');
    });
  });
}

needs('veth', 'tc-shapers')('tc: classes are set as tc sets them', (t) => {
  const [ns, theirs] = [freshNamespace(t), freshNamespace(t)];
  for (const each of [ns, theirs]) device(each);
  using tc = openTc({ netns: ns.path });
  const options = { init: { rate2quantum: 10, defcls: 0x10 } };
  tc.qdiscs.add({ dev: 'd0', handle: '1:', kind: 'htb', options });
  const at = { dev: 'd0', parent: '1:', kind: 'htb' } as const;
  tc.classes.add({ ...at, handle: '1:10', options: htbOptions({ rate: 1e6, ceil: 5e6 }) });
  t.throws(() => tc.classes.add({ ...at, handle: '1:10', options: htbOptions({ rate: 1e6 }) }), {
    code: 'EEXIST',
  });
  tc.classes.replace({ ...at, handle: '1:20', options: htbOptions({ rate: 2e6 }) });
  tc.classes.change({ ...at, handle: '1:20', options: htbOptions({ rate: 3e6 }) });
  tc.qdiscs.add({ dev: 'd0', parent: '1:10', handle: '10:', kind: 'pfifo', options: { limit: 7 } });
  theirs.exec(
    'sh',
    '-ec',
    `tc qdisc add dev d0 root handle 1: htb default 10
    tc class add dev d0 parent 1: classid 1:10 htb rate 1mbit ceil 5mbit
    tc class add dev d0 parent 1: classid 1:20 htb rate 3mbit
    tc qdisc add dev d0 parent 1:10 handle 10: pfifo limit 7`,
  );
  const shown = (each: Namespace): string[] =>
    each.exec('tc', '-d', 'class', 'show', 'dev', 'd0').trim().split('\n').sort();
  t.deepEqual(shown(ns), shown(theirs));
  const ours = tc.classes.list({ dev: 'd0' });
  t.deepEqual(ours.map(({ kind, handle, leaf }) => `class ${kind} ${handle} ${leaf}`).sort(), [
    'class htb 1:10 10:',
    'class htb 1:20 none',
  ]);
  t.deepEqual(
    ours.map((each) => each.kind === 'htb' && each.options?.parms?.rate.rate),
    ours.map(({ handle }) => (handle === '1:10' ? 1e6 : 3e6)),
  );
  t.deepEqual(
    tc.qdiscs.list({ dev: 'd0' }).map(({ kind, handle, parent }) => [kind, handle, parent]),
    tcJson(ns, 'qdisc', 'show', 'dev', 'd0').map((row) => [
      row['kind'],
      row['handle'],
      row['parent'] ?? 'root',
    ]),
  );
  t.is(tc.classes.get({ dev: 'd0', handle: '1:10' }).leaf, '10:');
  t.is(tc.classes.find({ dev: 'd0', handle: '1:99' }), undefined);
  t.throws(() => tc.classes.delete({ dev: 'd0', handle: '1:99' }), { code: 'ENOENT' });
  tc.classes.delete({ dev: 'd0', handle: '1:20' });
  tc.qdiscs.delete({ dev: 'd0' });
  t.deepEqual(tc.classes.list({ dev: 'd0' }), []);
  t.is(tc.qdiscs.find({ dev: 'd0', handle: '1:' }), undefined);
});

needs('veth', 'tc-shapers')('tc: bad input is one error that names the place', (t) => {
  const ns = freshNamespace(t);
  device(ns);
  using tc = openTc({ netns: ns.path });
  const add = (spec: object): string =>
    t.throws(() => tc.qdiscs.add({ dev: 'd0', ...spec } as never))!.message;
  t.regex(add({ kind: 'tbf', handle: 'x' }), /"x" is not a handle like 1: or 1:10/);
  t.regex(add({ kind: 'pfifo', options: { limit: -1 } }), /limit: -1 is not a u32/);
  t.regex(
    add({ kind: 'tbf', options: { parms: { rate: { rate: 7 } } } }),
    /7 is not a multiple of 8/,
  );
  t.regex(add({ kind: 'nothing' }), /ENOENT/);
  t.throws(() => tc.qdiscs.list({ dev: 'nowhere' }), { code: 'ENODEV' });
});

needs('veth', 'tc-shapers')('tc: the monitor tells what is added and deleted', async (t) => {
  const ns = freshNamespace(t);
  device(ns);
  using tc = openTc({ netns: ns.path });
  const events = tc.monitor();
  const options = tbfOptions({ rate: 1e6, burst: 5000, limit: 9000 });
  tc.qdiscs.add({ dev: 'd0', handle: '7:', kind: 'tbf', options });
  tc.qdiscs.delete({ dev: 'd0' });
  const seen: string[] = [];
  for await (const event of events) {
    if (event.type !== 'qdiscs' || event.value.kind !== 'tbf') continue;
    seen.push(`${event.action} ${event.value.handle}`);
    if (event.action === 'del') break;
  }
  t.deepEqual(seen, ['new 7:', 'del 7:']);
});
