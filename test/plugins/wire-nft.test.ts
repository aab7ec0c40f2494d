/**
 * What masquerade sends by tables is what the declarations of nf_tables say, byte by byte; and what
 * it reads.
 */
import test from 'ava';
import { viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import type { Part } from '../../src/netlink/codec/codec.ts';
import { NLM_F_CREATE, NLM_F_EXCL } from '../../src/netlink/constants.ts';
import { ENOENT, EPERM } from '../../src/sys/errno.ts';
import type { NetlinkError } from '../../src/errors.ts';
import { fakeSocket } from '../../src/netlink/fake.ts';
import { decode, encode } from '../../src/netlink/codec/frame.ts';
import type { AnyMessage } from '../../src/netlink/codec/message.ts';
import { connect } from '../../src/netlink/connection.ts';
import type { Request } from '../../src/netlink/request.ts';
import * as declared from '../../src/nftables/index.ts';
import { batch } from '../../src/nftables/messages/batch.ts';
import { nftables } from '../../src/nftables/nf-tables.ts';
import { ip, ip6, rule } from '../../src/nftables/rules/match.ts';
import { accept, jump, masquerade } from '../../src/nftables/rules/statement.ts';
import { addressBytes } from '../../src/ip.ts';
import { MULTICAST, placeOf, type Place } from '../../src/plugins/masquerade/rule-names.ts';
import { ruleOf } from '../../src/plugins/masquerade/rule.ts';
import { verdictOf } from '../../src/plugins/masquerade/verdicts.ts';
import { ask } from '../../src/plugins/wire/nft-ask.ts';
import * as nft from '../../src/plugins/wire/nft.ts';
import { tallyReader } from '../../src/plugins/wire/tally.ts';

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
const NEW = NLM_F_CREATE | NLM_F_EXCL;
const inputs = (elements: readonly { key: Uint8Array; comment?: string }[]) =>
  elements.map(({ key: value, comment }) => ({
    key: { value },
    ...(comment === undefined ? {} : { userdata: { comment } }),
  }));
const hook = { type: 'nat', hook: 'postrouting', prio: 1000, policy: 'accept' } as const;

/** The type of the first and the last message of a transaction. */
const [BEGIN, END] = [16, 17];

/** Written out, and declared. */
const REQUESTS: Record<string, readonly [Request, Request]> = {
  'the begin of a transaction': [
    nft.batchBegin(undefined),
    { message: batch, type: BEGIN, value: { resId: 10, attrs: {} } },
  ],
  'the begin of one that is bound': [
    nft.batchBegin(70001),
    { message: batch, type: BEGIN, value: { resId: 10, attrs: { genid: 70001 } } },
  ],
  'the end of a transaction': [nft.batchEnd(), { message: batch, type: END, value: { resId: 10 } }],
  'a question for the generation': [nft.getGeneration(), declared.getGeneration()],
  'a question for a table': [nft.getTable(table), declared.getTable(named.table)],
  'a question for a chain': [nft.getChain(chain), declared.getChain(named.chain)],
  'a question for a set': [nft.getSet(set), declared.getSet(named.set)],
  'a question for an element': [
    nft.getElement({ ...set, key }),
    declared.getElement({ ...named.set, key: '10.1.2.3' }),
  ],
  'all sets': [nft.listSets(table), declared.listSets(table)],
  'all elements': [nft.listElements(set), declared.listElements(named.set)],
  'all rules': [nft.listRules(chain), declared.listRules(chain)],
  'a table': [
    nft.addTable({ ...table, comment: 'masquerade' }),
    declared.addTable({ ...named.table, comment: 'masquerade' }),
  ],
  'removal of a table': [nft.deleteTable(table), declared.deleteTable(named.table)],
  'a chain': [nft.addNatChain(chain, 1000), declared.addChain({ ...named.chain, ...hook })],
  'removal of a chain': [nft.deleteChain(chain), declared.deleteChain(named.chain)],
  'a set of IPv4 addresses': [
    nft.addAddressSet(set, 'ipv4_addr', 4),
    declared.addSet({ ...named.set, type: 'ipv4_addr' }),
  ],
  'a set of IPv6 addresses': [
    nft.addAddressSet(set, 'ipv6_addr', 16),
    declared.addSet({ ...named.set, type: 'ipv6_addr' }),
  ],
  'removal of a set': [nft.deleteSet(set), declared.deleteSet(named.set)],
  'elements with comments': [
    nft.addElements({ ...set, elements: inputs(both) }, NEW),
    declared.addElements({ ...named.set, exclusive: true, elem: both }),
  ],
  'an IPv6 element': [
    nft.addElements(
      { ...set, elements: inputs([{ key: addressBytes('fd00::2'), comment: 'x' }]) },
      NEW,
    ),
    declared.addElements({
      ...named.set,
      exclusive: true,
      elem: [{ key: 'fd00::2', comment: 'x' }],
    }),
  ],
  'removal of elements': [
    nft.deleteElements({ ...set, elements: inputs([{ key }]) }),
    declared.deleteElements({ ...named.set, elem: [{ key }] }),
  ],
  'removal of a rule': [
    nft.deleteRule({ ...chain, handle: 0x123456789n }),
    declared.deleteRule({ ...chain, handle: 0x123456789n }),
  ],
};

/** `ip saddr @set ip daddr != subnet ip daddr != 224.0.0.0/4 masquerade` */
function declaredRule({ family, set: name, subnet }: Place): ReturnType<typeof rule> {
  const { saddr, daddr } = family === 'ip' ? ip : ip6;
  const elsewhere = [daddr.not(subnet), daddr.not(MULTICAST[family])];
  return rule('inet', saddr.in(name), ...elsewhere, masquerade());
}

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
    nft.addRule(chain, ruleOf(place)),
    declared.addRule({ ...chain, expr: declaredRule(place) }),
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
    t.is(ours.flags ?? 0, declared.flags ?? 0);
    t.is(ours.message.subject(ours.value), declared.message.subject(declared.value));
  });

  test(`wire: the attributes of ${title} have their names`, (t) => {
    const bytes = bytesOf(ours);
    const paths = (message: AnyMessage): string[] => {
      const names: string[] = [];
      const note = ({ depth, at, end, name }: Part): void => {
        names.push(`${depth} ${at} ${end} ${name}`);
      };
      message.walk!(viewOf(bytes), 0, bytes.length, note, 0);
      return names;
    };
    t.deepEqual(paths(ours.message), paths(declared.message));
  });
}

const read = ({ message }: Request, bytes: Uint8Array): unknown =>
  message.get(viewOf(bytes), 0, bytes.length);

test('wire: elements are counted, and those with a comment found', (t) => {
  const tally = (comment: string, bytes: Uint8Array): unknown =>
    tallyReader(comment).get(viewOf(bytes), 0, bytes.length);
  const written = bytesOf(nft.addElements({ ...set, elements: inputs([...both, { key }]) }, NEW));
  for (const { comment, key: wanted } of both) {
    t.deepEqual(tally(comment, written), { count: 3, keys: [wanted] });
  }
  for (const comment of ['', 'net1/c1/eth', 'net1/c1/eth1']) {
    t.deepEqual(tally(comment, written), { count: 3, keys: [] });
  }
  const torn = written.slice(0, -3);
  t.throws(() => tally('x', torn), { code: 'ERR_NETLINK_CODEC' });
});

test('wire: what a rule decides by addresses is read from its expressions', (t) => {
  const verdict = (
    ...statements: Parameters<typeof rule> extends [any, ...infer S] ? S : never
  ) => {
    const bytes = bytesOf(declared.addRule({ ...chain, expr: rule('ip', ...statements) }));
    return verdictOf(read(nft.listRules(chain), bytes) as nft.Rule, 'ip');
  };
  const none = { source: [], destination: [] };
  t.deepEqual(verdict(accept()), { ...none, verdict: 'accept', target: undefined });
  t.deepEqual(verdict(jump('other')), { ...none, verdict: 'jump', target: 'other' });
  t.deepEqual(verdict(masquerade()), { ...none, verdict: undefined, target: undefined });
  const { source, destination } = verdict(
    ip.saddr.is('10.1.0.0/16'),
    ip.daddr.not('10.2.3.0/25'),
    accept(),
  );
  const bytes = (...values: number[]) => Uint8Array.from(values);
  t.deepEqual(source, [{ at: 0, mask: bytes(255, 255), value: bytes(10, 1), negated: false }]);
  t.deepEqual(destination, [
    { at: 0, mask: bytes(255, 255, 255, 128), value: bytes(10, 2, 3, 0), negated: true },
  ]);
});

test('wire: without privilege the kernel answers the first question only, and that is waited for', (t) => {
  const socket = fakeSocket((datagram) => [refusal(viewOf(datagram).getUint32(8, true), EPERM)]);
  const connection = connect(nft.nftProtocol, socket);
  const error = t.throws(() => ask(connection, [nft.getTable(table), nft.getChain(chain)]));
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
  const connection = connect(nft.nftProtocol, socket);
  const found = ask(connection, new Array<Request>(300).fill(nft.getTable(table)));
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
