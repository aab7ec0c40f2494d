/**
 * Fixtures: `fixtures/<layer>/<object>/<case>.hex` for eyes, `.json` beside it with the value. The bytes are other programs' or the
 * kernel's; only `scripts/capture.ts` writes new ones. `fixtures/README.md` shows how.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { format } from 'prettier';
import { fromHex } from '../../src/netlink/bytes.ts';
import { decode } from '../../src/netlink/frame.ts';
import { toJson, type Json } from '../../src/netlink/json.ts';
import type { Protocol } from '../../src/netlink/message.ts';
import { annotate, withoutComments } from '../../src/netlink/print.ts';
import { rtnetlink } from '../../src/rtnl/protocol.ts';

export const FIXTURES = resolve(import.meta.dirname, '../../fixtures');

/** What stands in the `.json` file. */
export interface FixtureText {
  /** What the bytes are, in half a sentence: `the first address of a dump, eth0 with 192.0.2.2/24`. */
  readonly title: string;
  /** Who made the bytes: `Linux 6.18.44`, `iproute2 6.1.0`. */
  readonly source: string;
  /** Commands that make what is looked at, in a fresh namespace; where they are needed. */
  readonly setup?: readonly string[];
  /** The command that was traced. */
  readonly command: string;
  /** Kernel name of the message type. */
  readonly message: string;
  /** The decoded message, in JSON form. */
  readonly value: Json;
}

export interface Fixture extends FixtureText {
  /** `rtnl/addr/eth0` */
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The whole `.hex` file. */
  readonly hex: string;
  readonly protocol: Protocol;
}

const PROTOCOLS: Readonly<Record<string, Protocol>> = { rtnl: rtnetlink, netlink: rtnetlink };

/** The protocol of a fixture by the first folder of its name. */
export function protocolOf(name: string): Protocol {
  const layer = name.split('/', 1)[0]!;
  const protocol = PROTOCOLS[layer];
  if (protocol === undefined) throw new Error(`fixtures/${name}: no protocol for ${layer}`);
  return protocol;
}

/** All fixtures whose name starts with `prefix`, sorted by name. */
export function loadFixtures(prefix = ''): Fixture[] {
  return globSync('**/*.hex', { cwd: FIXTURES })
    .map((file) => file.slice(0, -'.hex'.length))
    .filter((name) => name.startsWith(prefix))
    .sort()
    .map(loadFixture);
}

export function loadFixture(name: string): Fixture {
  const hex = readFileSync(resolve(FIXTURES, `${name}.hex`), 'utf8');
  const text = JSON.parse(readFileSync(resolve(FIXTURES, `${name}.json`), 'utf8')) as FixtureText;
  const bytes = fromHex(withoutComments(hex));
  return { ...text, name, bytes, hex, protocol: protocolOf(name) };
}

/** The `.hex` text that the bytes of a fixture should have. */
export function hexText(
  protocol: Protocol,
  bytes: Uint8Array,
  text: Omit<FixtureText, 'value'>,
): string {
  const head = [
    `${text.message}: ${text.title}`,
    `${text.source}, little-endian`,
    ...(text.setup ?? []),
    text.command,
  ];
  return head.map((line) => `# ${line}\n`).join('') + annotate(protocol, bytes);
}

/** The one message of a fixture. */
export function decodeOne(protocol: Protocol, bytes: Uint8Array): ReturnType<typeof decode>[0] {
  const frames = decode(protocol, bytes);
  if (frames.length !== 1) throw new Error(`${frames.length} messages, a fixture holds one`);
  return frames[0]!;
}

/** Writes both files of a fixture from its bytes. */
export async function writeFixture(
  name: string,
  bytes: Uint8Array,
  text: Omit<FixtureText, 'value' | 'message'>,
): Promise<void> {
  const protocol = protocolOf(name);
  const frame = decodeOne(protocol, bytes);
  const { title, source, setup, command } = text;
  const full: FixtureText = {
    title,
    source,
    ...(setup === undefined || setup.length === 0 ? {} : { setup }),
    command,
    message: String(frame.type),
    value: toJson(frame),
  };
  const json = await format(JSON.stringify(full, null, 2), { parser: 'json', printWidth: 100 });
  writeFileSync(resolve(FIXTURES, `${name}.json`), json);
  writeFileSync(resolve(FIXTURES, `${name}.hex`), hexText(protocol, bytes, full));
}
