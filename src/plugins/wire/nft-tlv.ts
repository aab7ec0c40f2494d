/**
 * What the messages of nf_tables have in common: `struct nfgenmsg` and numbers in network order.
 * include/uapi/linux/netfilter/nfnetlink.h.
 */
import type { Writer } from '../../netlink/codec/bytes.ts';
import { eachTlv, putBytes, putStruct } from './tlv.ts';

/** The size of the header struct. */
export const NFGENMSG = 4;

/** NFPROTO_* */
export const FAMILIES = { inet: 1, ip: 2, bridge: 7, ip6: 10 } as const;

export interface TableName {
  readonly family: keyof typeof FAMILIES;
  readonly table: string;
}

export function putHead(w: Writer, family: number): number {
  const at = putStruct(w, NFGENMSG);
  w.bytes[at] = family;
  return at;
}

/** User data as nft writes it: the type of a comment, its length, its text. */
export function putComment(w: Writer, comment: string): void {
  const text = new TextEncoder().encode(comment);
  const bytes = new Uint8Array(text.length + 3);
  bytes[1] = text.length + 1;
  bytes.set(text, 2);
  putBytes(w, 6, bytes);
}

/** The number in an attribute; undefined where there is no such attribute. */
export function numberIn(
  view: DataView,
  at: number,
  end: number,
  wanted: number,
): number | undefined {
  let value: number | undefined;
  eachTlv(view, at + NFGENMSG, end, (type, body) => {
    if (type === wanted) value = view.getUint32(body);
  });
  return value;
}
