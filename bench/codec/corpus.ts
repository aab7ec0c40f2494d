/** The messages that every contender reads and writes, and how they are timed. */
import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fromHex } from '../../src/netlink/codec/bytes.ts';
import { withoutComments } from '../../src/netlink/codec/print.ts';

export const CORPUS = resolve(import.meta.dirname, '../../fixtures/corpus/dumps.gz');

/** `RTM_NEW*` by the names of the columns. */
export const TYPES = { link: 16, address: 20, route: 24 } as const;
export type Column = keyof typeof TYPES;
export const COLUMNS = Object.keys(TYPES) as Column[];

/** The complete corpus, or its messages of one type, one after the other as in a dump. */
export function corpus(column?: Column): Uint8Array<ArrayBuffer> {
  const all = gunzipSync(readFileSync(CORPUS));
  const view = new DataView(all.buffer, all.byteOffset, all.length);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < all.length;) {
    const length = (view.getUint32(at, true) + 3) & ~3;
    if (column === undefined || view.getUint16(at + 4, true) === TYPES[column]) {
      parts.push(all.subarray(at, at + length));
    }
    at += length;
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** The filters of kind flower among the fixtures that the kernel sent, one after the other. */
export function flowers(): Uint8Array<ArrayBuffer> {
  const folder = resolve(import.meta.dirname, '../../fixtures/tc/filter');
  const files = globSync('flower*.hex', { cwd: folder }).sort();
  const texts = files.map((file) => withoutComments(readFileSync(resolve(folder, file), 'utf8')));
  return new Uint8Array(Buffer.concat(texts.map((text) => fromHex(text))));
}

export const count = (messages: Uint8Array): number => {
  const view = new DataView(messages.buffer, messages.byteOffset, messages.length);
  let n = 0;
  for (let at = 0; at < messages.length; n++) at += (view.getUint32(at, true) + 3) & ~3;
  return n;
};

/**
 * Nanoseconds per message: the best of many short passes, so that other work on the machine counts
 * little.
 */
export function best(messages: number, pass: () => void): number {
  const until = performance.now() + 1500;
  let least = Infinity;
  for (let n = 0; n < 20 || performance.now() < until; n++) {
    const start = performance.now();
    pass();
    least = Math.min(least, performance.now() - start);
  }
  return (least * 1e6) / messages;
}

/** What a contender prints, as JSON: nanoseconds by `decode link`, `encode route` and so on. */
export type Figures = Record<string, number>;
