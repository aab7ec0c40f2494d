/**
 * Text of the kernel: whatever its bytes are, the text gives them back, and printing it shows all
 * of it.
 */
import test from 'ava';
import * as fc from 'fast-check';
import { bytesOf, viewOf, Writer } from '../../src/netlink/codec/bytes.ts';
import { cstr, type Remark } from '../../src/netlink/codec/codec.ts';
import { CodecError, netlinkError } from '../../src/errors.ts';
import { isPrintable, jsonText } from '../../src/printable.ts';
import { bytesText, textBytes } from '../../src/netlink/codec/text.ts';

const put = (text: string): Uint8Array => {
  const writer = new Writer();
  cstr.put(writer, text);
  return writer.finish();
};

test('text: bytes that are not UTF-8 come back from their text', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      t.deepEqual(textBytes(bytesText(bytes)), bytes);
    }),
  );
  t.is(bytesText(Uint8Array.of(0x62, 0x72, 0xff)), 'br\udcff');
  t.is(bytesText(Uint8Array.of(0xed, 0xa0, 0x80)), '\udced\udca0\udc80');
  t.is(bytesText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), '\ufeffa');
  t.throws(() => textBytes('\ud800'), { instanceOf: CodecError });
});

test('text: a name that is not UTF-8 is read without a note, and written as it was', (t) => {
  const bytes = Uint8Array.of(0x62, 0xff, 0xc3, 0x28, 0);
  const remark: Remark = {};
  const name = cstr.get(viewOf(bytes), 0, bytes.length, remark);
  t.deepEqual(remark, {});
  t.deepEqual(put(name), bytes);
  t.deepEqual(bytesOf(viewOf(put('ä')), 0, 3), Uint8Array.of(0xc3, 0xa4, 0));
});

const HOSTILE = [
  '\x1b[2J',
  'a\nb',
  '\x7f',
  '\u009b31m',
  '\u202e',
  '\u2066',
  '\u200f',
  '\u2028',
  '\udcff',
];

test('text: what is printed of a value or in an error holds no hidden character', (t) => {
  for (const text of HOSTILE) {
    for (const shown of [
      cstr.show(text),
      jsonText({ [text]: text }),
      new CodecError(`"${text}" is wrong`).within('IFLA_IFNAME').message,
      netlinkError(17, 'RTM_NEWLINK', { subject: text, ack: { text } }).message,
    ]) {
      t.true(isPrintable(shown), JSON.stringify(shown));
    }
    t.is(JSON.parse(cstr.show(text)), text);
  }
});

test('error: the advice for EPERM names the privilege of the call', (t) => {
  const text = (operation: string): string => netlinkError(1, operation).message;
  t.regex(text('RTM_NEWLINK'), /needs CAP_NET_ADMIN in the network namespace/);
  t.regex(text('NFT_MSG_NEWRULE'), /needs CAP_NET_ADMIN/);
  for (const call of ['mount', 'setns', 'unshare']) {
    t.regex(text(call), /needs CAP_SYS_ADMIN/);
    t.notRegex(text(call), /NET_ADMIN/);
  }
  t.notRegex(text('flock'), /CAP_/);
});
