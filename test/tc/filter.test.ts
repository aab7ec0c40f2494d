/** Filters that are wrong are one error, which names the place; what counts is counted. */
import test from 'ava';
import { Writer, viewOf } from '../../src/netlink/codec/bytes.ts';
import { filter } from '../../src/tc/filter/message.ts';
import { addFilter, filterObject, type FilterSpec } from '../../src/tc/filter/verbs.ts';
import { pedit } from '../../src/tc/action/kinds/pedit.ts';

const at = { ifindex: 1, parent: '1:', protocol: 'ip' } as const;

const refused = (spec: object): string => {
  try {
    filter.put(new Writer(), addFilter({ ...at, ...spec } as FilterSpec).value);
    return 'nothing is wrong';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ERR_NETLINK_CODEC'
      ? error.message
      : `not a CodecError: ${String(error)}`;
  }
};

const basic = (...list: readonly unknown[]): object => ({
  kind: 'basic',
  options: { ematches: { list } },
});

const WRONG: readonly (readonly [what: string, spec: object, message: RegExp])[] = [
  ['a kind of ematch', basic({ kind: 'cmpp', data: {} }), /ematch\[0\]\W+kind: "cmpp" is not one/],
  ['no data', basic({ kind: 'cmp' }), /ematch\[0\]\W+cmp: is missing/],
  ['data that is null', basic({ kind: 'cmp', data: null }), /cmp: null is not a struct tcf_em_cmp/],
  ['a layer', basic({ kind: 'cmp', data: { layer: 'app' } }), /cmp\W+layer: "app" is not one of/],
  ['a number of four bits', basic({ kind: 'cmp', data: { align: 16 } }), /align: 16 is not a num/],
  ['a field', basic({ kind: 'nbyte', data: { offset: 1 } }), /"offset" is not a field/],
  ['bytes', basic({ kind: 'nbyte', data: { needle: 5 } }), /nbyte\W+needle: 5 is not bytes/],
  [
    'more bytes than are counted',
    basic({ kind: 'nbyte', data: { needle: new Uint8Array(4096) } }),
    /nbyte\W+len: 4096 is not a number from 0 to 4095/,
  ],
  [
    'a relation',
    basic({ kind: 'u32', flags: ['xor'], data: {} }),
    /flags: "xor" is not one of and, or, not, simple/,
  ],
  [
    'a thing that the kernel knows',
    basic({ kind: 'meta', data: { hdr: { left: { kind: 'int mark' } } } }),
    /TCA_EM_META_HDR\W+left\W+kind: "int mark" is not one of/,
  ],
  [
    'a number for a name',
    basic({ kind: 'meta', data: { hdr: { right: { kind: 'var value' } }, rvalue: 5 } }),
    /TCA_EM_META_RVALUE: 5 is not text/,
  ],
  ['a list of ematches', { kind: 'basic', options: { ematches: { list: {} } } }, /is not a list/],
  ['keys', { kind: 'u32', options: { sel: { keys: {} } } }, /TCA_U32_SEL\W+keys: .* is not a list/],
  ['a key', { kind: 'u32', options: { sel: { keys: [{ value: 1 }] } } }, /"value" is not a field/],
  ['256 keys', { kind: 'u32', options: { sel: { keys: Array(256).fill({}) } } }, /nkeys: 256/],
  ['sel', { kind: 'u32', options: { sel: null } }, /TCA_U32_SEL: null is not a struct tc_u32_sel/],
  ['a hash table', { kind: 'u32', options: { hash: '1:2:3:4' } }, /TCA_U32_HASH: "1:2:3:4" is not/],
  ['a field of flow', { kind: 'flow', options: { keys: ['source'] } }, /TCA_FLOW_KEYS: "source"/],
  ['a mode', { kind: 'flow', options: { mode: 'both' } }, /TCA_FLOW_MODE: "both" is not one of/],
  ['a realm', { kind: 'route', options: { from: -1 } }, /TCA_ROUTE4_FROM: -1 is not a u32/],
  ['a mask', { kind: 'fw', options: { mask: '0xf' } }, /TCA_FW_MASK: "0xf" is not a u32/],
  ['instructions', { kind: 'bpf', options: { ops: 'x' } }, /TCA_BPF_OPS: "x" is not a list/],
  ['a rate', { kind: 'bpf', options: { police: 5 } }, /TCA_BPF_POLICE: 5 is not a set/],
];

for (const [what, spec, message] of WRONG) {
  test(`filter: ${what} that is none is refused by its place`, (t) => {
    t.regex(refused(spec), message);
  });
}

test('filter: matches, instructions and keys are counted', (t) => {
  const counted = (spec: object): Record<string, any> => {
    const writer = new Writer();
    filter.put(writer, addFilter({ ...at, ...spec } as FilterSpec).value);
    const bytes = writer.finish();
    return filterObject(filter.get(viewOf(bytes), 0, bytes.length)).options as object;
  };
  const match = { kind: 'u32', data: {} };
  t.is(counted(basic(match, match))['ematches'].hdr.nmatches, 2);
  const stale = { kind: 'basic', options: { ematches: { hdr: { nmatches: 7 }, list: [match] } } };
  t.is(counted(stale)['ematches'].hdr.nmatches, 1);
  t.is(counted({ kind: 'bpf', options: { ops: [{ code: 6 }], opsLen: 9 } })['opsLen'], 1);
});

test('filter: a number of keys that is wrong is kept', (t) => {
  for (const nkeys of [undefined, 5]) {
    const writer = new Writer();
    pedit.put(writer, { parms: { nkeys, keys: [{ off: 4 }] } });
    const bytes = writer.finish();
    const read = pedit.get(viewOf(bytes), 0, bytes.length);
    t.is(read.parms!.nkeys, nkeys);
    const again = new Writer();
    pedit.put(again, read);
    t.deepEqual(again.finish(), bytes);
  }
});
