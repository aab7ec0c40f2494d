/**
 * Whole messages with their header: what a datagram is made of, and what `encode` and `decode` take and give.
 */
import { nlmsgdone, nlmsgerr, nlmsghdr, type Nlmsghdr } from './ack.ts';
import { align4, LITTLE_ENDIAN, viewOf, Writer } from './bytes.ts';
import { bytes, type Codec } from './codec.ts';
import * as constants from './constants.ts';
import { NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN } from './constants.ts';
import { CodecError, rethrowWithin } from './errors.ts';
import type { AnyMessage, Protocol } from './message.ts';

/** A message with its header in words: the form of fixtures and of everything that is printed. */
export interface Frame {
  /** Kernel name of the type, or its number when nobody declared it. */
  readonly type: string | number;
  readonly flags: readonly (string | number)[];
  readonly seq: number;
  readonly pid: number;
  /** Decoded by the declaration that `Protocol.find` gives; bytes where there is none. */
  readonly payload: unknown;
}

/** Bounds of one message in a datagram: header at `at`, the message ends at `end`. */
export interface FrameBounds {
  readonly header: Nlmsghdr;
  readonly at: number;
  readonly end: number;
}

/** The messages of a datagram, one after the other. Throws CodecError when a length does not fit. */
export function* frames(view: DataView): Generator<FrameBounds> {
  let at = 0;
  while (at < view.byteLength) {
    const left = view.byteLength - at;
    if (left < NLMSG_HDRLEN)
      throw new CodecError(`${left} bytes, ${NLMSG_HDRLEN} needed`).within('nlmsghdr');
    const header = nlmsghdr.read(view, at);
    if (header.len < NLMSG_HDRLEN || header.len > left) {
      throw new CodecError(`length ${header.len}, ${left} bytes are left`).within('nlmsghdr');
    }
    yield { header, at, end: at + header.len };
    at += align4(header.len);
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

/** Decodes a datagram. Throws CodecError for bytes that are not netlink messages. */
export function decode(protocol: Protocol, datagram: Uint8Array): Frame[] {
  const view = viewOf(datagram);
  const result: Frame[] = [];
  for (const { header, at, end } of frames(view)) {
    const name = typeName(protocol, header.type);
    const start = at + NLMSG_HDRLEN;
    const codec = payloadCodec(protocol, header, familyAt(view, start, end));
    let payload: unknown;
    try {
      payload = codec.get(view, start, end);
    } catch (error) {
      rethrowWithin(error, String(name));
    }
    const { seq, pid } = header;
    result.push({ type: name, flags: flagNames(name, header.flags), seq, pid, payload });
  }
  return result;
}

/** The first payload byte: the address family in every protocol that has one. */
export const familyAt = (view: DataView, start: number, end: number): number | undefined =>
  start < end ? view.getUint8(start) : undefined;

/** Encodes one message. Throws CodecError, with the path, for a value that does not fit its declaration. */
export function encode(protocol: Protocol, frame: Frame): Uint8Array<ArrayBuffer> {
  const writer = new Writer();
  const type = typeNumberOf(protocol, frame.type);
  const flags = flagMask(frame.type, frame.flags);
  putFrame(writer, { type, flags, seq: frame.seq, pid: frame.pid }, () => {
    const head = frame.payload as { family?: unknown } | undefined;
    const declared = familyCodec(protocol, type, flags, head?.family);
    try {
      declared.put(writer, frame.payload);
    } catch (error) {
      rethrowWithin(error, String(frame.type));
    }
  });
  return writer.finish();
}

function familyCodec(
  protocol: Protocol,
  type: number,
  flags: number,
  family: unknown,
): Codec<any, any> {
  if (typeof family === 'number' || family === undefined) {
    return payloadCodec(protocol, { type, flags }, family);
  }
  // The family is a word of the header struct; its number is what `find` goes by.
  const any = protocol.find(type, undefined, flags);
  if (any === undefined) return payloadCodec(protocol, { type, flags }, undefined);
  const writer = new Writer(8);
  any.head.fields['family']?.put(writer, family);
  return payloadCodec(protocol, { type, flags }, writer.bytes[0]);
}

/** Writes a header, lets `payload` write the rest, and fills in the length. The message starts and ends aligned. */
export function putFrame(
  writer: Writer,
  header: { type: number; flags: number; seq: number; pid?: number },
  payload: () => void,
): void {
  writer.pad();
  const at = writer.at;
  nlmsghdr.write(writer, { len: 0, ...header });
  payload();
  writer.view.setUint32(at, writer.at - at, LITTLE_ENDIAN);
  writer.pad();
}

const CONTROL: Readonly<Record<string, number>> = {
  NLMSG_NOOP: constants.NLMSG_NOOP,
  NLMSG_ERROR: constants.NLMSG_ERROR,
  NLMSG_DONE: constants.NLMSG_DONE,
  NLMSG_OVERRUN: constants.NLMSG_OVERRUN,
};

/** The kernel's name of a message type. */
export function typeName(protocol: Protocol, type: number): string | number {
  const control = Object.keys(CONTROL).find((name) => CONTROL[name] === type);
  if (control !== undefined) return control;
  const name = protocol.typeName(type);
  return name.startsWith('type ') ? type : name;
}

function typeNumberOf(protocol: Protocol, name: string | number): number {
  if (typeof name === 'number') return name;
  const control = CONTROL[name];
  if (control !== undefined) return control;
  const declared: AnyMessage | undefined = protocol.messages.find((each) => name in each.types);
  const number = declared?.types[name];
  if (number === undefined) throw new CodecError(`${protocol.name} has no message type ${name}`);
  return number;
}

const ALWAYS = [
  'NLM_F_REQUEST',
  'NLM_F_MULTI',
  'NLM_F_ACK',
  'NLM_F_ECHO',
  'NLM_F_DUMP_INTR',
  'NLM_F_DUMP_FILTERED',
] as const;
const GET = ['NLM_F_DUMP', 'NLM_F_ROOT', 'NLM_F_MATCH', 'NLM_F_ATOMIC'] as const;
const NEW = ['NLM_F_REPLACE', 'NLM_F_EXCL', 'NLM_F_CREATE', 'NLM_F_APPEND'] as const;
const DELETE = ['NLM_F_NONREC', 'NLM_F_BULK'] as const;
const ANSWER = ['NLM_F_CAPPED', 'NLM_F_ACK_TLVS'] as const;

/** The upper flag bits mean different things for requests that get, make and delete, and for answers. */
function flagWords(type: string | number): readonly (keyof typeof constants)[] {
  const name = String(type);
  if (name.startsWith('NLMSG_')) return [...ALWAYS, ...ANSWER];
  if (name.includes('_GET')) return [...ALWAYS, ...GET];
  if (/_DEL|_DESTROY/.test(name)) return [...ALWAYS, ...DELETE];
  return /_NEW|_SET/.test(name) ? [...ALWAYS, ...NEW] : ALWAYS;
}

/** Flag bits by their kernel names; bits without a name stay one number. */
export function flagNames(type: string | number, mask: number): (string | number)[] {
  const names: (string | number)[] = [];
  let rest = mask;
  for (const word of flagWords(type)) {
    const bits = constants[word];
    if ((rest & bits) !== bits) continue;
    names.push(word);
    rest &= ~bits;
  }
  if (rest !== 0) names.push(rest);
  return names;
}

function flagMask(type: string | number, names: readonly (string | number)[]): number {
  const known: readonly string[] = flagWords(type);
  let mask = 0;
  for (const name of names) {
    if (typeof name !== 'number' && !known.includes(name)) {
      throw new CodecError(`${name} is not a flag of ${type}`);
    }
    mask |= typeof name === 'number' ? name : constants[name as 'NLM_F_ACK'];
  }
  return mask;
}
