/**
 * Sets of addresses and their elements with comments, as far as masquerade needs them in ADD and
 * DEL; src/nftables has all of them. include/uapi/linux/netfilter/nf_tables.h.
 */
import { align4, bytesOf, LITTLE_ENDIAN } from '../../netlink/codec/bytes.ts';
import { NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL } from '../../netlink/constants.ts';
import { CodecError } from '../../errors.ts';
import type { Message } from '../../netlink/codec/message.ts';
import type { Request } from '../../netlink/request.ts';
import * as c from '../../nftables/messages/constants.ts';
import { written } from './message.ts';
import { FAMILIES, NFGENMSG, numberIn, putComment, putHead, type TableName } from './nft-tlv.ts';
import { beginNest, eachTlv, endNest, putBe32, putBytes, putText, textAt } from './tlv.ts';

export interface SetName extends TableName {
  readonly set: string;
}

/** A set as the kernel reports it. */
export interface WireSet {
  readonly name: string;
  /** The number of elements; kernels before 6.16 do not report it. */
  readonly count: number | undefined;
}

/** The keys of a set: the number of nft's data type, and the size. */
const KEYS = { ip: [7, 4], ip6: [8, 16] } as const;

export const set = written<
  WireSet,
  TableName & { readonly set?: string; readonly keys?: 'ip' | 'ip6' }
>({
  name: 'set',
  types: {
    NFT_MSG_NEWSET: c.NFT_MSG_NEWSET,
    NFT_MSG_GETSET: c.NFT_MSG_GETSET,
    NFT_MSG_DELSET: c.NFT_MSG_DELSET,
  },
  head: NFGENMSG,
  put(w, { family, table: within, set: name, keys }) {
    putHead(w, FAMILIES[family]);
    putText(w, 1, within);
    if (name !== undefined) putText(w, 2, name);
    if (keys === undefined) return;
    putBe32(w, 3, 0);
    putBe32(w, 4, KEYS[keys][0]);
    putBe32(w, 5, KEYS[keys][1]);
    beginNest(w, 9);
    // The kernel requires an id; within a transaction sets are also found by name.
    putBe32(w, 10, 1);
  },
  get(view, at, end) {
    let name = '';
    eachTlv(view, at + NFGENMSG, end, (type, body, stop) => {
      if (type === 2) name = textAt(view, body, stop);
    });
    return { name, count: numberIn(view, at, end, 20) };
  },
  subject: ({ family, table: within, set: name = '' }) => `${family} ${within} ${name}`.trimEnd(),
  names: () => ({
    1: 'NFTA_SET_TABLE',
    2: 'NFTA_SET_NAME',
    3: 'NFTA_SET_FLAGS',
    4: 'NFTA_SET_KEY_TYPE',
    5: 'NFTA_SET_KEY_LEN',
    9: 'NFTA_SET_DESC',
    10: 'NFTA_SET_ID',
  }),
});

export const getSet = (value: SetName): Request<WireSet> => ({
  message: set,
  type: c.NFT_MSG_GETSET,
  value,
});

export const listSets = (value: TableName): Request<WireSet> => ({
  message: set,
  type: c.NFT_MSG_GETSET,
  flags: NLM_F_DUMP,
  value,
});

export const addSet = (value: SetName & { readonly keys: 'ip' | 'ip6' }): Request => ({
  message: set,
  type: c.NFT_MSG_NEWSET,
  flags: NLM_F_CREATE,
  value,
});

export const deleteSet = (value: SetName): Request => ({
  message: set,
  type: c.NFT_MSG_DELSET,
  value,
});

export interface WireElement {
  readonly key: Uint8Array;
  /** Missing for an element that was made by hand. */
  readonly comment?: string;
}

export const element = written<
  WireElement[],
  SetName & { readonly elements?: readonly WireElement[] }
>({
  name: 'element',
  types: {
    NFT_MSG_NEWSETELEM: c.NFT_MSG_NEWSETELEM,
    NFT_MSG_GETSETELEM: c.NFT_MSG_GETSETELEM,
    NFT_MSG_DELSETELEM: c.NFT_MSG_DELSETELEM,
  },
  head: NFGENMSG,
  put(w, { family, table: within, set: name, elements }) {
    putHead(w, FAMILIES[family]);
    putText(w, 1, within);
    putText(w, 2, name);
    if (elements === undefined) return;
    const list = beginNest(w, 3);
    for (const { key, comment } of elements) {
      const one = beginNest(w, 1);
      const data = beginNest(w, 1);
      putBytes(w, 1, key);
      endNest(w, data);
      if (comment !== undefined) putComment(w, comment);
      endNest(w, one);
    }
    endNest(w, list);
  },
  get: elementsAt,
  subject: ({ family, table: within, set: name }) => `${family} ${within} ${name}`,
  names: () => ({
    1: 'NFTA_SET_ELEM_LIST_TABLE',
    2: 'NFTA_SET_ELEM_LIST_SET',
    3: ['NFTA_SET_ELEM_LIST_ELEMENTS', { 1: ['NFTA_LIST_ELEM', ELEMENT] }],
  }),
});
const ELEMENT = {
  1: ['NFTA_SET_ELEM_KEY', { 1: 'NFTA_DATA_VALUE' }],
  6: 'NFTA_SET_ELEM_USERDATA',
} as const;

function elementsAt(view: DataView, at: number, end: number): WireElement[] {
  const elements: WireElement[] = [];
  eachTlv(view, at + NFGENMSG, end, (type, body, stop) => {
    if (type !== 3) return;
    eachTlv(view, body, stop, (_, from, to) => elements.push(elementAt(view, from, to)));
  });
  return elements;
}

function elementAt(view: DataView, from: number, to: number): WireElement {
  let key = new Uint8Array();
  let comment = '';
  eachTlv(view, from, to, (type, body, stop) => {
    // The value is the only attribute in its nest. The comment's text follows its type and length.
    if (type === 1) key = bytesOf(view, body + 4, stop).slice();
    else if (type === 6 && view.getUint8(body) === 0) comment = textAt(view, body + 2, stop);
  });
  return { key, comment };
}

export const getElement = (
  value: SetName & { readonly key: Uint8Array },
): Request<WireElement[]> => ({
  message: element,
  type: c.NFT_MSG_GETSETELEM,
  value: { ...value, elements: [{ key: value.key }] },
});

export const listElements = (value: SetName): Request<WireElement[]> => ({
  message: element,
  type: c.NFT_MSG_GETSETELEM,
  flags: NLM_F_DUMP,
  value,
});

/** The number of elements, and the keys of those with a certain comment. */
export interface Tally {
  readonly count: number;
  readonly keys: readonly Uint8Array[];
}

/**
 * Counts the elements in each message of the list. Decoding a thousand elements takes as long as
 * the rest of a DEL; scanning them does not.
 */
export function tallyElements(value: SetName & { readonly comment: string }): Request<Tally> {
  const text = new TextEncoder().encode(`${value.comment}\0`);
  const get = (view: DataView, at: number, end: number): Tally => {
    const tally = { count: 0, keys: [] as Uint8Array[] };
    eachTlv(view, at + NFGENMSG, end, (type, body, stop) => {
      if (type === 3) tallyAt(view, body, stop, text, tally);
    });
    return tally;
  };
  const message = { ...element, get } as unknown as Message<Tally, unknown>;
  return { ...listElements(value), message };
}

function tallyAt(
  view: DataView,
  at: number,
  stop: number,
  text: Uint8Array,
  tally: { count: number; keys: Uint8Array[] },
): void {
  while (stop - at >= 4) {
    const next = at + lengthAt(view, at, stop);
    tally.count++;
    for (let attribute = at + 4; next - attribute >= 4;) {
      const length = lengthAt(view, attribute, next);
      if (
        view.getUint16(attribute + 2, LITTLE_ENDIAN) === 6 &&
        holds(view, attribute, length, text)
      ) {
        tally.keys.push(elementAt(view, at + 4, next).key);
      }
      attribute += align4(length);
    }
    at = align4(next);
  }
}

function lengthAt(view: DataView, at: number, stop: number): number {
  const length = view.getUint16(at, LITTLE_ENDIAN);
  if (length < 4 || at + length > stop) throw new CodecError(`length ${length} at byte ${at}`);
  return length;
}

/** Whether user data is a comment with this text. */
function holds(view: DataView, at: number, length: number, text: Uint8Array): boolean {
  if (length !== text.length + 6 || view.getUint8(at + 4) !== 0) return false;
  for (let i = 0; i < text.length; i++) if (view.getUint8(at + 6 + i) !== text[i]) return false;
  return true;
}

type Elements = SetName & { readonly elements: readonly WireElement[] };

/** EEXIST when one exists already. */
export const addElements = (value: Elements): Request => ({
  message: element,
  type: c.NFT_MSG_NEWSETELEM,
  flags: NLM_F_CREATE | NLM_F_EXCL,
  value,
});

export const deleteElements = (value: Elements): Request => ({
  message: element,
  type: c.NFT_MSG_DELSETELEM,
  value,
});
