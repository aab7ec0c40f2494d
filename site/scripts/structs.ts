/** The structs of the declarations, as C writes them. */
import type { Model } from '../../scripts/docs-model.ts';
import { nlmsghdr } from '../../src/netlink/codec/ack.ts';
import type { Struct } from '../../src/netlink/codec/struct.ts';

/** Type, name and number of elements of a C member. */
export type Member = readonly [type: string, name: string, count: number];

/** A line of a struct as it is shown. */
export interface StructLine {
  readonly offset: number;
  readonly size: number;
  /** `__u32` */
  readonly c: string;
  /** `ifa_index`, or the key where the header's name is not known. */
  readonly member: string;
  /** The key in the value; undefined for padding. */
  readonly key?: string;
  /** `ifaddrmsg.index` */
  readonly row?: string;
  /** `u32`, `enum in u8` */
  readonly type: string;
}

export interface StructView {
  readonly name: string;
  readonly span: number;
  readonly header?: string;
  readonly lines: readonly StructLine[];
}

const SIZES: Readonly<Record<string, number>> = {
  char: 1,
  'unsigned char': 1,
  short: 2,
  'unsigned short': 2,
  __kernel_sa_family_t: 2,
  int: 4,
  'unsigned int': 4,
  unsigned: 4,
};

const sizeOf = (type: string): number | undefined => {
  const bits = /^__(?:u|s|be|le)(8|16|32|64)$/.exec(type);
  return bits === null ? SIZES[type] : Number(bits[1]) / 8;
};

/** Offsets as a C compiler computes them; undefined if a type is unknown. */
function layoutOf(
  members: readonly Member[],
): { at: number; size: number; member: Member }[] | undefined {
  let at = 0;
  const result = [];
  for (const member of members) {
    const each = sizeOf(member[0]);
    if (each === undefined) return undefined;
    at = Math.ceil(at / each) * each;
    result.push({ at, size: each * member[2], member });
    at += each * member[2];
  }
  return result;
}

/** All structs, headers first. */
export function structsOf({ pages }: Model): Set<Struct<any, any>> {
  const found = new Set<Struct<any, any>>([nlmsghdr as Struct<any, any>]);
  const add = (codec: unknown): void => {
    const { kind, head } = codec as { kind?: string; head?: Struct<any, any> };
    if (kind === 'struct') found.add(codec as Struct<any, any>);
    if (head !== undefined) found.add(head);
  };
  for (const { messages, sets } of pages) {
    for (const message of messages) add(message);
    for (const { declared } of sets) for (const { codec } of declared) add(codec);
  }
  return found;
}

export function structView(
  { name, span, fields, layout }: Struct<any, any>,
  uapi: Readonly<Record<string, { header: string; members: readonly Member[] }>>,
): StructView {
  const known = Object.hasOwn(uapi, name) ? uapi[name] : undefined;
  const laidOut = known && layoutOf(known.members);
  const lines = Object.entries(fields).map(([key, field]): StructLine => {
    const offset = layout.offsetOf(key)!;
    const { span: size, type } = field;
    const real = laidOut?.find((each) => each.at === offset && each.size === size)?.member;
    const isPadding = key.startsWith('_');
    return {
      offset,
      size,
      c: real?.[0] ?? cType(type, size),
      member: real === undefined ? key.replace(/^_(pad)?/, 'pad') : nameOf(real),
      type,
      ...(isPadding ? {} : { key, row: `${name}.${key}` }),
    };
  });
  const isThere = ({ key, offset, size }: StructLine): boolean =>
    key === undefined || laidOut!.some((each) => each.at === offset && each.size === size);
  const whole = laidOut !== undefined && lines.every(isThere);
  return { name, span, lines, ...(whole && known && { header: known.header }) };
}

const nameOf = ([, name, count]: Member): string => (count === 1 ? name : `${name}[${count}]`);

function cType(type: string, size: number): string {
  if (/^struct \w+$/.test(type)) return type;
  const number = /\b(u|s|be)(8|16|32|64)\b/.exec(type);
  if (number !== null) return `__${number[1]}${number[2]}`;
  return size === 1 || size > 8 ? (size === 1 ? '__u8' : `__u8[${size}]`) : `__u${size * 8}`;
}
