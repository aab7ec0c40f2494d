/** SHA-512 of our own, beside OpenSSL's. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import test from 'ava';
import { sha512 } from '../../src/plugins/attach/hash.ts';

const theirs = (text: string): string => createHash('sha512').update(text).digest('hex');

test('hash: every length around the end of a block', (t) => {
  for (let length = 0; length < 400; length++) {
    const text = 'a'.repeat(length);
    t.is(sha512(text), theirs(text), String(length));
  }
});

test('hash: any text', (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 700 }), (text) => {
      t.is(sha512(text), theirs(text));
    }),
  );
});
