/**
 * Public calls with what they do not take: an error of this library that names the argument, and
 * nothing is done.
 */
import assert from 'node:assert/strict';
import { openNamespace } from '../../src/netlink/namespace.ts';
import { openNftables, verbs as nftVerbs } from '../../src/nftables/open.ts';
import { nftables } from '../../src/nftables/nf-tables.ts';
import { connect } from '../../src/netlink/connection.ts';
import { fakeSocket } from '../../src/netlink/fake.ts';
import { open, type Rtnl } from '../../src/rtnl/open.ts';
import { SIGNATURES } from '../../src/rtnl/signatures.ts';
import type { RuntimeCase } from '../harness/case.ts';
import * as cni from '../../src/cni/index.ts';
import * as codec from '../../src/codec.ts';
import * as conntrack from '../../src/conntrack/index.ts';
import * as tc from '../../src/tc/index.ts';
import * as nflog from '../../src/nflog/index.ts';
import * as nfqueue from '../../src/nfqueue/index.ts';
import * as uevent from '../../src/uevent/index.ts';
import * as xfrm from '../../src/xfrm/index.ts';
import * as ynl from '../../src/ynl/index.ts';
import * as diag from '../../src/diag/index.ts';
import * as genl from '../../src/genl/index.ts';
import * as wireguard from '../../src/wireguard/index.ts';
import * as devlink from '../../src/devlink/index.ts';
import * as ethtool from '../../src/ethtool/index.ts';
import * as index from '../../src/index.ts';
import * as ipam from '../../src/ipam/index.ts';
import * as netlink from '../../src/netlink/index.ts';
import * as nft from '../../src/nftables/index.ts';
import * as rtnl from '../../src/rtnl/index.ts';
import { freshNamespace } from '../harness/namespace.ts';

const NAMES = ['CodecError', 'NetlinkError', 'ClosedError', 'IpamError', 'CniError'];

const WRONG: readonly unknown[] = [
  // Has whatever is asked for, and all of it is undefined.
  new Proxy({}, { get: () => undefined, has: () => true }),
  { toString: 5 },
  Infinity,
  -0,
  undefined,
  null,
  0,
  1.5,
  NaN,
  -1,
  1e12,
  5n,
  '',
  'x',
  'lo',
  true,
  Symbol('s'),
  () => 1,
  {},
  [],
  [1],
  [null],
  Object.create(null),
  new Uint8Array(3),
  { attrs: 5 },
  { dev: {} },
  { dev: null },
  { ifname: 5 },
  { family: 'zz' },
  { table: {} },
  { flags: 5 },
  { flags: [1.5] },
  { dst: {} },
  { dst: 5 },
  { local: 5, dev: 'lo' },
  { netns: {} },
  { netns: 5 },
  { kind: 5 },
  { kind: 'vlan', data: 5 },
  { dst: 'default', nexthops: 5 },
  { dst: 'default', nexthops: [null, { weight: 0 }] },
  { link: {} },
  { message: {} },
];

/** What a call came to: its error, also one that comes with the first value. */
async function outcome(act: () => unknown): Promise<unknown> {
  try {
    const result = act() as { next?(): unknown; return?(): unknown; close?(): void } | undefined;
    if (typeof (result as PromiseLike<unknown> | undefined)?.then === 'function') await result;
    else if (typeof result?.close === 'function') result.close();
    else if (typeof result?.next === 'function') {
      result.next();
      result.return?.();
    }
    return undefined;
  } catch (error) {
    return error;
  }
}

async function expectNamed(call: string, act: (...args: never[]) => unknown): Promise<void> {
  const calls = WRONG.flatMap((first) => [[first], ...WRONG.map((second) => [first, second])]);
  for (const args of calls) {
    const error = await outcome(() => act(...(args as never[])));
    if (error === undefined) continue;
    const { name, message } = error as Error;
    assert.ok(
      NAMES.includes(name),
      `${call}(${args.map((each) => typeof each).join()}): ${String(message)}`,
    );
  }
}

const functionsOf = (of: object): [string, (...args: never[]) => unknown][] =>
  Object.entries(of).filter(
    (entry): entry is [string, (...args: never[]) => unknown] =>
      typeof entry[1] === 'function' && entry[0] !== 'close',
  );

/**
 * Those that end the process, or make and remove what they are given: tested in their own places.
 */
const ELSEWHERE = ['createNamespace', 'deleteNamespace', 'main'];
/** Entries; declared values and their methods are not called by those who use them. */
const ENTRIES = {
  netlink,
  rtnl,
  genl,
  diag,
  conntrack,
  wireguard,
  ethtool,
  devlink,
  tc,
  xfrm,
  nfqueue,
  nflog,
  uevent,
  ynl,
  nftables: nft,
  codec,
  index,
  ipam,
  cni,
};

const isPlain = ([name, value]: [string, unknown]): boolean =>
  typeof value === 'function' && !/^class\b/.test(String(value)) && !ELSEWHERE.includes(name);

export const cases: RuntimeCase[] = [
  {
    title: 'arguments: every function that an entry exports names what it cannot take',
    async run() {
      for (const [entry, exported] of Object.entries(ENTRIES)) {
        for (const [name, act] of Object.entries(exported).filter(isPlain)) {
          await expectNamed(`${entry} ${name}`, act as (...args: never[]) => unknown);
        }
      }
      for (const act of [codec.decode, codec.encode, codec.show, codec.annotate]) {
        await expectNamed(act.name, (value) => act(codec.rtnetlink as never, value));
      }
    },
  },
  {
    title: 'arguments: every method of host-local and static names what it cannot take',
    async run() {
      const network = { name: 'x', ipam: { dataDir: '/proc/none', addresses: [] } };
      const [leases, fixed] = [ipam.hostLocal(network as never), ipam.staticIpam(network as never)];
      for (const [name, act] of functionsOf(leases)) await expectNamed(`hostLocal.${name}`, act);
      for (const [name, act] of functionsOf(fixed)) await expectNamed(`staticIpam.${name}`, act);
      assert.throws(() => leases.add(5 as never), {
        name: 'IpamError',
        code: 'config',
        message: 'hostLocal.add: owner must be object, not number',
      });
      assert.throws(() => cni.findPlugin(undefined as never, ''), {
        name: 'CniError',
        code: 999,
        message: 'findPlugin: type must be string, not undefined',
      });
    },
  },
  {
    title: 'arguments: what is wrong inside of one names the call and keeps the cause',
    run() {
      const told = (act: () => unknown): [string, boolean] => {
        try {
          act();
        } catch (error) {
          return [(error as Error).message, (error as Error).cause instanceof TypeError];
        }
        return ['no error', false];
      };
      assert.deepEqual(
        [
          told(() => rtnl.addLink(undefined as never)),
          told(() => rtnl.addNexthop({ id: 1, group: [null as never] })),
          told(() => nft.addSet({} as never)),
          told(() => nft.addElements({} as never)),
          told(() => codec.encode(codec.rtnetlink, undefined as never)),
          told(() => netlink.connect(null as never, {} as never)),
          told(() => nft.rule('inet', 5 as never)),
        ],
        [
          ['addLink: spec must be object, not undefined', false],
          ['addNexthop: spec has a value of the wrong type', true],
          ['addSet: type undefined is not known: give keyLen', false],
          ['addElements: spec has a value of the wrong type', true],
          ['encode: frame must be object, not undefined', false],
          ['connect: protocol must be a protocol, with its messages', false],
          ['rule: statements must be function, not number', false],
        ],
      );
      // What a function of the caller throws is its own.
      const own = new TypeError('mine');
      assert.throws(
        () =>
          nft.rule('inet', () => {
            throw own;
          }),
        (error) => error === own,
      );
    },
  },
  {
    title: 'arguments: every verb of rtnetlink names what it cannot take',
    async run(t) {
      using rt = open({ netns: freshNamespace(t).path });
      for (const object of Object.keys(SIGNATURES) as (keyof Rtnl)[]) {
        for (const [verb, act] of functionsOf(rt[object]))
          await expectNamed(`${String(object)}.${verb}`, act);
      }
      for (const verb of ['request', 'get', 'batch', 'dump', 'list', 'monitor'] as const) {
        await expectNamed(verb, rt[verb]);
      }
      await expectNamed('waitFor', (condition, options) => rt.waitFor(condition, options));
      await expectNamed('open', open);
      await expectNamed('openNamespace', openNamespace);
      assert.equal(rt.links.list().length, 1);
    },
  },
  {
    title: 'arguments: every verb of nf_tables names what it cannot take',
    async run() {
      const verbs = nftVerbs(connect(nftables, fakeSocket()));
      for (const [verb, act] of functionsOf(verbs)) await expectNamed(verb, act);
      await expectNamed('openNftables', openNftables);
    },
  },
  {
    title: 'arguments: the errors tell the verb and the argument',
    run(t) {
      using rt = open({ netns: freshNamespace(t).path });
      const revoked = Proxy.revocable({}, {});
      revoked.revoke();
      const message = (act: () => unknown): string => {
        try {
          act();
        } catch (error) {
          return (error as Error).message;
        }
        return 'no error';
      };
      const told = [
        () => rt.links.add(undefined as never),
        () => rt.links.set('lo', null as never),
        () => rt.links.add(revoked.proxy as never),
        () => rt.addrs.delete('192.0.2.1' as never),
        () => rt.routes.get(5 as never),
        () => rt.links.addAltNames('lo', 'a', 5 as never),
        () => rt.monitor(null as never),
        () => rt.batch(5 as never),
        () => rt.request({} as never),
        () => rt.list({ message: 5 } as never),
        () => rt.socket.join('1' as never),
        () => open({ netns: 5 as never }),
        () => openNamespace(5 as never),
      ].map(message);
      assert.deepEqual(told, [
        'links.add: spec must be object, not undefined',
        'links.set: spec must be object, not null',
        'links.add: spec must be object, not revoked proxy',
        'addrs.delete: spec must be object, not string',
        '5 is not an address',
        'links.addAltNames: names must be string, not number',
        'monitor: what must be object, not null',
        'batch: what must be function or array, not number',
        'request: request must be an object with a message',
        'list: request must be an object with a message',
        'group must be the number of a multicast group',
        'open: netns must be string or object, not number',
        'open: EINVAL: invalid argument (not the name or path of a network namespace)',
      ]);
    },
  },
];
