/**
 * Every fixture, every property: what is proved of one captured message is proved of all.
 * `UPDATE_FIXTURES=1` rewrites annotations and values, never bytes.
 */
import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { LITTLE_ENDIAN, viewOf } from '../src/netlink/codec/bytes.ts';
import { compilation } from '../src/netlink/codec/compile.ts';
import { attributesOf, carries, setsOf } from '../src/netlink/codec/declared-sets.ts';
import { decode, encode, type Frame } from '../src/netlink/codec/frame.ts';
import { toJson } from '../src/netlink/codec/json.ts';
import { annotate, show } from '../src/netlink/codec/print.ts';
import { NLMSG_HDRLEN } from '../src/netlink/constants.ts';
import { EXCEPTIONS, MESSAGE_EXCEPTIONS } from './fixture-exceptions.ts';
import { countOf, coverageOf, GROUPS, keysOf, Shown } from './harness/coverage.ts';
import {
  decodeOne,
  hexText,
  loadFixtures,
  updateFixture,
  type Fixture,
} from './harness/fixture.ts';

const fixtures = loadFixtures();
if (process.env['UPDATE_FIXTURES'] !== undefined) {
  for (const each of fixtures) await updateFixture(each);
  fixtures.splice(0, Infinity, ...loadFixtures());
}

// Once by the plain readers; from here on by the compiled ones.
compilation.after = Infinity;
const plain = fixtures.map(({ protocol, bytes }) => attempt(() => decodeOne(protocol, bytes)));
compilation.after = 0;

function attempt<T>(run: () => T): T | unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

test('fixtures: there are some', (t) => t.true(fixtures.length > 0));

for (const [i, fixture] of fixtures.entries()) {
  const { name, protocol, bytes, value, hex } = fixture;
  test(`${name}: the bytes are the value, and the value the bytes`, (t) => {
    const frame = decodeOne(protocol, bytes);
    t.deepEqual(toJson(frame), value);
    t.is(String(frame.type), fixture.message);
    t.deepEqual(encode(protocol, frame), bytes, 'what was decoded');
    t.deepEqual(encode(protocol, value as unknown as Frame), bytes, 'what the file holds');
  });

  test(`${name}: the comments say what the bytes are`, (t) => {
    t.is(hexText(fixture), hex);
    t.notThrows(() => show(protocol, bytes));
  });

  test(`${name}: compiled and plain readers agree`, (t) => {
    t.deepEqual(decodeOne(protocol, bytes), plain[i] as Frame);
  });

  test(`${name}: a shorter message decodes or throws CodecError`, (t) => {
    for (let length = 0; length < bytes.length; length++) {
      refusesOrReads(fixture, bytes.slice(0, length));
      if (length < NLMSG_HDRLEN) continue;
      const whole = bytes.slice(0, length);
      viewOf(whole).setUint32(0, length, LITTLE_ENDIAN);
      refusesOrReads(fixture, whole);
    }
    t.pass();
  });

  test(`${name}: flipped bits decode or throw CodecError`, async (t) => {
    // Lets AVA hear of the tests that are done: it takes silence for a test that hangs.
    await setImmediate();
    const random = generator(i + 1);
    for (let round = 0; round < 100; round++) {
      const broken = bytes.slice();
      const flips = 1 + (random() % 3);
      for (let k = 0; k < flips; k++) {
        const at = NLMSG_HDRLEN + (random() % Math.max(1, broken.length - NLMSG_HDRLEN));
        if (at < broken.length) broken[at]! ^= 1 << (random() % 8);
      }
      refusesOrReads(fixture, broken);
    }
    t.pass();
  });
}

/**
 * Reads bytes in every way there is; anything but a CodecError is thrown on. What is read must be
 * printable and encodable.
 */
function refusesOrReads({ protocol }: Fixture, bytes: Uint8Array): void {
  let decoded: Frame[];
  try {
    decoded = decode(protocol, bytes);
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ERR_NETLINK_CODEC') throw error;
    return;
  }
  toJson(decoded);
  annotate(protocol, bytes);
  show(protocol, bytes);
  for (const frame of decoded) {
    try {
      encode(protocol, frame);
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ERR_NETLINK_CODEC') throw error;
    }
  }
}

/** Small numbers that repeat from run to run (xorshift). */
function generator(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>>= 0);
  };
}

const protocols = [...new Set(fixtures.map(({ protocol }) => protocol))];

test('coverage: every message has a fixture', (t) => {
  for (const protocol of protocols) {
    for (const message of protocol.messages) {
      const found = fixtures.some(
        (each) =>
          each.protocol.messages.includes(message) &&
          carries(message, each.message, each.bytes[NLMSG_HDRLEN]),
      );
      t.is(!found, message.name in MESSAGE_EXCEPTIONS, message.name);
    }
  }
});

const shown = new Shown(fixtures);
const covered = Object.values(GROUPS).flatMap((sets) => coverageOf(sets(), shown));

test('coverage: every attribute is in a fixture, or there is a reason', (t) => {
  const unexplained = covered.flatMap(({ path, unexplained }) =>
    unexplained.map(({ name }) => `${path}/${name}`),
  );
  t.deepEqual(unexplained, [], 'neither fixture nor reason');
  const needed = new Set(
    covered.flatMap((set) => set.excepted.flatMap((each) => keysOf(set, each))),
  );
  const needless = Object.keys(EXCEPTIONS).filter((key) => !needed.has(key));
  t.deepEqual(needless, [], 'a reason, but also a fixture');
});

test('coverage: what is declared with a type does not become less', (t) => {
  const typed = (group: 'rtnetlink' | 'nftables'): number =>
    countOf(coverageOf(GROUPS[group]!(), shown), 'typed');
  t.true(typed('rtnetlink') >= 745, `rtnetlink: ${typed('rtnetlink')}`);
  t.true(typed('nftables') >= 225, `nftables: ${typed('nftables')}`);
});

test('names: every key is the kernel name without the prefix of its set, in camel case', (t) => {
  for (const { path, set } of protocols.flatMap(setsOf)) {
    for (const { key, name } of attributesOf(set)) {
      const words = name.toLowerCase().split('_');
      const tails = words.map((_, from) => camel(words.slice(from)));
      t.true(tails.includes(key), `${path}: ${name} is not ${key}`);
    }
  }
});

const camel = ([first = '', ...rest]: readonly string[]): string =>
  first + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
