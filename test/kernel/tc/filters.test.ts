/**
 * Filters, chains and actions beside tc(8): what we set is what tc sets with the same words, and
 * what we list can be set again.
 */
import type { ExecutionContext } from 'ava';
import { toHex, viewOf } from '../../../src/netlink/codec/bytes.ts';
import { action as actionMessage } from '../../../src/tc/action/message.ts';
import { filter as filterMessage } from '../../../src/tc/filter/message.ts';
import { filterObject } from '../../../src/tc/filter/verbs.ts';
import {
  openTc,
  type ActionSpec,
  type FilterObject,
  type FilterSpec,
  type Place,
} from '../../../src/tc/index.ts';
import { loadFixtures } from '../../harness/fixture.ts';
import { freshNamespace, type Namespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';

/** The links of the fixtures, in the same order: their numbers are those of the captures. */
const devices = (ns: Namespace): void => {
  ns.exec(
    'sh',
    '-ec',
    `ip link add d0 type dummy; ip link set d0 up; ip link add d1 type dummy; ip link set d1 up
    tc qdisc add dev d0 ingress_block 21 clsact; tc qdisc add dev d1 clsact`,
  );
};

const indexOf = (ns: Namespace, dev: string): number =>
  ns.ip<{ ifindex: number }[]>('link', 'show', dev)[0]!.ifindex;

/** Ages, which differ, and the numbers that the kernel gives to actions. */
const steady = (text: string): string =>
  text.replace(/(installed|used|firstused|expires) \d+ sec/g, '$1').trim();

/** Fixtures of `tc filter add`, as specs, of links with these numbers. */
const added = (links: Readonly<Record<number, number>>): readonly [string, FilterSpec][] =>
  loadFixtures('tc/filter/add-').map(({ command, bytes }) => {
    const value = filterMessage.get(viewOf(bytes), 16, bytes.length);
    const object = filterObject({ ...value, ifindex: links[value.ifindex] ?? value.ifindex });
    return [command, { ...object, handle: value.handle || undefined } as FilterSpec];
  });

const D0 = 2;
const D1 = 3;

/** The spec with the link of its mirrors in place of the one that the fixture was captured with. */
const mirroredTo = (spec: FilterSpec, index: number): FilterSpec =>
  JSON.parse(
    JSON.stringify(spec, (key, value: unknown) => {
      if (value instanceof Uint8Array) return toHex(value);
      if (typeof value === 'bigint') return `${value}`;
      return key === 'ifindex' && value === D1 ? index : value;
    }),
  ) as FilterSpec;

/** Of u32 the kernel makes one hash table itself. */
const isAdded = ({ kind, handle }: FilterObject): boolean => kind !== 'u32' || handle !== '800:';

needs('tc-filters')('tc: filters are set as tc sets them, and what is listed can be set', (t) => {
  const [theirs, ours] = [freshNamespace(t), freshNamespace(t)];
  for (const ns of [theirs, ours]) devices(ns);
  using tc = openTc({ netns: ours.path });
  const [d0, d1] = [indexOf(ours, 'd0'), indexOf(ours, 'd1')];
  const problems: string[] = [];
  let count = 0;
  for (const [command, given] of added({ [D0]: d0, [D1]: d1 })) {
    const spec = mirroredTo(given, d1);
    const dev = spec.ifindex === d1 ? 'd1' : 'd0';
    const words = spec.block === undefined ? `dev ${dev} ${spec.parent}` : `block ${spec.block}`;
    // The ingress of the fixtures is that of a link whose filters are its own.
    const theirPlace = words === 'dev d0 ingress' ? 'block 21' : words;
    const place: Place & { chain?: number } =
      theirPlace === 'block 21' ? { block: 21 } : { ifindex: spec.ifindex, parent: spec.parent };
    const show = `tc -d filter show ${theirPlace}`;
    try {
      const run = `{ ${command.replace('dev d0 ingress', 'block 21')}; } && ${show}; tc filter del ${theirPlace} chain ${spec.chain} || true`;
      const wanted = steady(theirs.exec('sh', '-c', run));
      const { ifindex: _i, parent: _p, block: _b, ...rest } = spec;
      if (wanted === '') {
        // The kernel lacks what it matches, or does not take it.
        t.throws(() => tc.filters.add({ ...rest, ...place } as FilterSpec), {
          name: 'NetlinkError',
        });
        continue;
      }
      tc.filters.add({ ...rest, ...place } as FilterSpec);
      count++;
      const shown = steady(ours.exec('sh', '-c', show));
      if (shown !== wanted) problems.push(`${command}: ${shown} is not ${wanted}`);
      const listed = tc.filters.list(place).filter(isAdded);
      const own = listed.at(-1);
      const same = tc.filters.get({
        ...place,
        ...{ protocol: own!.protocol, pref: own!.pref, chain: own!.chain },
        ...{ handle: own!.handle, kind: own!.kind },
      });
      if (same.handle !== own!.handle) problems.push(`${command}: got ${same.handle}`);
      tc.filters.delete({ ...place, chain: spec.chain });
      for (const each of listed) tc.filters.add(each as FilterSpec);
      const again = steady(ours.exec('sh', '-c', show));
      if (again !== wanted) problems.push(`${command}: set again as ${again}, not ${wanted}`);
    } catch (error) {
      problems.push(`${command}: ${(error as Error).message}`);
    }
    if (tc.filters.list(place).length > 0) {
      tc.filters.delete({ ...place, chain: spec.chain });
    }
  }
  t.deepEqual(problems, []);
  t.true(count > 45, `${count}`);
});

needs('tc-actions')('tc: actions are set as tc sets them, and what is listed can be set', (t) => {
  const [theirs, ours] = [freshNamespace(t), freshNamespace(t)];
  for (const ns of [theirs, ours]) devices(ns);
  using tc = openTc({ netns: ours.path });
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const { command, bytes } of loadFixtures('tc/action/add-')) {
    const { attrs } = actionMessage.get(viewOf(bytes), 16, bytes.length);
    const spec = mirroredTo(attrs.tab![0] as FilterSpec, indexOf(ours, 'd1')) as ActionSpec;
    const kind = spec.kind!;
    const show = `tc -d actions ls action ${kind}`;
    const run = `${command} && ${show}; tc actions flush action ${kind} || true`;
    const wanted = steady(theirs.exec('sh', '-c', run));
    if (wanted === '') {
      // The kernel lacks the kind, or does not take it.
      t.throws(() => tc.actions.add(spec), { name: 'NetlinkError' }, command);
      continue;
    }
    seen.add(kind);
    try {
      tc.actions.add(spec);
      const shown = steady(ours.exec('sh', '-c', `${show}; echo`));
      const list = tc.actions.list({ kind });
      if (!wanted.startsWith(shown)) problems.push(`${command}: ${shown} is not ${wanted}`);
      if (list.length !== 1) problems.push(`${command}: ${list.length} actions`);
      const { index } = list[0]!;
      t.is(tc.actions.get({ kind, index }).index, index);
      tc.actions.delete({ kind, index });
      t.is(tc.actions.find({ kind, index }), undefined);
      tc.actions.add(list[0] as ActionSpec);
      tc.actions.replace(list[0] as ActionSpec);
      const again = steady(ours.exec('sh', '-c', `${show}; echo`));
      if (again !== shown) problems.push(`${command}: set again as ${again}, not ${shown}`);
    } catch (error) {
      problems.push(`${command}: ${(error as Error).message}`);
    }
    tc.actions.flush(kind);
    t.deepEqual(tc.actions.list({ kind }), []);
  }
  t.deepEqual(problems, []);
  t.true(seen.size >= 15, [...seen].join(', '));
});

/** 192.0.2.5 as the source of a packet of IP. */
const FROM = { val: 0xc000_0205, mask: 0xffff_ffff, off: 12 } as const;

needs('tc-u32')('tc: hash tables of u32 are those that tc shows', (t) => {
  const ns = freshNamespace(t);
  ns.exec('sh', '-ec', 'ip link add d0 type veth peer d1; tc qdisc add dev d0 clsact');
  using tc = openTc({ netns: ns.path });
  const at = { dev: 'd0', parent: 'egress', protocol: 'ip', pref: 10, kind: 'u32' } as const;
  const sel = { flags: ['terminal'], keys: [FROM] } as const;
  tc.filters.add({ ...at, handle: '1:', options: { divisor: 256 } });
  tc.filters.add({ ...at, handle: '1:5:7', options: { hash: '1:5', sel, classid: '1:10' } });
  const link = { keys: [{ val: 0, mask: 0, off: 0 }], hoff: 12, hmask: 0xff } as const;
  tc.filters.add({ ...at, options: { link: '1:', sel: link } });
  interface Shown {
    readonly options?: { readonly fh: string };
  }
  const shown = JSON.parse(ns.exec('tc', '-j', 'filter', 'show', 'dev', 'd0', 'egress')) as Shown[];
  const handles = (): string[] => tc.filters.list(at).map(({ handle }) => handle);
  t.deepEqual(
    handles(),
    shown.flatMap(({ options }) => (options === undefined ? [] : [options.fh])),
  );
  t.deepEqual([...handles()].sort(), ['1:', '1:5:7', '800:', '800::800']);
  const found = tc.filters.get({ ...at, handle: '1:5:7' });
  t.deepEqual(found.kind === 'u32' && found.options?.sel?.keys, [{ ...FROM, offmask: 0 }]);
  // Of a filter that was listed the number of its keys is left to us.
  const more = { ...sel, keys: [FROM, { ...FROM, off: 16 }] };
  tc.filters.delete({ ...at, handle: '1:5:7' });
  tc.filters.add({ ...found, options: { hash: '1:5', sel: more } } as FilterSpec);
  const again = tc.filters.get({ ...at, handle: '1:5:7' });
  t.is(again.kind === 'u32' && again.options?.sel?.keys.length, 2);
  tc.filters.delete({ dev: 'd0', parent: 'egress' });
  t.deepEqual(handles(), []);
});

needs('tc-filters')('tc: what the kernel knows of a packet is compared by name', (t) => {
  const ns = freshNamespace(t);
  devices(ns);
  using tc = openTc({ netns: ns.path });
  const hdr = { left: { kind: 'var dev', op: 'eq' }, right: { kind: 'var value' } } as const;
  const list = [{ kind: 'meta', data: { hdr, rvalue: 'd0' } }] as const;
  const options = { ematches: { list }, act: DROP } as const;
  tc.filters.add({ dev: 'd0', parent: 'egress', kind: 'basic', options });
  t.regex(ns.exec('tc', 'filter', 'show', 'dev', 'd0', 'egress'), /meta\(dev eq d0\)/);
});

needs('tc-filters')('tc: a list of actions has more than 32', (t) => {
  const ns = freshNamespace(t);
  using tc = openTc({ netns: ns.path });
  for (let index = 1; index <= 100; index++) {
    const options = { parms: { action: 'drop' } } as const;
    tc.actions.add({ kind: 'gact', index, options });
  }
  const all = tc.actions.list({ kind: 'gact' });
  t.deepEqual(
    all.map(({ index }) => index).sort((a, b) => a - b),
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  const [terse] = tc.actions.list({ kind: 'gact', terse: true });
  t.is(terse!.kind, 'gact');
  t.throws(() => tc.actions.add({ kind: 'gact', index: 7, options: { parms: {} } }), {
    code: 'EEXIST',
  });
  tc.actions.flush('gact');
});

needs('tc-filters')('tc: chains have templates, and are listed', (t) => {
  const ns = freshNamespace(t);
  devices(ns);
  using tc = openTc({ netns: ns.path });
  const at = { dev: 'd0', parent: 'egress' };
  tc.chains.add({ ...at, chain: 5 });
  t.throws(() => tc.chains.add({ ...at, chain: 5 }), { code: 'EEXIST' });
  const options = { keyIpProto: 'tcp', keyIpv4DstMask: '255.255.0.0', keyEthType: 'ip' } as const;
  tc.chains.add({ ...at, chain: 6, protocol: 'ip', kind: 'flower', options });
  t.deepEqual(
    tc.chains.list(at).map(({ chain, kind }) => [chain, kind]),
    [
      [5, undefined],
      [6, 'flower'],
    ],
  );
  t.is(tc.chains.get({ ...at, chain: 5 }).chain, 5);
  t.is(tc.chains.find({ ...at, chain: 7 }), undefined);
  tc.chains.delete({ ...at, chain: 5 });
  tc.chains.delete({ ...at, chain: 6 });
  t.deepEqual(tc.chains.list(at), []);
});

const DROP = [{ kind: 'gact', options: { parms: { action: 'drop' } } }] as const;

needs('tc-filters')('tc: filters are added, replaced, changed and deleted', (t) => {
  const ns = freshNamespace(t);
  devices(ns);
  using tc = openTc({ netns: ns.path });
  const at = { dev: 'd0', parent: 'egress', protocol: 'ip', pref: 10 } as const;
  const spec = { ...at, kind: 'flower', handle: 1 } as const;
  const options = (keyTcpDst: number) =>
    ({ keyEthType: 'ip', keyIpProto: 'tcp', keyTcpDst, act: DROP }) as const;
  tc.filters.add({ ...spec, options: options(79) });
  t.throws(() => tc.filters.add({ ...spec, options: options(79) }), { code: 'EEXIST' });
  const port = (): number | undefined => {
    const found = tc.filters.get({ ...at, kind: 'flower', handle: '0x1' });
    return found.kind === 'flower' ? found.options?.keyTcpDst : undefined;
  };
  tc.filters.replace({ ...spec, options: options(80) });
  t.is(port(), 80);
  tc.filters.change({ ...spec, options: options(81) });
  t.is(port(), 81);
  t.throws(() => tc.filters.change({ ...spec, handle: 9, options: options(82) }), {
    code: 'ENOENT',
  });
  t.is(tc.filters.find({ ...at, kind: 'flower', handle: 9 }), undefined);
  t.is(tc.filters.list({ dev: 'd0', parent: 'egress', pref: 11 }).length, 0);
  t.is(tc.filters.list({ dev: 'd0', parent: 'egress', handle: 1 }).length, 1);
  const [terse] = tc.filters.list({ dev: 'd0', parent: 'egress', terse: true });
  t.is(terse!.handle, '0x1');
  tc.filters.delete({ ...at, kind: 'flower', handle: 1 });
  t.deepEqual(tc.filters.list({ dev: 'd0', parent: 'egress' }), []);
});

/** What is wrong is one error, before anything is sent. */
function refusals(t: ExecutionContext, ns: Namespace): void {
  using tc = openTc({ netns: ns.path });
  const refused = (spec: object): string =>
    t.throws(
      () => tc.filters.add({ dev: 'd0', parent: 'egress', kind: 'flower', ...spec } as never),
      {
        code: 'ERR_NETLINK_CODEC',
      },
    )!.message;
  t.regex(refused({ handle: 'x' }), /"x" is not a handle like 0x1, or 800::801 of u32/);
  t.regex(refused({ block: 5 }), /on a link or in a block, not both/);
  t.regex(refused({ pref: 70_000 }), /pref: 70000 is not a u16/);
  t.regex(refused({ protocol: 'ipx' }), /protocol: "ipx" is not one of all, ip/);
  t.regex(refused({ options: { keyTcpDst: -1 } }), /TCA_FLOWER_KEY_TCP_DST: -1 is not a be16/);
  const act = [{ kind: 'gact', options: { parms: { action: 'goto 5' } } }];
  t.regex(
    refused({ options: { act } }),
    /TCA_FLOWER_ACT\W+action\[0\]\W+TCA_ACT_OPTIONS\W+TCA_GACT_PARMS\W+action: "goto 5" is not one of/,
  );
  t.throws(() => tc.filters.get({ dev: 'd0', pref: 1, kind: 'flower' }), {
    message: 'a filter is identified by its handle, among others',
  });
  t.throws(() => tc.filters.list({} as never), {
    message: 'name a link by dev or ifindex, or a block',
  });
  t.throws(() => tc.actions.add({} as never), { message: 'an action needs a kind' });
}

needs('tc-filters')('tc: bad filters are one error that names the place', (t) => {
  const ns = freshNamespace(t);
  devices(ns);
  refusals(t, ns);
});

needs('tc-filters')('tc: the monitor tells of filters, chains and actions', async (t) => {
  const ns = freshNamespace(t);
  devices(ns);
  using tc = openTc({ netns: ns.path });
  const events = tc.monitor();
  const at = { dev: 'd0', parent: 'egress', chain: 7 } as const;
  const name = { ...at, protocol: 'all', pref: 3, kind: 'matchall', handle: 1 } as const;
  tc.chains.add(at);
  tc.filters.add({ ...name, options: { act: DROP } });
  tc.filters.delete(name);
  tc.actions.add({ kind: 'gact', index: 9, options: { parms: { action: 'pass' } } });
  tc.actions.delete({ kind: 'gact', index: 9 });
  tc.chains.delete(at);
  const seen: string[] = [];
  for await (const event of events) {
    if (event.type === 'lost' || event.type === 'unreadable') continue;
    seen.push(`${event.action} ${event.type}`);
    if (event.type === 'chains' && event.action === 'del') break;
  }
  t.deepEqual(seen, [
    'new chains',
    'new filters',
    'del filters',
    'new actions',
    'del actions',
    'del chains',
  ]);
});
