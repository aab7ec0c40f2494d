/**
 * Every declared set: what was decoded encodes, and stays the same for ever; any bytes decode or
 * are refused.
 */
import test from 'ava';
import fc from 'fast-check';
import { Writer } from '../../src/netlink/codec/bytes.ts';
import type { Codec } from '../../src/netlink/codec/codec.ts';
import { toJson } from '../../src/netlink/codec/json.ts';
import { Random, setBytes, SETS } from './declared.ts';

const RUNS = Number(process.env['FUZZ_RUNS'] ?? 60);
const ENTROPY = fc.uint8Array({ minLength: 0, maxLength: 300, size: 'max' });

function encoded(codec: Codec<any, any>, value: unknown): Uint8Array {
  const writer = new Writer();
  codec.put(writer, value);
  return writer.finish();
}

/** The value, or undefined when the bytes are refused with a CodecError. */
function decoded(codec: Codec<any, any>, bytes: Uint8Array): unknown {
  try {
    return codec.get(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
  } catch (error) {
    if ((error as Error).name !== 'CodecError') throw error;
    return undefined;
  }
}

for (const { path, set } of SETS) {
  test(`sets: ${path}: encode, decode, encode gives the same bytes`, (t) => {
    fc.assert(
      fc.property(ENTROPY, (entropy) => {
        const value = decoded(set, Uint8Array.from(setBytes({ set }, new Random(entropy))));
        if (value === undefined) return;
        const bytes = encoded(set, value);
        const again = decoded(set, bytes);
        t.deepEqual(again, value);
        t.deepEqual(encoded(set, again), bytes);
        t.deepEqual(encoded(set, toJson(value)), bytes, 'from JSON');
        set.show(value);
      }),
      { numRuns: RUNS, seed: 1 },
    );
  });

  test(`sets: ${path}: any bytes decode or are refused`, (t) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        const value = decoded(set, bytes.slice());
        if (value !== undefined) set.show(value);
      }),
      { numRuns: RUNS, seed: 1 },
    );
    t.pass();
  });
}
