/**
 * Fixtures: `fixtures/<layer>/<object>/<case>.hex` for people, and `.json` next to it with the
 * value. The bytes come from other programs or the kernel; only `scripts/capture.ts` writes new
 * ones. `fixtures/README.md` shows how.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { format } from 'prettier';
import { fromHex, LITTLE_ENDIAN, viewOf } from '../../src/netlink/codec/bytes.ts';
import { decode } from '../../src/netlink/codec/frame.ts';
import { toJson, type Json } from '../../src/netlink/codec/json.ts';
import type { Protocol } from '../../src/netlink/codec/protocol.ts';
import { annotate, withoutComments } from '../../src/netlink/codec/print.ts';
import { ctnetlink } from '../../src/conntrack/ctnetlink.ts';
import { sockDiag } from '../../src/diag/sock-diag.ts';
import { DECLARED_FAMILIES } from '../../src/cli/genl-families.ts';
import type { GenlFamily } from '../../src/genl/declare.ts';
import { generic, genericProtocol } from '../../src/genl/generic.ts';
import { nftables } from '../../src/nftables/nf-tables.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import { trafficControl } from '../../src/tc/traffic-control.ts';
import { packetLog } from '../../src/nflog/packet-log.ts';
import { packetQueue } from '../../src/nfqueue/packet-queue.ts';
import { ipsec } from '../../src/xfrm/ipsec.ts';

export const FIXTURES = resolve(import.meta.dirname, '../../fixtures');

/** The content of the `.json` file. `scripts/capture.ts` leaves `message` and `value` null. */
export interface FixtureText {
  /** What the message says, in a few words. */
  readonly title: string;
  readonly source: {
    /** The program, as it names itself: `ip utility, iproute2-6.1.0`. */
    readonly program: string;
    /** `Linux 6.18.44` */
    readonly kernel: string;
    readonly endianness: 'little' | 'big';
    readonly family: string;
    /** `sent` to the kernel, or `received` from it. */
    readonly direction: 'sent' | 'received';
  };
  readonly setup: readonly string[];
  /** The command that was traced. */
  readonly command: string;
  /** Kernel name of the message type. */
  readonly message: string | null;
  /** The decoded message, in JSON form. */
  readonly value: Json;
}

export interface Fixture extends FixtureText {
  readonly message: string;
  /** `rtnl/addr/eth0` */
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The complete `.hex` file. */
  readonly hex: string;
  readonly protocol: Protocol;
}

const PROTOCOLS: Readonly<Record<string, Protocol>> = {
  NETLINK_ROUTE: rtnetlink,
  NETLINK_NETFILTER: nftables,
  NETLINK_GENERIC: generic,
  NETLINK_SOCK_DIAG: sockDiag,
  NETLINK_XFRM: ipsec,
};

const SHARING: Readonly<Record<string, Protocol>> = {
  conntrack: ctnetlink,
  tc: trafficControl,
  nflog: packetLog,
  nfqueue: packetQueue,
};

const assigned = new Map<string, Protocol>();

function protocolUnder(family: GenlFamily, id: number): Protocol {
  const key = `${family.name} ${id}`;
  const made = assigned.get(key) ?? genericProtocol([[family, id]]);
  assigned.set(key, made);
  return made;
}

function protocolOf(
  name: string,
  bytes: Uint8Array,
  { source: { family } }: FixtureText,
): Protocol {
  // The id of a family is the type of its messages.
  const declared = DECLARED_FAMILIES.find((each) => name.startsWith(`${each.name}/`));
  if (declared !== undefined) {
    return protocolUnder(declared, viewOf(bytes).getUint16(4, LITTLE_ENDIAN));
  }
  // Some families share a protocol with another one.
  const protocol = SHARING[name.split('/')[0]!] ?? PROTOCOLS[family];
  if (protocol === undefined) throw new Error(`no protocol is declared for ${family}`);
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
  return {
    ...text,
    message: text.message ?? '',
    name,
    bytes,
    hex,
    protocol: protocolOf(name, bytes, text),
  };
}

/** The `.hex` text that a fixture should have. */
export function hexText({ protocol, bytes, title, source, setup, command }: Fixture): string {
  const { type } = decodeOne(protocol, bytes);
  const by = source.direction === 'sent' ? source.program : source.kernel;
  const head = [`${type}: ${title}`, `${by}, ${source.endianness}-endian`, ...setup, command];
  const lines = head.flatMap((text) => text.split('\n'));
  return `${lines.map((line) => `# ${line}\n`).join('')}${annotate(protocol, bytes)}`;
}

/** The one message of a fixture. */
export function decodeOne(protocol: Protocol, bytes: Uint8Array): ReturnType<typeof decode>[0] {
  const frames = decode(protocol, bytes);
  if (frames.length !== 1) throw new Error(`${frames.length} messages, a fixture holds one`);
  return frames[0]!;
}

/** Rewrites comments and value; the bytes stay. */
export async function updateFixture(fixture: Fixture): Promise<void> {
  const { name, protocol, bytes, title, source, setup, command } = fixture;
  const frame = decodeOne(protocol, bytes);
  const value = toJson(frame);
  const text: FixtureText = { title, source, setup, command, message: String(frame.type), value };
  const json = await format(JSON.stringify(text, null, 2), { parser: 'json', printWidth: 100 });
  writeFileSync(resolve(FIXTURES, `${name}.json`), json);
  writeFileSync(resolve(FIXTURES, `${name}.hex`), hexText(fixture));
}
