/** Uevents as bytes: what udevadm says of them, and datagrams that are none. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { CodecError } from '../../src/errors.ts';
import { fromHex } from '../../src/netlink/codec/bytes.ts';
import { textBytes } from '../../src/netlink/codec/text.ts';
import { decodeUevent } from '../../src/uevent/index.ts';

interface Captured {
  readonly events: readonly { readonly bytes: string; readonly said: readonly string[] }[];
}

const FILE = resolve(import.meta.dirname, '../../fixtures/uevent/bridge.json');
const { events } = JSON.parse(readFileSync(FILE, 'utf8')) as Captured;

for (const { bytes, said } of events) {
  test(`uevent: as udevadm says it: ${said[0]} ${said.at(-1)}`, (t) => {
    const { action, devpath, subsystem, seqnum, env } = decodeUevent(fromHex(bytes));
    const lines = Object.entries(env).map((pair) => pair.join('='));
    t.deepEqual([`${action} ${devpath} (${subsystem})`, ...lines], said as string[]);
    t.is(`SEQNUM=${seqnum}`, said.at(-1)!);
  });
}

const uevent = (...lines: readonly string[]): Uint8Array =>
  textBytes(lines.map((line) => `${line}\0`).join(''));

const GOOD = ['add@/devices/x', 'ACTION=add', 'DEVPATH=/devices/x', 'SUBSYSTEM=net', 'SEQNUM=7'];
const [, ACTION, DEVPATH, SUBSYSTEM, SEQNUM] = GOOD as [string, string, string, string, string];

test('uevent: keys, values and paths may have what they like', (t) => {
  const path = '/devices/a@b/\n\udcff';
  const { devpath, seqnum, env } = decodeUevent(
    uevent(
      ...[`add@${path}`, ACTION, `DEVPATH=${path}`, SUBSYSTEM, 'A=b=c', 'EMPTY=', '__proto__=x'],
      'SEQNUM=18446744073709551615',
    ),
  );
  t.is(devpath, path);
  t.is(seqnum, 18446744073709551615n);
  t.is(env['A'], 'b=c');
  t.is(env['EMPTY'], '');
  t.is(Object.getOwnPropertyDescriptor(env, '__proto__')?.value, 'x');
});

test('uevent: the last of two values holds, which is the number that the kernel adds', (t) => {
  t.is(decodeUevent(uevent(...GOOD, 'SEQNUM=8')).seqnum, 8n);
});

test('uevent: an action that is not known is its text', (t) => {
  const later = uevent('split@/x', 'ACTION=split', 'DEVPATH=/x', SUBSYSTEM, SEQNUM);
  t.is(decodeUevent(later).action, 'split');
});

const MALFORMED: Readonly<Record<string, Uint8Array>> = {
  'uevent: does not end with a NUL': new Uint8Array(),
  'uevent: "" is not ACTION@DEVPATH': uevent(''),
  'uevent: "libudev" is not ACTION@DEVPATH': textBytes('libudev\0\xfe\xed\xca\xfe\0'),
  'uevent: "@/devices/x" is not ACTION@DEVPATH': uevent('@/devices/x'),
  'uevent: "add@devices/x" is not ACTION@DEVPATH': uevent('add@devices/x'),
  'uevent: "NAME" is not KEY=VALUE': uevent(...GOOD, 'NAME'),
  'uevent: "=x" is not KEY=VALUE': uevent(...GOOD, '=x'),
  'uevent: "" is not KEY=VALUE': uevent(...GOOD, ''),
  'uevent/ACTION: is missing': uevent(...GOOD.filter((line) => line !== ACTION)),
  'uevent/ACTION: is "remove" after "add@/devices/x"': uevent(...GOOD, 'ACTION=remove'),
  'uevent/DEVPATH: is missing': uevent(...GOOD.filter((line) => line !== DEVPATH)),
  'uevent/DEVPATH: is "/y" after "add@/devices/x"': uevent(...GOOD, 'DEVPATH=/y'),
  'uevent/SUBSYSTEM: is missing': uevent(...GOOD.filter((line) => line !== SUBSYSTEM)),
  'uevent/SEQNUM: is missing': uevent(...GOOD.filter((line) => line !== SEQNUM)),
  'uevent/SEQNUM: "-1" is not a number': uevent(...GOOD, 'SEQNUM=-1'),
  'uevent/SEQNUM: "" is not a number': uevent(...GOOD, 'SEQNUM='),
  'uevent/SEQNUM: "18446744073709551616" is not a number': uevent(
    ...GOOD,
    'SEQNUM=18446744073709551616',
  ),
};

for (const [message, bytes] of Object.entries(MALFORMED)) {
  test(`uevent: refused: ${message}`, (t) => {
    t.throws(() => decodeUevent(bytes), { instanceOf: CodecError, message });
  });
}

test('uevent: refused: one that is cut', (t) => {
  const whole = uevent(...GOOD);
  for (let end = 0; end < whole.length; end++) {
    t.throws(() => decodeUevent(whole.subarray(0, end)), { instanceOf: CodecError });
  }
});

test('uevent: changed bytes are a uevent or a CodecError', (t) => {
  const captured = events.map(({ bytes }) => fromHex(bytes));
  const change = fc.tuple(fc.nat(), fc.constantFrom(0, 0x3d, 0x40, 0xff, 0x2f, 0x39));
  fc.assert(
    fc.property(
      fc.constantFrom(...captured),
      fc.array(change, { maxLength: 4 }),
      fc.nat(),
      (bytes, changes, cut) => {
        const mutated = bytes.slice(0, cut % 3 === 0 ? cut % bytes.length : bytes.length);
        for (const [at, byte] of changes) mutated[at % bytes.length] = byte;
        try {
          decodeUevent(mutated);
        } catch (error) {
          if (!(error instanceof CodecError)) throw error;
        }
      },
    ),
    { numRuns: 5000 },
  );
  t.pass();
});
