/** What is wrong in a request of traffic control is one CodecError, before anything is sent. */
import test from 'ava';
import { Writer } from '../../src/netlink/codec/bytes.ts';
import * as tc from '../../src/tc/index.ts';

interface Made {
  readonly message: { put(writer: Writer, value: any): void };
  readonly value: unknown;
}

const at = { ifindex: 1, parent: '1:' } as const;
const filter = (spec: object) => () => tc.addFilter({ ...at, ...spec } as tc.FilterSpec);
const u32 = (options: unknown) => filter({ kind: 'u32', options });
const qdisc = (spec: object) => () => tc.addQdisc({ ifindex: 1, ...spec } as tc.QdiscSpec);
const tclass = (spec: object) => () => tc.addClass({ ...at, ...spec } as tc.ClassSpec);
const action = (spec: object) => () => tc.addAction(spec as tc.ActionSpec);

const WRONG: Readonly<Record<string, readonly [make: () => unknown, says: RegExp]>> = {
  'a filter without a kind': [filter({}), /^a filter has a kind$/],
  'a kind that is inherited': [
    filter({ kind: 'constructor', options: {} }),
    /for kind "constructo/,
  ],
  'options that are a list': [u32([1]), /TCA_OPTIONS\W+"0" is not an attribute/],
  'an action that is null': [u32({ act: [null] }), /./],
  'an action that is a word': [u32({ act: ['drop'] }), /TCA_U32_ACT\W+action\[0\]/],
  'an action without a kind': [
    u32({ act: [{ kind: 'gact' }, {}] }),
    /^act\[1\]: an action has a kind$/,
  ],
  'a policer with a rate in words': [
    u32({ police: { tbf: { rate: { rate: '1mbit' } } } }),
    /rate\W+rate: "1mbit" is not a multiple of 8 bit/,
  ],
  'a place that is no link': [filter({ kind: 'u32', ifindex: 0 }), /^ifindex: 0 is not the index/],
  'the number that means a block': [filter({ kind: 'u32', ifindex: -1 }), /^ifindex: -1 is not/],
  'an index in quotes': [filter({ kind: 'u32', ifindex: '1' }), /^ifindex: "1" is not the index/],
  'no place': [() => tc.listFilters({}), /^name a link by dev or ifindex, or a block$/],
  'a chain in quotes': [filter({ kind: 'u32', chain: '5' }), /TCA_CHAIN: "5" is not a u32/],
  'a key of tc that has another name': [filter({ kind: 'u32', prio: 1 }), /"prio" is not an attr/],
  'a name of filters with a key of tc': [
    () => tc.deleteFilter({ ...at, prio: 10 } as tc.FilterName),
    /^"prio" is not a key of a filter$/,
  ],
  'a name of a chain with a misspelt key': [
    () => tc.deleteChain({ ...at, chian: 1 } as tc.ChainName),
    /^"chian" is not a key of a chain$/,
  ],
  'a name of a qdisc with a misspelt key': [
    () => tc.deleteQdisc({ ifindex: 1, parnt: '1:10' } as tc.QdiscName),
    /^"parnt" is not a key of a qdisc$/,
  ],
  'a handle beyond its range': [
    filter({ kind: 'u32', handle: 2 ** 32 }),
    /4294967296 is not a han/,
  ],
  'an empty handle': [filter({ kind: 'u32', handle: '' }), /"" is not a handle/],
  'a parent that is a number': [filter({ kind: 'u32', parent: 5 }), /parent: 5 is not a handle/],
  'a qdisc without a kind': [qdisc({}), /^a qdisc has a kind$/],
  'a qdisc without a link': [
    () => tc.addQdisc({ kind: 'tbf' } as tc.QdiscSpec),
    /^name a link by dev or ifindex$/,
  ],
  'a qdisc to delete nowhere': [
    () => tc.deleteQdisc({} as tc.QdiscName),
    /^name a link by dev or ifindex$/,
  ],
  'a key of a qdisc': [qdisc({ kind: 'tbf', limt: 1 }), /"limt" is not an attribute/],
  'options of an unknown kind': [
    qdisc({ kind: 'nope', options: {} }),
    /no set is declared for kind/,
  ],
  'a class without a link': [
    () => tc.listClasses({} as tc.ClassFilter),
    /^name a link by dev or ifindex$/,
  ],
  'a class to delete without a handle': [
    () => tc.deleteClass({ ifindex: 1 } as tc.ClassName),
    /^a class is found by its handle$/,
  ],
  'a class with options in a list': [tclass({ kind: 'htb', options: [1] }), /"0" is not an attr/],
  'an action with a verdict as its options': [
    action({ kind: 'gact', options: 'drop' }),
    /"drop" is/,
  ],
  'an action to delete without an index': [
    () => tc.deleteAction({ kind: 'gact' } as tc.ActionName),
    /^an action is found by its kind and index$/,
  ],
  'an action to get without a kind': [
    () => tc.getAction({ index: 1 } as tc.ActionName),
    /^name the kind of the actions$/,
  ],
  'actions of no kind to flush': [() => tc.flushActions(''), /^name the kind of the actions$/],
  'actions of no kind to list': [
    () => tc.listActions({} as tc.ActionFilter),
    /^name the kind of the actions$/,
  ],
  'a template that is none': [
    () => tc.addChain({ ...at, chain: 5, kind: 'flower', options: { port: 80 } } as tc.ChainSpec),
    /TCA_OPTIONS\W+"port" is not an attribute/,
  ],
  'a shape with a key of another': [
    () => tc.htbOptions({ rate: 8, limit: 1 } as tc.HtbShape),
    /^"limit" is not one of rate, burst, overhead, mpu, mtu, ceil, cburst, prio, quantum$/,
  ],
  'a packet that no table has room for': [
    () => tc.htbOptions({ rate: 8, mtu: 2 ** 40 }),
    /^mtu: 1099511627776 is not a number of bytes from 1 on$/,
  ],
  'a packet of no size': [
    () => tc.tbfOptions({ rate: 8, burst: 8, limit: 8, mtu: 0 }),
    /^mtu: 0 is not a number of bytes from 1 on$/,
  ],
  'a least size in words': [
    () => tc.policeOptions({ rate: 8, burst: 8, mpu: '64b' as never }),
    /^mpu: "64b" is not a number of bytes from 0 on$/,
  ],
  'a rate in words': [() => tc.htbOptions({ rate: '1mbit' as never }), /^rate: 1mbit is not a num/],
};

for (const [what, [make, says]] of Object.entries(WRONG)) {
  test(`tc: ${what} is refused`, (t) => {
    const error = t.throws(
      () => {
        const { message, value } = make() as Made;
        message.put(new Writer(), value);
      },
      { code: 'ERR_NETLINK_CODEC' },
    );
    t.regex(error!.message, says);
  });
}
