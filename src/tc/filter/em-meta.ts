/**
 * What the kernel knows of a packet besides its bytes, as an extended match compares it: its mark,
 * its length, its link, its socket.
 *
 * include/uapi/linux/tc_ematch/tc_em_meta.h; tc-ematch(8); `meta(nfmark gt 24)`.
 */
import { CodecError } from '../../errors.ts';
import { attr, attrs, type Selected } from '../../netlink/codec/attributes.ts';
import { bytesOf } from '../../netlink/codec/bytes.ts';
import {
  mapped,
  u16,
  u8,
  type BigInput,
  type Codec,
  type Inner,
  type Scalar,
} from '../../netlink/codec/codec.ts';
import { embedded } from '../../netlink/codec/embedded.ts';
import { describe } from '../../netlink/codec/given.ts';
import { uint } from '../../netlink/codec/integer.ts';
import { struct } from '../../netlink/codec/struct.ts';
import { bytesText, textBytes } from '../../netlink/codec/text.ts';
import { operand } from './ematch-kinds.ts';

/** `TCF_META_ID_*`, in the words of `meta(list)`. `value` stands for the value of the request. */
const WORDS = [
  'value',
  'random',
  'loadavg_1',
  'loadavg_5',
  'loadavg_15',
  'dev',
  'priority',
  'protocol',
  'pkt_type',
  'pkt_len',
  'data_len',
  'mac_len',
  'nf_mark',
  'tc_index',
  'rt_classid',
  'rt_iif',
  'sk_family',
  'sk_state',
  'sk_reuse',
  'sk_bind_if',
  'sk_refcnt',
  'sk_shutdown',
  'sk_proto',
  'sk_type',
  'sk_rcvbuf',
  'sk_rmem',
  'sk_wmem',
  'sk_omem',
  'sk_wmem_queue',
  'sk_rcv_queue',
  'sk_snd_queue',
  'sk_err_queue',
  'sk_fwd_alloc',
  'sk_sndbuf',
  'sk_allocs',
  'sk_route_caps',
  'sk_hash',
  'sk_lingertime',
  'sk_ack_backlog',
  'sk_max_ack_backlog',
  'sk_prio',
  'sk_rcvlowat',
  'sk_rcvtimeo',
  'sk_sndtimeo',
  'sk_sendmsg_off',
  'sk_write_pending',
  'vlan',
  'rxhash',
] as const;

type MetaId = (typeof WORDS)[number];

/** `TCF_META_TYPE_*`: bytes or a number. */
const TYPES = ['var', 'int'] as const;
const TYPE_SHIFT = 12;

/** Type and id, such as `int pkt_len` or `var dev`; or the number of one that has no word. */
export type MetaKind = `${(typeof TYPES)[number]} ${MetaId}` | (number & {});

const metaKind: Scalar<MetaKind> = mapped<MetaKind>(u16, {
  type: 'meta in u16',
  map(number) {
    const [type, id] = [TYPES[number >> TYPE_SHIFT], WORDS[number & 0xfff]];
    return type === undefined || id === undefined ? number : `${type} ${id}`;
  },
  number(value) {
    if (typeof value === 'number') return value;
    const [, type, id] = /^(var|int) (\w+)$/.exec(value) ?? [];
    const at = WORDS.indexOf(id as MetaId);
    if (at >= 0) return (TYPES.indexOf(type as 'int') << TYPE_SHIFT) | at;
    throw new CodecError(`${describe(value)} is not one of int or var, and ${WORDS.join(', ')}`);
  },
  show: String,
});

/** One side of the comparison; of the right one `op` is without meaning. */
export const tcfMetaVal = struct('tcf_meta_val', { kind: metaKind, shift: u8, op: operand });

export const tcfMetaHdr = struct('tcf_meta_hdr', {
  left: embedded(tcfMetaVal),
  right: embedded(tcfMetaVal),
});

/** Text without a NUL, which the kernel compares byte by byte. */
const name: Codec<string> = {
  type: 'text',
  get: (view, at, end) => bytesText(bytesOf(view, at, end)),
  put(writer, value) {
    if (typeof value !== 'string') throw new CodecError(`${describe(value)} is not text`);
    writer.append(textBytes(value));
  },
  show: describe,
};

type Side = 'left' | 'right';

/** The value of a side, which is a number or text as its kind says. */
const valueOf = (side: Side): Codec<number | bigint | string, BigInput> =>
  new MetaValue(side) as Selected<number | bigint | string, BigInput>;

class MetaValue implements Selected<any, any> {
  declare readonly side: Side;

  constructor(side: Side) {
    this.side = side;
  }

  get type(): string {
    return 'u32 or u64, or text';
  }

  get by(): readonly string[] {
    return ['hdr'];
  }

  select(hdr: unknown): Codec<any, any> | undefined {
    const kind = (hdr as Record<Side, { kind?: unknown }> | null | undefined)?.[this.side]?.kind;
    if (typeof kind !== 'string') return undefined;
    return kind.startsWith('int') ? uint : name;
  }

  inner(): readonly Inner[] {
    return [
      { word: 'int', codec: uint },
      { word: 'var', codec: name },
    ];
  }

  get(): never {
    throw new CodecError('the codec is selected by "hdr"');
  }

  put(): never {
    throw new CodecError('the codec is selected by "hdr"');
  }

  show(): never {
    throw new CodecError('the codec is selected by "hdr"');
  }
}

export const meta = attrs({
  hdr: attr('TCA_EM_META_HDR', 1, tcfMetaHdr, 'what is compared, and how'),
  lvalue: attr('TCA_EM_META_LVALUE', 2, valueOf('left'), 'left value, or the mask of it'),
  rvalue: attr('TCA_EM_META_RVALUE', 3, valueOf('right'), 'right value, or the mask of it'),
});
