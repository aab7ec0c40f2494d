/**
 * Messages for people: one line of text, and annotated hexadecimal, both from the declarations.
 *
 *     08 00 01 00  c0 00 02 02                            # IFA_ADDRESS 192.0.2.2
 */
import { checkedFunction } from './arguments.ts';
import { nlmsgerr, type Ack, type Nlmsghdr } from './ack.ts';
import { explain } from './explain.ts';
import { align4, bytesOf, toHex, viewOf } from './bytes.ts';
import { bytes, s32, type Codec, type Part } from './codec.ts';
import { NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN } from '../constants.ts';
import { errnoName } from '../../sys/errno.ts';
import { CodecError, type ExtendedAck } from '../../errors.ts';
import { codecOf, flagNames, frames, typeName } from './frame.ts';
import { familyAt } from './datagram.ts';
import type { Protocol } from './protocol.ts';
import type { Headed } from './headed.ts';
import type { Struct } from './struct.ts';

const BYTES_PER_LINE = 16;
/** The width of four groups of four bytes. */
const COMMENT_COLUMN = 52;
const LINE_LENGTH = 120;

/**
 * One line per message: `RTM_NEWADDR family=inet prefixlen=24 … IFA_ADDRESS=192.0.2.2`.
 *
 * @throws CodecError for bytes that are not messages
 */
export const show = checkedFunction(
  'show',
  'protocol: object, datagram: Uint8Array',
  function show(protocol: Protocol, datagram: Uint8Array): string {
    const view = viewOf(datagram);
    const lines: string[] = [];
    for (const { header, at, end } of frames(view)) {
      const start = at + NLMSG_HDRLEN;
      const codec = codecOf(protocol, header, view, start, end);
      const payload = codec.show(codec.get(view, start, end));
      const name = typeName(protocol, header, familyAt(view, start, end));
      lines.push(`${name} ${payload}`.trimEnd());
    }
    return lines.join('\n');
  },
);

/**
 * Annotated hexadecimal of a datagram: one line per header and attribute, indented by nesting. The
 * bytes are left of the `#`; `fromHex` reads them once the comments are removed.
 *
 * @throws CodecError for bytes that cannot be decoded, unless `torn` is given
 */
export const annotate = checkedFunction(
  'annotate',
  'protocol: object, datagram: Uint8Array, torn?: function',
  function annotate(protocol: Protocol, datagram: Uint8Array, torn?: Torn): string {
    const view = viewOf(datagram);
    const page: Page = { protocol, view, lines: [] };
    let last = 0;
    for (const { header, at, end } of frames(view)) {
      const start = at + NLMSG_HDRLEN;
      const first = familyAt(view, start, end);
      emit(page, at, start, headerText(protocol, header, first), 0);
      const lines = page.lines.length;
      try {
        if (header.type === NLMSG_ERROR && end - start >= 4 + NLMSG_HDRLEN) {
          answer(page, header.flags, start, end);
        } else {
          payload(page, header, start, end, 0);
        }
      } catch (error) {
        if (torn === undefined || !(error instanceof CodecError)) throw error;
        torn(error.within(String(typeName(protocol, header, first))));
        page.lines.length = lines;
        emit(page, start, end, 'payload that cannot be read', 0);
      }
      last = Math.min(at + align4(end - at), view.byteLength);
      if (last > end) emit(page, end, last, 'padding', 0);
    }
    if (last < view.byteLength) emit(page, last, view.byteLength, 'after the last message', 0);
    return page.lines.map((line) => `${line}\n`).join('');
  },
);

/** Called with the error of a payload that cannot be decoded, which is then shown as bytes. */
export type Torn = (error: CodecError) => void;

/** A range of bytes and the comment beside it. */
export interface Stretch {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Annotated hexadecimal of bytes that are not messages. */
export function annotateStretches(stretches: readonly Stretch[]): string {
  const lines: string[] = [];
  for (const { bytes: all, text } of stretches) {
    emit({ view: viewOf(all), lines }, 0, all.length, text, 0);
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** The output being written. */
interface Page {
  readonly protocol: Protocol;
  readonly view: DataView;
  readonly lines: string[];
}

function headerText(protocol: Protocol, header: Nlmsghdr, first: number | undefined): string {
  const { len, flags, seq, pid } = header;
  const name = typeName(protocol, header, first);
  const words = flagNames(name, flags).join(',') || 'none';
  return `nlmsghdr len=${len} type=${name} flags=${words} seq=${seq} pid=${pid}`;
}

function payload(
  page: Page,
  header: Pick<Nlmsghdr, 'type' | 'flags'>,
  start: number,
  end: number,
  depth: number,
): void {
  const { protocol, view } = page;
  const codec = codecOf(protocol, header, view, start, end);
  // Decoded first, so that malformed bytes are an error here and not half an annotation.
  codec.get(view, start, end);
  const parts = partsOf(codec, view, start, end, depth);
  const first = parts[0]?.at ?? end;
  if (first > start) emit(page, start, first, headText(codec, header, view, start), depth);
  emitParts(page, parts, end, (part, inside) => partText(part, view, inside));
}

/** An `NLMSG_ERROR`: the error number, the request inside it, and the kernel's explanation. */
function answer(page: Page, flags: number, start: number, end: number): void {
  const { protocol, view } = page;
  const codec = nlmsgerr(flags);
  const ack = codec.get(view, start, end);
  const request = ack.request!;
  const at = start + 4;
  emit(page, start, at, `nlmsgerr ${errorText(ack.error)}`, 0);
  const body = at + NLMSG_HDRLEN;
  const stop = body + (ack.payload?.length ?? 0);
  emit(page, at, body, headerText(protocol, request, familyAt(view, body, stop)), 1);
  const lines = page.lines.length;
  try {
    if (stop > body) payload(page, request, body, stop, 1);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    page.lines.length = lines;
    emit(page, body, stop, 'payload', 1);
  }
  const parts = partsOf(codec, view, start, end, 0);
  const first = parts[0]?.at ?? end;
  const rest = body + align4(stop - body);
  if (first > rest) emit(page, rest, first, 'padding', 0);
  const told = meaning(page, ack, at, stop);
  emitParts(page, parts, end, (part, inside) => {
    const path = { NLMSGERR_ATTR_OFFS: told?.attribute, NLMSGERR_ATTR_MISS_TYPE: told?.missing };
    const text = path[part.name as keyof typeof path];
    return `${partText(part, view, inside)}${text === undefined ? '' : ` ${text}`}`;
  });
}

/** Offsets as paths; undefined if the request is malformed. */
function meaning(page: Page, ack: Ack, at: number, stop: number): ExtendedAck | undefined {
  const { protocol, view } = page;
  const { type, flags } = ack.request!;
  const request = new DataView(view.buffer, view.byteOffset + at, stop - at);
  const family = familyAt(request, NLMSG_HDRLEN, request.byteLength);
  try {
    return explain(ack, protocol.find(type, family, flags), request);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return undefined;
  }
}

function partsOf(
  codec: Codec<unknown>,
  view: DataView,
  start: number,
  end: number,
  depth: number,
): Part[] {
  const parts: Part[] = [];
  codec.walk?.(view, start, end, (part) => parts.push(part), depth);
  return parts;
}

function emitParts(
  page: Page,
  parts: readonly Part[],
  end: number,
  text: (part: Part, inside: boolean) => string,
): void {
  parts.forEach((part, i) => {
    const next = parts[i + 1];
    const inside = next !== undefined && next.at >= part.body && next.at < part.end;
    const stop = inside ? next.at : Math.min(align4(part.end - part.at) + part.at, end);
    emit(page, part.at, stop, text(part, inside), part.depth);
  });
}

const errorText = (error: number): string =>
  error === 0 ? 'error=0' : `error=${error} ${errnoName(-error)}`;

function headText(
  codec: Codec<unknown>,
  { type }: Pick<Nlmsghdr, 'type'>,
  view: DataView,
  start: number,
): string {
  if (type === NLMSG_DONE) return errorText(s32.read(view, start));
  const { head = codec } = codec as Partial<Headed<unknown, unknown>>;
  if ((head as Partial<Struct<any, any>>).kind !== 'struct') return 'payload';
  const struct = head as Struct<any, any>;
  const cut = head === codec ? ', the header is cut short' : '';
  return `${struct.name} ${struct.show(struct.read(view, start))}${cut}`;
}

/** The comment of an attribute. For one with others inside, only what comes before them. */
function partText(part: Part, view: DataView, inside: boolean): string {
  const { codec, name, body, end } = part;
  const { head } = codec as Partial<Headed<unknown, unknown>>;
  if (head !== undefined) return `${name} ${head.show(head.read(view, body))}`;
  if (inside) return name;
  // Not repeated: the bytes are already on the left. Empty ones are padding that aligns the next
  // payload to eight bytes.
  if (codec === bytes) return end === body ? `${name} empty` : `${name} ${end - body} bytes`;
  const value = codec.get(view, body, end);
  return `${name} ${codec.show(value)}`.trimEnd();
}

/** Appends lines of at most sixteen bytes; a long comment continues on the following lines. */
function emit(
  page: Pick<Page, 'view' | 'lines'>,
  at: number,
  stop: number,
  text: string,
  depth: number,
): void {
  const indent = '  '.repeat(depth);
  const comments = wrap(text, LINE_LENGTH - COMMENT_COLUMN - '# '.length - indent.length);
  const rows = Math.max(Math.ceil((stop - at) / BYTES_PER_LINE), comments.length);
  for (let row = 0; row < rows; row++) {
    const from = Math.min(at + row * BYTES_PER_LINE, stop);
    const hex = groups(bytesOf(page.view, from, Math.min(from + BYTES_PER_LINE, stop)));
    const comment = comments[row];
    page.lines.push(
      comment === undefined ? hex : `${hex.padEnd(COMMENT_COLUMN)}# ${indent}${comment}`,
    );
  }
}

const groups = (bytes: Uint8Array): string =>
  (toHex(bytes).match(/.{1,8}/g) ?? []).map((group) => group.match(/../g)!.join(' ')).join('  ');

/** Wraps words; all lines but the first are indented. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').flatMap((each) => breakable(each, width - 2))) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(last === undefined ? word : `  ${word}`);
    }
  }
  return lines;
}

/** A long list may be broken after a comma. */
const breakable = (word: string, width: number): string[] =>
  word.length <= width ? [word] : (word.match(new RegExp(`.{1,${width}}(,|$)`, 'g')) ?? [word]);

/** Removes the comments of annotated hexadecimal. */
export const withoutComments = (text: string): string => text.replace(/#.*$/gm, '');
