/** All declarations of all protocols, and bytes that look like what they declare. */
import {
  attributesOf,
  isSet,
  setsIn,
  setsOf,
  type DeclaredSet,
} from '../../src/netlink/codec/declared-sets.ts';
import { nlmsgerrAttrs } from '../../src/netlink/codec/ack.ts';
import type { Attr } from '../../src/netlink/codec/attributes.ts';
import type { Codec, Scalar } from '../../src/netlink/codec/codec.ts';
import type { Headed } from '../../src/netlink/codec/headed.ts';
import { protocol } from '../../src/netlink/codec/message.ts';
import { NETLINK_GENERIC } from '../../src/netlink/constants.ts';
import type { Struct } from '../../src/netlink/codec/struct.ts';
import { ctnetlink } from '../../src/conntrack/ctnetlink.ts';
import { sockDiag } from '../../src/diag/sock-diag.ts';
import { DECLARED_FAMILIES } from '../../src/cli/genl-families.ts';
import { generic } from '../../src/genl/generic.ts';
import { nftables } from '../../src/nftables/nf-tables.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import { trafficControl } from '../../src/tc/traffic-control.ts';
import { packetLog } from '../../src/nflog/packet-log.ts';
import { packetQueue } from '../../src/nfqueue/packet-queue.ts';
import { ipsec } from '../../src/xfrm/ipsec.ts';

export const PROTOCOLS = [
  rtnetlink,
  nftables,
  generic,
  sockDiag,
  ctnetlink,
  trafficControl,
  ipsec,
  packetQueue,
  packetLog,
  ...DECLARED_FAMILIES.map(({ name, messages }) => protocol(name, NETLINK_GENERIC, messages)),
];

/** Every attribute set, under a path that no other one has. */
export const SETS: readonly DeclaredSet[] = unique([
  ...PROTOCOLS.flatMap((protocol) =>
    setsOf(protocol).map(({ path, set }) => ({ path: `${protocol.name}/${path}`, set })),
  ),
  ...setsIn(nlmsgerrAttrs, 'ack'),
]);

function unique(sets: readonly DeclaredSet[]): DeclaredSet[] {
  const met = new Map<string, number>();
  return sets.map(({ path, set }) => {
    const n = (met.get(path) ?? 0) + 1;
    met.set(path, n);
    return { path: n === 1 ? path : `${path} (${n})`, set };
  });
}

type AnyCodec = Codec<any, any>;

/** Every struct, by its C name. */
export const STRUCTS: ReadonlyMap<string, Struct<any, any>> = new Map(
  [
    ...PROTOCOLS.flatMap(({ messages }) => messages.map(({ head }) => head as AnyCodec)),
    ...SETS.flatMap(({ set }) => attributesOf(set).flatMap(({ codec }) => innermost(codec))),
  ]
    .filter(isStruct)
    .map((codec) => [codec.name, codec]),
);

function innermost(codec: AnyCodec, seen = new Set<AnyCodec>()): AnyCodec[] {
  if (seen.has(codec) || isSet(codec)) return [];
  seen.add(codec);
  const { head } = codec as Partial<Headed<any, any>>;
  const inner = (codec.inner?.() ?? []).flatMap((each) => innermost(each.codec, seen));
  return [codec, ...(head === undefined ? [] : [head as AnyCodec]), ...inner];
}

function isStruct(codec: AnyCodec): codec is Struct<any, any> {
  return (codec as Partial<Struct<any, any>>).kind === 'struct';
}

/** Choices, made from bytes, so that a failing case can be made smaller. */
export class Random {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  below(limit: number): number {
    return ((this.byte() << 8) | this.byte()) % limit;
  }

  bytes(length: number): number[] {
    return Array.from({ length }, () => this.byte());
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

const LENGTHS = [0, 1, 2, 3, 4, 6, 8, 12, 16, 20, 40];
const MOST_ATTRIBUTES = 6;
const DEEPEST = 6;

/** The payload of a set: some of its attributes, mostly with bytes that their codecs can read. */
export function setBytes({ set }: Pick<DeclaredSet, 'set'>, random: Random, depth = 0): number[] {
  const all = attributesOf(set);
  const result: number[] = [];
  const count = all.length === 0 ? 0 : random.below(MOST_ATTRIBUTES);
  for (let i = 0; i < count; i++) {
    const attribute = random.pick(all);
    const selected = attribute.codec as Codec<any, any> & { by?: readonly string[] };
    if (selected.by !== undefined) {
      const { word, codec } = random.pick(selected.inner!());
      const chooser = all.find(({ key }) => key === selected.by![0])!;
      result.push(...attributeBytes(chooser, text(word ?? ''), random));
      result.push(...attributeBytes(attribute, payload(codec, random, depth + 1), random));
    } else {
      result.push(
        ...attributeBytes(attribute, payload(attribute.codec, random, depth + 1), random),
      );
    }
  }
  return result;
}

/** Now and then with another flag bit or number than declared. */
function attributeBytes({ id, codec }: Attr, body: readonly number[], random: Random): number[] {
  const odd = random.byte();
  const word = odd === 255 ? id + 1 : id | (odd === 254 ? 0x4000 : (codec.flags ?? 0));
  return tlv(word, body);
}

function tlv(word: number, body: readonly number[]): number[] {
  const length = 4 + body.length;
  const padding = Array<number>((4 - (length % 4)) % 4).fill(0);
  return [length & 255, length >> 8, word & 255, word >> 8, ...body, ...padding];
}

const text = (word: string): number[] => [...Buffer.from(`${word}\0`)];

function payload(codec: AnyCodec, random: Random, depth: number): number[] {
  if (depth > DEEPEST || random.byte() === 255) return random.bytes(random.pick(LENGTHS));
  if (isSet(codec)) return setBytes({ set: codec }, random, depth);
  if (isStruct(codec)) return random.bytes(codec.layout.span - 4 * random.below(2));
  const { head, body } = codec as Partial<Headed<any, any>>;
  if (head !== undefined && body !== undefined) {
    return [...random.bytes(4 * Math.ceil(head.span / 4)), ...payload(body, random, depth + 1)];
  }
  const list = codec as AnyCodec & { element?: AnyCodec; options?: { id?: number; from?: number } };
  if (list.element !== undefined) {
    const { id = 0, from } = list.options ?? {};
    const elements = Array.from({ length: random.below(4) }, (_, i) =>
      tlv(
        (from === undefined ? id : from + i) | (list.element!.flags ?? 0),
        payload(list.element!, random, depth + 1),
      ),
    );
    return elements.flat();
  }
  if (codec.type === 'string') return text('abcdefghijklmnop'.slice(random.below(17)));
  const { span, integer } = codec as Partial<Scalar<unknown>>;
  // Small numbers are the ones that have names.
  if (integer !== undefined && random.byte() > 100) {
    const small = [random.below(12), ...Array<number>(integer.span - 1).fill(0)];
    return integer.little ? small : small.reverse();
  }
  if (span !== undefined) return random.bytes(span);
  const inner = codec.inner?.()[0]?.codec;
  if (inner !== undefined && codec.type === inner.type) return payload(inner, random, depth + 1);
  return random.bytes(random.pick(LENGTHS));
}

/**
 * What a function does: the value that it returns, or the error that it throws, in a form that can
 * be compared.
 */
export type Outcome = { readonly value: unknown } | { readonly error: string };

export function outcomeOf(run: () => unknown): Outcome {
  try {
    return { value: run() };
  } catch (error) {
    // Misuse that no codec looks for, like a number where an object belongs, is told by the runtime
    // in its own words.
    const { name, message } = error as Error;
    return { error: name === 'CodecError' ? message : name };
  }
}
