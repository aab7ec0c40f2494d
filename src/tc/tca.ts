/**
 * What messages of traffic control have in common: `TCA_*`. The kind selects what is in the options
 * and in the counters.
 *
 * include/uapi/linux/rtnetlink.h.
 */
import { attr, attrs } from '../netlink/codec/attributes.ts';
import { byKind, type Kinds } from '../netlink/codec/by-kind.ts';
import {
  counted,
  cstr,
  flag,
  s16,
  s32,
  u16,
  u32,
  u8,
  type Input,
  type Static,
} from '../netlink/codec/codec.ts';
import { flagsOf } from '../netlink/codec/enums.ts';
import { packed } from '../netlink/codec/list.ts';
import { nested } from '../netlink/codec/nested.ts';
import { struct } from '../netlink/codec/struct.ts';
import { statsByKind, tcEstimator, tcStats, type TcaCakeStats, type TcaStats } from './stats.ts';

/** `TCA_STAB_*`: the size of packets on the link. */
export const tcSizespec = struct('tc_sizespec', {
  cellLog: u8,
  sizeLog: u8,
  cellAlign: s16,
  overhead: counted(s32, 'bytes'),
  linklayer: u32,
  mpu: counted(u32, 'bytes'),
  mtu: counted(u32, 'bytes'),
  tsize: u32,
});

export const stab = attrs({
  base: attr('TCA_STAB_BASE', 1, tcSizespec, 'overhead and cell size of the table'),
  data: attr('TCA_STAB_DATA', 2, packed(u16), 'packet sizes on the link'),
});

const dumpFlag = flagsOf(u32, { terse: 1 });
/** How much a list contains: flags and their mask. */
export const dumpFlags = struct('nla_bitfield32', { value: dumpFlag, selector: dumpFlag });

/** The attributes of a message, with the kinds of these registries. */
export const tcaOf = (options: Kinds, xstats: Kinds) =>
  attrs({
    kind: attr('TCA_KIND', 1, cstr, 'kind'),
    options: attr('TCA_OPTIONS', 2, byKind('kind', options), 'options, by kind'),
    stats: attr('TCA_STATS', 3, tcStats, 'counters in their old form'),
    xstats: attr('TCA_XSTATS', 4, byKind('kind', xstats), 'counters of the kind'),
    rate: attr('TCA_RATE', 5, tcEstimator, 'rate estimator'),
    fcnt: attr('TCA_FCNT', 6, u32, 'number of filters'),
    stats2: attr('TCA_STATS2', 7, byKind('kind', statsByKind), 'counters'),
    stab: attr('TCA_STAB', 8, nested(stab), 'size table of the link layer'),
    dumpInvisible: attr(
      'TCA_DUMP_INVISIBLE',
      10,
      flag,
      'also list qdiscs that the kernel created by default',
    ),
    chain: attr('TCA_CHAIN', 11, u32, 'chain of filters'),
    hwOffload: attr('TCA_HW_OFFLOAD', 12, u8, 'whether it is offloaded to hardware'),
    ingressBlock: attr('TCA_INGRESS_BLOCK', 13, u32, 'filters shared with other links'),
    egressBlock: attr('TCA_EGRESS_BLOCK', 14, u32, 'filters shared with other links'),
    dumpFlags: attr('TCA_DUMP_FLAGS', 15, dumpFlags, 'terse dumps'),
    extWarnMsg: attr('TCA_EXT_WARN_MSG', 16, cstr, 'a warning'),
  });

type Set = ReturnType<typeof tcaOf>;
/** What does not depend on the kind. */
type Common = Omit<Static<Set>, 'kind' | 'options' | 'xstats' | 'stats2'>;
type CommonInput = Omit<Input<Set>, 'kind' | 'options' | 'xstats' | 'stats2'>;

/** A registry as an interface: codecs by kind. */
type Codecs = object;
type Word<K extends Codecs> = keyof K & string;

/** The options and counters of a kind. */
export interface KindOf<K extends Codecs, X extends Codecs, W extends Word<K>> {
  kind: W;
  options?: Static<K[W]>;
  xstats?: W extends keyof X ? Static<X[W]> : undefined;
}
export interface KindOfInput<K extends Codecs, W extends Word<K>> {
  kind: W;
  options?: Input<K[W]> | undefined;
}
/** Any other kind: its options are the bytes `nla2`. */
export interface OtherKind {
  kind?: string;
  options?: undefined;
  xstats?: undefined;
}
export interface OtherKindInput {
  kind?: string | undefined;
  options?: undefined;
}

/** A union: `kind === 'htb'` narrows `options` to those of htb. */
export type Tca<K extends Codecs, X extends Codecs> = (
  { [W in Word<K>]: KindOf<K, X, W> }[Word<K>] | OtherKind
) &
  Common & { stats2?: TcaStats | TcaCakeStats };
export type TcaInput<K extends Codecs> = KindInput<K> & CommonInput;
export type KindInput<K extends Codecs> =
  { [W in Word<K>]: KindOfInput<K, W> }[Word<K>] | OtherKindInput;
