/** Complete messages with their headers: what `encode` and `decode` convert. */
import { checkedFunction } from './arguments.ts';
import { nlmsgdone, nlmsgerr, nlmsghdr, type Nlmsghdr } from './ack.ts';
import { align4, LITTLE_ENDIAN, viewOf, Writer } from './bytes.ts';
import { bytes, type Codec } from './codec.ts';
import * as constants from '../constants.ts';
import { NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN, NLMSG_MIN_TYPE } from '../constants.ts';
import { familyAt, frameLength, isPadding } from './datagram.ts';
import { CodecError, rethrowWithin } from '../../errors.ts';
import type { AnyMessage } from './message.ts';
import type { Protocol } from './protocol.ts';
import { struct, type Struct } from './struct.ts';

/** A message whose header is in symbolic form, as in fixtures and in everything that is printed. */
export interface Frame {
  /** The kernel name of the type, or its number if it is not declared. */
  readonly type: string | number;
  readonly flags: readonly (string | number)[];
  readonly seq: number;
  readonly pid: number;
  /** Decoded by the declaration that `Protocol.find` returns; bytes if there is none. */
  readonly payload: unknown;
}

/** The bounds of one message in a datagram: the header is at `at`, the message ends at `end`. */
export interface FrameBounds {
  readonly header: Nlmsghdr;
  readonly at: number;
  readonly end: number;
}

/**
 * Iterates over the messages of a datagram; padding after the last one is left out. Throws
 * CodecError if a length does not fit.
 */
export function* frames(view: DataView): Generator<FrameBounds> {
  const size = view.byteLength;
  for (let at = 0; at < size && !isPadding(view, at, size);) {
    const end = at + frameLength(view, at, size);
    yield { header: nlmsghdr.read(view, at), at, end };
    at = align4(end);
  }
}

/** The codec of a message's payload. */
export function payloadCodec(
  protocol: Protocol,
  { type, flags }: { type: number; flags: number },
  family: number | undefined,
): Codec<any, any> {
  if (type === NLMSG_ERROR) return nlmsgerr(flags);
  if (type === NLMSG_DONE) return nlmsgdone(flags);
  return protocol.find(type, family, flags) ?? bytes;
}

/**
 * The same for a payload in `[start, end)`. A request may end after the address family: glibc asks
 * for addresses and links this way, and the kernel answers (net/core/rtnetlink.c,
 * rtnetlink_rcv_msg). Such a payload is a `struct rtgenmsg`.
 */
export function codecOf(
  protocol: Protocol,
  header: { type: number; flags: number },
  view: DataView,
  start: number,
  end: number,
): Codec<any, any> {
  const codec = payloadCodec(protocol, header, familyAt(view, start, end));
  const { head } = codec as Partial<AnyMessage>;
  const isRequest = (header.flags & constants.NLM_F_REQUEST) !== 0;
  const isCut = head !== undefined && isRequest && end - start < head.span && end > start;
  return isCut ? rtgenmsg(head) : codec;
}

function rtgenmsg(head: Struct<any, any>): Codec<any, any> {
  const [first, family] = Object.entries(head.fields)[0]!;
  return struct('rtgenmsg', { [first]: family });
}

/**
 * Decodes a datagram.
 *
 * @throws CodecError for bytes that are not netlink messages.
 */
export const decode = checkedFunction(
  'decode',
  'protocol: object, datagram: Uint8Array',
  function decode(protocol: Protocol, datagram: Uint8Array): Frame[] {
    const view = viewOf(datagram);
    const result: Frame[] = [];
    for (const { header, at, end } of frames(view)) {
      const { flags, seq, pid } = header;
      const start = at + NLMSG_HDRLEN;
      const name = typeName(protocol, header, familyAt(view, start, end));
      const codec = codecOf(protocol, header, view, start, end);
      let payload: unknown;
      try {
        payload = codec.get(view, start, end);
      } catch (error) {
        rethrowWithin(error, String(name));
      }
      result.push({ type: name, flags: flagNames(name, flags), seq, pid, payload });
    }
    return result;
  },
);

/** Messages are written here and then copied out. */
let scratch: Writer | undefined;

/**
 * Encodes one message.
 *
 * @throws CodecError, with the path, for a value that does not fit its declaration.
 */
export const encode = checkedFunction(
  'encode',
  'protocol: object, frame: object',
  function encode(protocol: Protocol, frame: Frame): Uint8Array<ArrayBuffer> {
    const writer = (scratch ??= new Writer());
    writer.at = 0;
    const { seq, pid, payload } = frame;
    const type = typeNumberOf(protocol, frame.type);
    const flags = flagMask(frame.type, frame.flags);
    nlmsghdr.write(writer, { len: 0, type, flags, seq, pid });
    const head = payload as { family?: unknown; cmd?: unknown } | undefined;
    const whole = familyCodec(protocol, type, flags, head?.family ?? head?.cmd);
    // A truncated header, see `codecOf`, has no attributes but may have a `rest`.
    const isCut =
      'head' in whole && (payload as { rest?: unknown } | undefined)?.rest !== undefined;
    const codec = isCut ? rtgenmsg((whole as AnyMessage).head) : whole;
    try {
      codec.put(writer, payload);
    } catch (error) {
      rethrowWithin(error, String(frame.type));
    }
    writer.view.setUint32(0, writer.at, LITTLE_ENDIAN);
    return writer.finish();
  },
);

function familyCodec(
  protocol: Protocol,
  type: number,
  flags: number,
  family: unknown,
): Codec<any, any> {
  if (typeof family === 'number' || family === undefined) {
    return payloadCodec(protocol, { type, flags }, family);
  }
  // The header struct has the family, or the command, as a name; `find` needs its number.
  if (protocol.commandNumber !== undefined) {
    return payloadCodec(protocol, { type, flags }, protocol.commandNumber(String(family)));
  }
  const any = protocol.messages.find(({ types }) => Object.values(types).includes(type));
  return payloadCodec(protocol, { type, flags }, any?.head.fields['family']?.number?.(family));
}

const CONTROL: Readonly<Record<string, number>> = {
  NLMSG_NOOP: constants.NLMSG_NOOP,
  NLMSG_ERROR: constants.NLMSG_ERROR,
  NLMSG_DONE: constants.NLMSG_DONE,
  NLMSG_OVERRUN: constants.NLMSG_OVERRUN,
};

/** The kernel's name of a message type; `first` is the first payload byte. */
export function typeName(
  protocol: Protocol,
  { type, flags }: { readonly type: number; readonly flags: number },
  first?: number,
): string | number {
  if (type < NLMSG_MIN_TYPE) {
    for (const name in CONTROL) if (CONTROL[name] === type) return name;
  }
  const name = protocol.typeName(type, first, flags);
  return name.startsWith('type ') ? type : name;
}

function typeNumberOf(protocol: Protocol, name: string | number): number {
  if (typeof name === 'number') return name;
  const number = CONTROL[name] ?? protocol.typeNumber(name);
  if (number === undefined) throw new CodecError(`${protocol.name} has no message type ${name}`);
  return number;
}

type FlagWord = keyof typeof constants;

const ALWAYS: readonly FlagWord[] = [
  'NLM_F_REQUEST',
  'NLM_F_MULTI',
  'NLM_F_ACK',
  'NLM_F_ECHO',
  'NLM_F_DUMP_INTR',
  'NLM_F_DUMP_FILTERED',
];
const GET: readonly FlagWord[] = ['NLM_F_DUMP', 'NLM_F_ROOT', 'NLM_F_MATCH', 'NLM_F_ATOMIC'];
const NEW: readonly FlagWord[] = ['NLM_F_REPLACE', 'NLM_F_EXCL', 'NLM_F_CREATE', 'NLM_F_APPEND'];
const DELETE: readonly FlagWord[] = ['NLM_F_NONREC', 'NLM_F_BULK'];
const ANSWER: readonly FlagWord[] = ['NLM_F_CAPPED', 'NLM_F_ACK_TLVS'];

/**
 * The flags of a message type, in the order in which masks are split, and a cache of masks already
 * split.
 */
interface FlagTable {
  readonly bits: ReadonlyMap<string, number>;
  readonly split: Map<number, readonly (string | number)[]>;
}

const tables = new Map<string | number, FlagTable>();
const NONE: readonly FlagWord[] = [];

/**
 * The upper flag bits have different meanings in get, new and delete requests and in
 * acknowledgements.
 */
function ownFlags(type: string | number): readonly FlagWord[] {
  if (typeof type === 'number') return NONE;
  if (type.startsWith('NLMSG_')) return ANSWER;
  if (/_GET|_BY_FAMILY/.test(type)) return GET;
  if (/_DEL|_DESTROY/.test(type)) return DELETE;
  return /_NEW|_SET/.test(type) ? NEW : NONE;
}

function flagTable(type: string | number): FlagTable {
  // All undeclared types share one table.
  const key = typeof type === 'number' ? 0 : type;
  let table = tables.get(key);
  if (table === undefined) {
    const words = [...ALWAYS, ...ownFlags(type)];
    table = { bits: new Map(words.map((word) => [word, constants[word]])), split: new Map() };
    tables.set(key, table);
  }
  return table;
}

/** Flag bits by their kernel names; bits without a name are combined in one number. */
export function flagNames(type: string | number, mask: number): readonly (string | number)[] {
  const { bits, split } = flagTable(type);
  let names = split.get(mask);
  if (names === undefined) split.set(mask, (names = splitMask(bits, mask)));
  return names;
}

function splitMask(bits: FlagTable['bits'], mask: number): readonly (string | number)[] {
  const names: (string | number)[] = [];
  let rest = mask;
  for (const [word, bit] of bits) {
    if ((rest & bit) !== bit) continue;
    names.push(word);
    rest &= ~bit;
  }
  if (rest !== 0) names.push(rest);
  return Object.freeze(names);
}

function flagMask(type: string | number, names: readonly (string | number)[]): number {
  const { bits } = flagTable(type);
  let mask = 0;
  for (const name of names) {
    const bit = typeof name === 'number' ? name : bits.get(name);
    if (bit === undefined) throw new CodecError(`${name} is not a flag of ${type}`);
    mask |= bit;
  }
  return mask;
}
