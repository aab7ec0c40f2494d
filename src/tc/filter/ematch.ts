/**
 * Extended matches, which `basic`, `flow` and `cgroup` combine to a condition. Each has in `flags`
 * its relation to the next one, `and` or `or`, and the last one neither. The `data` of a
 * `container` is the index of the first match between its parentheses.
 *
 * include/uapi/linux/pkt_cls.h, `TCA_EMATCH_TREE_*`; tc-ematch(8);
 * `tc filter add dev d0 basic match 'cmp(u16 at 2 layer 1 gt 500) and not meta(nf_mark eq 5)'`.
 */
import { CodecError, rethrowWithin } from '../../errors.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import type { Writer } from '../../netlink/codec/bytes.ts';
import {
  bytes,
  u16,
  u32,
  type Codec,
  type Inner,
  type Input,
  type Static,
  type Visitor,
} from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { list } from '../../netlink/codec/list.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { meta } from './em-meta.ts';
import { canid, cmp, ipset, ipt, nbyte, tcU32Key, text } from './ematch-kinds.ts';

/** What follows the header, by the kind in it. */
const KINDS = { container: u32, cmp, nbyte, u32: tcU32Key, meta, text, canid, ipset, ipt };

type Kinds = typeof KINDS;

/** `TCF_EM_*`. */
const kind = enumOf(u16, {
  container: 0,
  cmp: 1,
  nbyte: 2,
  u32: 3,
  meta: 4,
  text: 5,
  canid: 7,
  ipset: 8,
  ipt: 9,
} satisfies Record<keyof Kinds, number>);

const flags = flagsOf(u16, { and: 1, or: 2, not: 4, simple: 8 });

export const tcfEmatchHdr = struct('tcf_ematch_hdr', { matchid: u16, kind, flags, _pad: u16 });

interface Rest extends Omit<Static<typeof tcfEmatchHdr>, 'kind' | 'rest'> {}
interface RestInput extends Omit<Input<typeof tcfEmatchHdr>, 'kind' | 'rest'> {}

/** A union: `kind === 'cmp'` narrows `data` to that of cmp. Of an unknown kind it is bytes. */
export type Ematch = Rest &
  (
    | { [W in keyof Kinds]: { kind: W; data: Static<Kinds[W]> } }[keyof Kinds]
    | { kind: number; data: Uint8Array }
  );
export type EmatchInput = RestInput &
  (
    | { [W in keyof Kinds]: { kind: W; data: Input<Kinds[W]> } }[keyof Kinds]
    | { kind: number; data: Uint8Array | string }
  );

const dataOf = (word: unknown): Codec<any, any> =>
  typeof word === 'string' && Object.hasOwn(KINDS, word) ? KINDS[word as keyof Kinds] : bytes;

const ematch: Codec<Ematch, EmatchInput> = {
  type: 'struct tcf_ematch_hdr and data of the kind',
  get(view, at, end) {
    const start = at + tcfEmatchHdr.span;
    const head = tcfEmatchHdr.get(view, at, Math.min(start, end));
    return { ...head, data: dataOf(head.kind).get(view, start, end) } as Ematch;
  },
  put(writer: Writer, value: EmatchInput) {
    tcfEmatchHdr.writeAll(writer, value, 'data');
    try {
      if (value.data === undefined) throw new CodecError('is missing');
      dataOf(value.kind).put(writer, value.data);
    } catch (error) {
      rethrowWithin(error, String(value.kind));
    }
  },
  show: ({ data, ...head }) => `${tcfEmatchHdr.show(head)} data={${dataOf(head.kind).show(data)}}`,
  inner: (): readonly Inner[] => Object.entries(KINDS).map(([word, codec]) => ({ word, codec })),
  walk(view: DataView, at: number, end: number, visit: Visitor, depth: number) {
    const start = at + tcfEmatchHdr.span;
    const head = tcfEmatchHdr.get(view, at, Math.min(start, end));
    dataOf(head.kind).walk?.(view, start, end, visit, depth);
  },
};

const tcfEmatchTreeHdr = struct('tcf_ematch_tree_hdr', { nmatches: u16, progid: u16 });

export const ematches = attrs({
  hdr: attr('TCA_EMATCH_TREE_HDR', 1, tcfEmatchTreeHdr, 'number of matches'),
  list: attr('TCA_EMATCH_TREE_LIST', 2, list('ematch', ematch, { from: 1 }), 'the matches'),
});
