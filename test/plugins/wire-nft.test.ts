/**
 * What masquerade has written out by hand says the same as the declarations of nf_tables, byte by
 * byte; and what it reads.
 */
import test from 'ava';
import { viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import type { Part } from '../../src/netlink/codec/codec.ts';
import { NLM_F_DUMP } from '../../src/netlink/constants.ts';
import { ENOENT, EPERM } from '../../src/sys/errno.ts';
import type { NetlinkError } from '../../src/errors.ts';
import { fakeSocket } from '../../src/netlink/fake.ts';
import { decode, encode } from '../../src/netlink/codec/frame.ts';
import type { AnyMessage } from '../../src/netlink/codec/message.ts';
import type { Request } from '../../src/netlink/request.ts';
import * as declared from '../../src/nftables/index.ts';
import { batch } from '../../src/nftables/messages/batch.ts';
import { nftables } from '../../src/nftables/nf-tables.ts';
import { addressBytes } from '../../src/ip.ts';
import { MULTICAST, placeOf } from '../../src/plugins/masquerade/names.ts';
import { ruleOf } from '../../src/plugins/masquerade/table.ts';
import { ask } from '../../src/plugins/wire/nft-ask.ts';
import * as rules from '../../src/plugins/wire/nft-rule.ts';
import * as ruleset from '../../src/plugins/wire/nft-ruleset.ts';
import * as sets from '../../src/plugins/wire/nft-set.ts';

const table = { family: 'inet', table: 'example' } as const;
const chain = { ...table, chain: 'postrouting' } as const;
const set = { ...table, set: 'ip_net1_10.1.2.0/24' } as const;
/** The same as objects, by name. */
const named = {
  table: { family: 'inet', name: 'example' },
  chain: { ...table, name: chain.chain },
  set: { ...table, name: set.set },
} as const;
const key = addressBytes('10.1.2.3');
const both = [
  { key, comment: 'net1/c1/eth0' },
  { key: addressBytes('10.1.2.4'), comment: 'nét1/c2/eth0' },
];
const hook = { type: 'nat', hook: 'postrouting', prio: 1000, policy: 'accept' } as const;

/** The type of the first and the last message of a transaction. */
const [BEGIN, END] = [16, 17];

/** Written out, and declared. */
const REQUESTS: Record<string, readonly [Request, Request]> = {
  'the begin of a transaction': [
    ruleset.batchBegin(undefined),
    { message: batch, type: BEGIN, value: { resId: 10, attrs: {} } },
  ],
  'the begin of one that is bound': [
    ruleset.batchBegin(70001),
    { message: batch, type: BEGIN, value: { resId: 10, attrs: { genid: 70001 } } },
  ],
  'the end of a transaction': [
    ruleset.batchEnd(),
    { message: batch, type: END, value: { resId: 10 } },
  ],
  'a question for the generation': [ruleset.getGeneration(), declared.getGeneration()],
  'a question for a table': [ruleset.getTable(table), declared.getTable(named.table)],
  'a question for a chain': [ruleset.getChain(chain), declared.getChain(named.chain)],
  'a question for a set': [sets.getSet(set), declared.getSet(named.set)],
  'a question for an element': [
    sets.getElement({ ...set, key }),
    declared.getElement({ ...named.set, key: '10.1.2.3' }),
  ],
  'all sets': [sets.listSets(table), declared.listSets(table)],
  'all elements': [sets.listElements(set), declared.listElements(named.set)],
  'a look at all elements': [
    sets.tallyElements({ ...set, comment: 'x' }),
    declared.listElements(named.set),
  ],
  'all rules': [rules.listRules(chain), declared.listRules(chain)],
  'a table': [
    ruleset.addTable({ ...table, comment: 'masquerade' }),
    declared.addTable({ ...named.table, comment: 'masquerade' }),
  ],
  'removal of a table': [ruleset.deleteTable(table), declared.deleteTable(named.table)],
  'a chain': [ruleset.addChain(chain), declared.addChain({ ...named.chain, ...hook })],
  'removal of a chain': [ruleset.deleteChain(chain), declared.deleteChain(named.chain)],
  'a set of IPv4 addresses': [
    sets.addSet({ ...set, keys: 'ip' }),
    declared.addSet({ ...named.set, type: 'ipv4_addr' }),
  ],
  'a set of IPv6 addresses': [
    sets.addSet({ ...set, keys: 'ip6' }),
    declared.addSet({ ...named.set, type: 'ipv6_addr' }),
  ],
  'removal of a set': [sets.deleteSet(set), declared.deleteSet(named.set)],
  'elements with comments': [
    sets.addElements({ ...set, elements: both }),
    declared.addElements({ ...named.set, exclusive: true, elem: both }),
  ],
  'an IPv6 element': [
    sets.addElements({ ...set, elements: [{ key: addressBytes('fd00::2'), comment: 'x' }] }),
    declared.addElements({
      ...named.set,
      exclusive: true,
      elem: [{ key: 'fd00::2', comment: 'x' }],
    }),
  ],
  'removal of elements': [
    sets.deleteElements({ ...set, elements: [{ key }] }),
    declared.deleteElements({ ...named.set, elem: [{ key }] }),
  ],
  'removal of a rule': [
    rules.deleteRule({ ...chain, handle: 0x123456789n }),
    declared.deleteRule({ ...chain, handle: 0x123456789n }),
  ],
};

for (const cidr of [
  '10.1.2.3/24',
  '10.1.2.3/20',
  '10.1.2.3/32',
  '10.1.2.3/1',
  '10.1.2.3/0',
  'fd00:1::2/64',
  'fd00:1::2/61',
  'fd00:1::2/128',
  'fd00:1::2/0',
]) {
  const place = placeOf('net1', cidr);
  REQUESTS[`a rule for the subnet of ${cidr}`] = [
    rules.addRule({ ...chain, packets: { ...place, multicast: MULTICAST[place.family] } }),
    declared.addRule({ ...chain, expr: ruleOf(place) }),
  ];
}

function bytesOf({ message, value }: Request): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  message.put(writer, value);
  writer.pad();
  return writer.finish();
}

for (const [title, [ours, declared]] of Object.entries(REQUESTS)) {
  test(`wire: ${title} is what the declaration says`, (t) => {
    t.deepEqual(bytesOf(ours), bytesOf(declared));
    t.is(ours.type, declared.type);
    // Of a declared request the connection says that it is for a list.
    t.is(ours.flags === NLM_F_DUMP ? 0 : (ours.flags ?? 0), declared.flags ?? 0);
    t.is(ours.message.subject(ours.value), declared.message.subject(declared.value));
  });

  test(`wire: the attributes of ${title} have their names`, (t) => {
    const bytes = bytesOf(ours);
    const paths = (message: AnyMessage): string[] => {
      const names: string[] = [];
      const note = ({ depth, at, end, name }: Part): void => {
        // What is wrong inside an expression is told of the expression.
        if (depth < 3) names.push(`${depth} ${at} ${end} ${name.replace(/\[\d+\]$/, '')}`);
      };
      message.walk!(viewOf(bytes), 0, bytes.length, note, 0);
      return names;
    };
    t.deepEqual(paths(ours.message), paths(declared.message));
  });
}

const read = ({ message }: Request, bytes: Uint8Array): unknown =>
  message.get(viewOf(bytes), 0, bytes.length);

test('wire: elements are read as they were written, with nothing for a comment that is not there', (t) => {
  const written = bytesOf(sets.addElements({ ...set, elements: [...both, { key }] }));
  t.deepEqual(read(sets.listElements(set), written), [...both, { key, comment: '' }]);
  for (const { comment, key: wanted } of both) {
    t.deepEqual(read(sets.tallyElements({ ...set, comment }), written), {
      count: 3,
      keys: [wanted],
    });
  }
  for (const comment of ['', 'net1/c1/eth', 'net1/c1/eth1']) {
    t.deepEqual(read(sets.tallyElements({ ...set, comment }), written), { count: 3, keys: [] });
  }
});

test('wire: of a rule its handle and the set that it looks up are read', (t) => {
  const packets = { ...placeOf('net1', '10.1.2.3/24'), multicast: MULTICAST.ip };
  const written = bytesOf({
    ...rules.addRule({ ...chain, packets }),
    value: { ...chain, packets, handle: 7n },
  });
  t.deepEqual(read(rules.listRules(chain), written), { handle: 7n, set: set.set });
  const other = bytesOf(declared.addRule({ ...chain, expr: [{ name: 'masq', data: {} }] }));
  t.deepEqual(read(rules.listRules(chain), other), { handle: 0n, set: undefined });
});

test('wire: how much is in a table or a chain, and how many elements a set has', (t) => {
  const answer = (request: Request, attrs: object): unknown =>
    read(request, bytesOf({ ...declaredFor(request), value: { family: 'inet', attrs } }));
  t.deepEqual(answer(ruleset.getTable(table), { name: 'x', use: 3 }), { use: 3 });
  t.deepEqual(answer(ruleset.getChain(chain), { name: 'x', use: 2 }), {
    use: 2,
    priority: undefined,
  });
  const hooked = { name: 'x', use: 2, hook: { hooknum: 4, priority: -150 } };
  t.deepEqual(answer(ruleset.getChain(chain), hooked), { use: 2, priority: -150 });
  t.deepEqual(answer(sets.getSet(set), { name: 'x', count: 5 }), { name: 'x', count: 5 });
  t.deepEqual(answer(sets.getSet(set), { name: 'x' }), { name: 'x', count: undefined });
  t.is(read(ruleset.getGeneration(), generation(9)), 9);
});

const declaredFor = ({ type }: Request): Request =>
  [declared.getTable(named.table), declared.getChain(named.chain), declared.getSet(named.set)].find(
    (each) => each.type === type,
  )!;

const generation = (id: number): Uint8Array =>
  bytesOf({ ...declared.getGeneration(), value: { attrs: { id } } });

test('wire: without privilege the kernel answers the first question only, and that is waited for', (t) => {
  const socket = fakeSocket((datagram) => [refusal(viewOf(datagram).getUint32(8, true), EPERM)]);
  const error = t.throws(() => ask(socket, [ruleset.getTable(table), ruleset.getChain(chain)]));
  t.is((error as NetlinkError).errno, EPERM);
  t.is((error as NetlinkError).subject, 'inet example');
});

test('wire: many questions are asked in portions, and the answers are in their order', (t) => {
  const asked: number[] = [];
  const socket = fakeSocket((datagram) => {
    const frames = decode(nftables, datagram);
    asked.push(frames.length);
    return frames.map(({ seq }) => refusal(seq, ENOENT));
  });
  const found = ask(socket, new Array<Request>(300).fill(ruleset.getTable(table)));
  t.deepEqual(found, new Array(300).fill([]));
  t.deepEqual(asked, [128, 128, 44]);
});

/** `NLMSG_ERROR` with nothing but the number. */
const refusal = (seq: number, errno: number): Uint8Array =>
  encode(nftables, {
    type: 'NLMSG_ERROR',
    flags: ['NLM_F_CAPPED'],
    seq,
    pid: 1,
    payload: { error: -errno, request: { len: 16 } },
  });
