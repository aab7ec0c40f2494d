/**
 * `fixtures/captures.json`: what was captured for which fixture, and how; and the files of a
 * fixture.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { NLM_F_REQUEST } from '../src/netlink/constants.ts';
import * as netlink from '../src/netlink/constants.ts';
import * as conntrack from '../src/conntrack/constants.ts';
import * as diag from '../src/diag/constants.ts';
import { DECLARED_FAMILIES, familiesIn } from '../src/cli/genl-families.ts';
import * as genl from '../src/genl/constants.ts';
import { genericProtocol } from '../src/genl/generic.ts';
import * as nftables from '../src/nftables/messages/constants.ts';
import * as rtnl from '../src/rtnl/constants.ts';
import * as tc from '../src/tc/constants.ts';
import * as nflog from '../src/nflog/constants.ts';
import * as nfqueue from '../src/nfqueue/constants.ts';
import * as xfrm from '../src/xfrm/constants.ts';
import { program } from '../test/harness/program.ts';
import type { CaptureRun } from './capture-run.ts';
import { type CapturedMessage, HOST_IS_LITTLE } from './capture-trace.ts';

export interface Capture {
  /** `<layer>/<object>/<case>`, the path of the fixture. */
  readonly case: string;
  /** What the message says, in a few words. */
  readonly title: string;
  readonly kernel: 'host' | 'uml' | 'qemu';
  readonly setup: readonly string[];
  readonly command: string;
  /** It needs a newer iproute2 than Debian 12 has: `--iproute2 FOLDER` says where one is. */
  readonly newer?: true;
  /** It needs a kernel with what Debian leaves out: `--kernel FILE`, see fixtures/README.md. */
  readonly built?: true;
  /**
   * `sent RTM_NEWLINK`, or `received RTM_NEWLINK 2` for the second such message, `-1` for the last;
   * `RTM_NEWLINK@10` of address family 10 only.
   */
  readonly pick: string;
}

const FIXTURES = resolve(import.meta.dirname, '../fixtures');
const LIST = join(FIXTURES, 'captures.json');

export const readList = (): Capture[] => JSON.parse(readFileSync(LIST, 'utf8')) as Capture[];

/** Adds one capture to the list, which is sorted by case. */
export function addToList(capture: Capture): void {
  const others = readList().filter((each) => each.case !== capture.case);
  const all = [...others, capture].sort((a, b) => (a.case < b.case ? -1 : 1));
  writeFileSync(LIST, `${JSON.stringify(all, null, 2)}\n`);
}

const NAMES = {
  NETLINK_ROUTE: namesOf({ ...rtnl, ...tc }, /^RTM_/),
  NETLINK_NETFILTER: namesOf(
    { ...nftables, ...conntrack, ...nflog, ...nfqueue },
    /^(NFT_MSG|NFNL_MSG|IPCTNL_MSG|NFULNL_MSG|NFQNL_MSG)_/,
  ),
  NETLINK_SOCK_DIAG: namesOf({ ...diag }, /^SOCK_/),
  NETLINK_XFRM: namesOf({ ...xfrm }, /^XFRM_MSG_/),
  '': namesOf({ ...netlink }, /^NLMSG_(NOOP|ERROR|DONE|OVERRUN)$/),
};

function namesOf(module: Record<string, unknown>, wanted: RegExp): Map<number, string> {
  const constants = Object.entries(module).filter(([name]) => wanted.test(name));
  return new Map(constants.map(([name, value]) => [value as number, name]));
}

/** Commands of the controller, which stand in the first byte of the payload. */
const COMMANDS = namesOf({ ...genl }, /^CTRL_CMD_/);

/**
 * Names of the messages of a run: `RTM_NEWLINK`; a type without a name as `NETLINK_GENERIC:0x11`.
 * Families of generic netlink have the ids that the controller reports in the same run.
 */
export function typeNames(
  messages: readonly CapturedMessage[],
): (message: CapturedMessage) => string {
  const generic = messages.filter(({ family }) => family === 'NETLINK_GENERIC');
  const ids = new Map(generic.flatMap(({ hex }) => familiesIn(Buffer.from(hex, 'hex'))));
  const declared = [...ids].flatMap(([id, name]) => {
    const family = DECLARED_FAMILIES.find((each) => each.name === name);
    return family === undefined ? [] : [[family, id] as const];
  });
  const protocol = genericProtocol(declared);
  return (message) => {
    if (message.family !== 'NETLINK_GENERIC') return nameOfType(message);
    if (message.type === genl.GENL_ID_CTRL) {
      return COMMANDS.get(firstByte(message)) ?? nameOfType(message);
    }
    if (!declared.some(([, id]) => id === message.type)) return nameOfType(message);
    const flags = message.direction === 'sent' ? NLM_F_REQUEST : 0;
    return protocol.typeName(message.type, firstByte(message), flags);
  };
}

const nameOfType = ({ family, type }: CapturedMessage): string =>
  NAMES[''].get(type) ??
  (family in NAMES ? NAMES[family as keyof typeof NAMES].get(type) : undefined) ??
  `${family}:0x${type.toString(16)}`;

/** The message that `pick` selects. */
export function pickMessage(messages: readonly CapturedMessage[], pick: string): CapturedMessage {
  const [direction, kind = '', ordinal = '1'] = pick.split(' ');
  const [type, family] = kind.split('@');
  const typeName = typeNames(messages);
  const found = messages.filter(
    (message) =>
      message.direction === direction &&
      typeName(message) === type &&
      (family === undefined || firstByte(message) === Number(family)),
  );
  const place = Number(ordinal);
  const picked = found.at(place > 0 ? place - 1 : place);
  if (picked === undefined) throw new Error(`${pick}: there are ${found.length} such messages`);
  return picked;
}

/** The first byte of the payload: the address family in rtnetlink. */
const firstByte = ({ hex }: CapturedMessage): number => parseInt(hex.slice(32, 34), 16);

/** Writes the two files of a fixture; annotation and value come with `UPDATE_FIXTURES=1`. */
export function writeFixture(capture: Capture, run: CaptureRun, path = ''): void {
  const message = pickMessage(run.messages, capture.pick);
  const base = join(FIXTURES, capture.case);
  mkdirSync(dirname(base), { recursive: true });
  writeFileSync(`${base}.hex`, `# ${capture.title}\n${hexLines(message.hex)}\n`);
  const fixture = {
    title: capture.title,
    source: {
      program: programVersion(capture.command, path),
      kernel: `Linux ${run.kernel}`,
      endianness: HOST_IS_LITTLE ? 'little' : 'big',
      family: message.family,
      direction: message.direction,
    },
    setup: capture.setup,
    command: capture.command,
    message: null,
    value: null,
  };
  writeFileSync(`${base}.json`, `${JSON.stringify(fixture, null, 2)}\n`);
}

/** Sixteen bytes a line in groups of four. */
const hexLines = (hex: string): string =>
  hex
    .replace(/(..)/g, '$1 ')
    .replace(/(.{12})/g, '$1 ')
    .replace(/(.{52})/g, '$1\n')
    .replace(/ +$/gm, '')
    .trimEnd();

/**
 * The program that made the bytes, with the version that it prints; otherwise its Debian package.
 */
function programVersion(command: string, path: string): string {
  const name = command.split(/\s+/).find((word) => !word.includes('='))!;
  const file = program('sh', '-c', `PATH="${path}$PATH"; command -v '${name}'`).stdout.trim();
  const option = {
    ip: '-V',
    bridge: '-V',
    tc: '-V',
    ss: '-V',
    genl: '-V',
    nft: '--version',
    wg: '--version',
    ethtool: '--version',
    devlink: '-V',
  }[basename(name)];
  if (option !== undefined) {
    const said = program(file, option).stdout.trim();
    return said.replace(/ (\(|- https).*/, '');
  }
  const owner = program('dpkg', '-S', file).stdout.split(':')[0]!;
  const version = program('dpkg-query', '-W', '-f', '${Package} ${Version}', owner);
  return version.code === 0 ? version.stdout : file;
}
