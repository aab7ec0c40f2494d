/**
 * Messages for eyes: one line of text, and annotated hexadecimal, both from the declarations.
 *
 *     08 00 01 00  c0 00 02 02                            # IFA_ADDRESS 192.0.2.2
 */
import { nlmsghdr } from './ack.ts';
import { align4, toHex, viewOf } from './bytes.ts';
import { s32, takeNote, type Codec, type Part } from './codec.ts';
import { NLMSG_DONE, NLMSG_ERROR, NLMSG_HDRLEN } from './constants.ts';
import { familyAt, flagNames, frames, payloadCodec, typeName } from './frame.ts';
import type { Protocol } from './message.ts';
import type { Headed } from './sequences.ts';

const BYTES_PER_LINE = 16;
/** Four groups of four bytes, then the comment. */
const COMMENT_COLUMN = 52;
const LINE_LENGTH = 110;

/** One line per message: `RTM_NEWADDR family=inet prefixlen=24 … IFA_ADDRESS=192.0.2.2`. */
export function show(protocol: Protocol, datagram: Uint8Array): string {
  const view = viewOf(datagram);
  const lines: string[] = [];
  for (const { header, at, end } of frames(view)) {
    const start = at + NLMSG_HDRLEN;
    const codec = payloadCodec(protocol, header, familyAt(view, start, end));
    const payload = codec.show(codec.get(view, start, end));
    lines.push(`${typeName(protocol, header.type)} ${payload}`.trimEnd());
  }
  return lines.join('\n');
}

/**
 * Annotated hexadecimal of a datagram: one line per header and attribute, nesting shown by indentation.
 * What stands left of `#` is the bytes; `fromHex` reads it back once the comments are cut off.
 */
export function annotate(protocol: Protocol, datagram: Uint8Array): string {
  const view = viewOf(datagram);
  const lines: string[] = [];
  for (const { header, at, end } of frames(view)) {
    const name = typeName(protocol, header.type);
    const flags = flagNames(name, header.flags).join(',') || 'none';
    const text = `nlmsghdr len=${header.len} type=${name} flags=${flags} seq=${header.seq} pid=${header.pid}`;
    const start = at + NLMSG_HDRLEN;
    emit(lines, datagram.subarray(at, start), text, 0);
    const codec = payloadCodec(protocol, header, familyAt(view, start, end));
    // Decoded first, so that torn bytes are an error here and not a comment that is half right.
    codec.get(view, start, end);
    const parts: Part[] = [];
    codec.walk?.(view, start, end, (part) => parts.push(part), 0);
    const first = parts[0]?.at ?? end;
    if (first > start) {
      emit(
        lines,
        datagram.subarray(start, first),
        headText(codec, header.type, view, start, first),
        0,
      );
    }
    parts.forEach((part, i) => {
      const next = parts[i + 1];
      const inside = next !== undefined && next.at >= part.body && next.at < part.end;
      const stop = inside ? next.at : Math.min(align4(part.end - part.at) + part.at, end);
      emit(lines, datagram.subarray(part.at, stop), partText(part, view, inside), part.depth);
    });
  }
  return lines.map((line) => `${line}\n`).join('');
}

function headText(
  codec: Codec<unknown>,
  type: number,
  view: DataView,
  start: number,
  first: number,
): string {
  if (type === NLMSG_ERROR && first - start >= 20) {
    const { len, seq } = nlmsghdr.read(view, start + 4);
    return `nlmsgerr error=${s32.read(view, start)} len=${len} seq=${seq}`;
  }
  if (type === NLMSG_DONE) return `error=${s32.read(view, start)}`;
  const { head } = codec as Partial<Headed<unknown, unknown>>;
  if (head === undefined) return 'payload';
  return `${head.name} ${head.show(head.read(view, start))}`;
}

/** The comment of an attribute; of one with others inside, only what stands before them. */
function partText(part: Part, view: DataView, inside: boolean): string {
  const { codec } = part;
  const { head } = codec as Partial<Headed<unknown, unknown>>;
  if (head !== undefined) return `${part.name} ${head.show(head.read(view, part.body))}`;
  if (inside) return part.name;
  const value = codec.get(view, part.body, part.end);
  takeNote();
  return `${part.name} ${codec.show(value)}`.trimEnd();
}

/** Appends lines of at most sixteen bytes; a long comment continues beside the bytes that follow. */
function emit(lines: string[], bytes: Uint8Array, text: string, depth: number): void {
  const indent = '  '.repeat(depth);
  const comments = wrap(text, LINE_LENGTH - COMMENT_COLUMN - indent.length);
  const rows = Math.max(Math.ceil(bytes.length / BYTES_PER_LINE), 1);
  const last = comments.length > rows ? comments.splice(rows - 1).join(' ') : undefined;
  if (last !== undefined) comments.push(last);
  for (let row = 0; row < rows; row++) {
    const part = bytes.subarray(row * BYTES_PER_LINE, (row + 1) * BYTES_PER_LINE);
    const comment = comments[row];
    const hex = groups(part);
    const padded = comment === undefined ? hex : hex.padEnd(COMMENT_COLUMN);
    lines.push(
      comment === undefined ? padded : `${padded}# ${indent}${row > 0 ? '  ' : ''}${comment}`,
    );
  }
}

const groups = (bytes: Uint8Array): string =>
  (toHex(bytes).match(/.{1,8}/g) ?? []).map((group) => group.match(/../g)!.join(' ')).join('  ');

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(word);
    }
  }
  return lines;
}

/** Cuts the comments off annotated hexadecimal. */
export const withoutComments = (text: string): string => text.replace(/#.*$/gm, '');
