/**
 * All fixtures, broken on purpose with knowledge of their structure: whatever comes out decodes or
 * is refused with a CodecError, at once, and what was decoded can be printed and encoded.
 *
 * `FUZZ_SECONDS=600` goes on that long with other inputs each time; a failure prints the bytes.
 */
import test from 'ava';
import { LITTLE_ENDIAN, toHex, viewOf } from '../../src/netlink/codec/bytes.ts';
import { NLMSG_HDRLEN } from '../../src/netlink/constants.ts';
import { decode, encode, frames, payloadCodec } from '../../src/netlink/codec/frame.ts';
import { familyAt } from '../../src/netlink/codec/datagram.ts';
import type { Part } from '../../src/netlink/codec/codec.ts';
import { annotate, show } from '../../src/netlink/codec/print.ts';
import { lowest, processorTime } from '../harness/eventually.ts';
import { loadFixtures, type Fixture } from '../harness/fixture.ts';

const SECONDS = Number(process.env['FUZZ_SECONDS'] ?? 0);
/** Inputs without a time limit, some sixty for each fixture; `npm run fuzz` takes millions. */
const INPUTS = 50_000;
/** Printing is slow and simple; a part of the inputs will do. */
const PRINTED = 50;
/** No input of a few kilobytes may take more processor time, in milliseconds. */
const LONGEST = 500;

type Numbers = () => number;

/** xorshift: small, and the same from run to run. */
function generator(seed: number): Numbers {
  let state = (seed * 2654435761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}

interface Subject extends Fixture {
  /** The attributes, outermost first, with what stands around each. */
  readonly parts: readonly Part[];
}

function partsOf(fixture: Fixture): Part[] {
  const view = viewOf(fixture.bytes);
  const parts: Part[] = [];
  for (const { header, at, end } of frames(view)) {
    const start = at + NLMSG_HDRLEN;
    const codec = payloadCodec(fixture.protocol, header, familyAt(view, start, end));
    codec.walk?.(view, start, end, (part) => parts.push(part), 0);
  }
  return parts;
}

const INTERESTING = [0, 1, 2, 3, 4, 5, 7, 8, 16, 127, 128, 255];

/**
 * One change. Those that move bytes also mend the lengths around, most of the time, so that they
 * get past the first look.
 */
function mutate(bytes: Uint8Array, parts: readonly Part[], random: Numbers): Uint8Array {
  const part = parts[random() % Math.max(1, parts.length)];
  const body = NLMSG_HDRLEN + (random() % Math.max(1, bytes.length - NLMSG_HDRLEN));
  switch (random() % 10) {
    case 0:
      return changed(bytes, body, (bytes[body] ?? 0) ^ (1 << (random() % 8)));
    case 1:
      return changed(bytes, body, INTERESTING[random() % INTERESTING.length]!);
    case 2:
      return resized(bytes, parts, random() % (bytes.length + 1), bytes.length, []);
    case 3:
      return changed(bytes, NLMSG_HDRLEN, random() % 256);
    case 4:
      return changed(bytes, 4 + (random() % 4), random() % 256);
  }
  if (part === undefined) return changed(bytes, body, random() % 256);
  const stop = Math.min((part.end + 3) & ~3, bytes.length);
  switch (random() % 6) {
    case 0:
      // Another length than it has.
      return changed(bytes, part.at, (bytes[part.at]! + (random() % 9) - 4) & 255);
    case 1:
      // Another attribute than it is.
      return changed(bytes, part.at + 2, random() % 64);
    case 2:
      return resized(bytes, parts, part.at, stop, []);
    case 3:
      // Twice.
      return resized(bytes, parts, part.at, part.at, bytes.subarray(part.at, stop));
    case 4: {
      // What is inside another attribute, here.
      const other = parts[random() % parts.length]!;
      return resized(bytes, parts, part.body, stop, bytes.subarray(other.at, other.end));
    }
    default:
      // A longer or shorter payload.
      return resized(
        bytes,
        parts,
        part.body,
        stop,
        Array.from({ length: random() % 24 }, () => random() % 256),
      );
  }
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const result = bytes.slice();
  if (at < result.length) result[at] = value;
  return result;
}

/**
 * `[start, stop)` replaced, with the lengths of the message and of the attributes around adjusted.
 * After an earlier change the parts are no longer where they were: all the better.
 */
function resized(
  bytes: Uint8Array,
  parts: readonly Part[],
  start: number,
  stop: number,
  by: ArrayLike<number>,
): Uint8Array {
  const from = Math.min(start, bytes.length);
  const to = Math.max(from, Math.min(stop, bytes.length));
  const result = new Uint8Array(from + by.length + bytes.length - to);
  result.set(bytes.subarray(0, from));
  result.set(by, from);
  result.set(bytes.subarray(to), from + by.length);
  const view = viewOf(result);
  const grown = result.length - bytes.length;
  for (const { at, body, end } of parts) {
    if (at + 2 > result.length || at >= from || end < to || body > from) continue;
    view.setUint16(at, (end - at + grown) & 0xffff, LITTLE_ENDIAN);
  }
  if (result.length >= 4) view.setUint32(0, result.length, LITTLE_ENDIAN);
  return result;
}

function isRefusal(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_NETLINK_CODEC';
}

/** Reads bytes, and writes and prints what was read; anything but a CodecError is thrown on. */
function run({ protocol }: Fixture, bytes: Uint8Array, printed: boolean): boolean {
  try {
    const decoded = decode(protocol, bytes);
    if (printed) {
      annotate(protocol, bytes);
      show(protocol, bytes);
    }
    for (const frame of decoded) encode(protocol, frame);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

const fixtures = loadFixtures();
const subjects: Subject[] = fixtures.map((fixture) => ({ ...fixture, parts: partsOf(fixture) }));

test('mutation: broken fixtures decode or are refused, none takes long', async (t) => {
  t.timeout(Math.max(300, 2 * SECONDS) * 1000);
  const seed = SECONDS === 0 ? 1 : Date.now() % 1_000_000;
  const random = generator(seed);
  const started = performance.now();
  const goesOn = (count: number): boolean =>
    SECONDS === 0 ? count < INPUTS : performance.now() - started < SECONDS * 1000;
  let read = 0;
  let count = 0;
  let slowest = 0;
  for (; goesOn(count); count++) {
    const subject = subjects[random() % subjects.length]!;
    let bytes: Uint8Array = subject.bytes;
    for (let n = 1 + (random() % 3); n > 0; n--) bytes = mutate(bytes, subject.parts, random);
    const printed = count % PRINTED === 0;
    let readable = false;
    const again = (): Promise<number> =>
      processorTime(() => {
        readable = run(subject, bytes, printed);
      });
    try {
      slowest = Math.max(slowest, await lowest(again, LONGEST));
    } catch (error) {
      t.fail(`${subject.name}, seed ${seed}: ${toHex(bytes)}\n${(error as Error).stack}`);
      return;
    }
    if (readable) read++;
  }
  t.log(
    `${count} inputs, ${read} of them readable, seed ${seed}, slowest ${slowest.toFixed(1)} ms`,
  );
  t.true(slowest <= LONGEST, `${slowest} ms for one input`);
  // Mutations that nothing gets past would prove little.
  t.true(read > count / 10, `${read} of ${count} were readable`);
});
