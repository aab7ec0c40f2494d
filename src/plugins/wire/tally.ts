/**
 * Counts the elements of a set. To decode a thousand of them would take as long as the rest of a
 * DEL; to compare their bytes does not.
 */
import { CodecError } from '../../errors.ts';
import { align4, bytesOf, LITTLE_ENDIAN } from '../../netlink/codec/bytes.ts';
import type { Reader } from '../../netlink/codec/pick.ts';
import { NLA_HDRLEN, NLA_TYPE_MASK } from '../../netlink/constants.ts';
import type { SetElement } from '../../nftables/element/message.ts';
import type { Attributes, List } from './forms.ts';
import { formIn, formOf, getSet, setBytes, typeIn } from './interpreter.ts';
import * as tables from './tables-nft.ts';

/** The number of elements, and the keys of those with a certain comment. */
export interface Tally {
  readonly count: number;
  readonly keys: readonly Uint8Array[];
}

/** Reads the tally of each message of a list of elements. */
export function tallyReader(comment: string): Reader<Tally> {
  const [, head, message] = formOf(tables.element);
  const list = formIn(message, 'elements') as List;
  const inElement = list[1] as Attributes;
  const elements = typeIn(message, 'elements');
  const userdata = setBytes(inElement, { userdata: { comment } });
  const get = (view: DataView, at: number, end: number): Tally => {
    const keys: Uint8Array[] = [];
    let count = 0;
    for (let from = at + head[2]; from < end;) {
      const stop = endOf(view, from, end);
      if ((view.getUint16(from + 2, LITTLE_ENDIAN) & NLA_TYPE_MASK) === elements) {
        for (let one = from + NLA_HDRLEN; one < stop;) {
          const next = endOf(view, one, stop);
          count++;
          if (isIn(view, one + NLA_HDRLEN, next, userdata)) {
            const { key } = getSet(view, one + NLA_HDRLEN, next, inElement) as SetElement;
            keys.push(key!.value!);
          }
          one = align4(next);
        }
      }
      from = align4(stop);
    }
    return { count, keys };
  };
  return { get };
}

function endOf(view: DataView, at: number, end: number): number {
  const length = end - at < NLA_HDRLEN ? 0 : view.getUint16(at, LITTLE_ENDIAN);
  if (length < NLA_HDRLEN || at + length > end) {
    throw new CodecError(`length ${length} at byte ${at}`);
  }
  return at + length;
}

/** Whether these bytes are one of the attributes. */
function isIn(view: DataView, at: number, end: number, attribute: Uint8Array): boolean {
  while (at < end) {
    const stop = endOf(view, at, end);
    if (isEqual(view, at, stop, attribute)) return true;
    at = align4(stop);
  }
  return false;
}

function isEqual(view: DataView, at: number, stop: number, attribute: Uint8Array): boolean {
  if (align4(stop - at) !== attribute.length) return false;
  const bytes = bytesOf(view, at, stop);
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== attribute[i]) return false;
  return true;
}
