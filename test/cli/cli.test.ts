/** The command-line tool without a kernel: words, help, tables, and what it makes of bytes. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { main } from '../../src/cli/main.ts';
import { readTrace } from '../../src/cli/strace.ts';
import { styled, table } from '../../src/cli/table.ts';
import { fromHex, toHex } from '../../src/netlink/codec/bytes.ts';
import { withoutComments } from '../../src/netlink/codec/print.ts';
import { fromPrintable, printable } from '../../src/printable.ts';
import { VERSION } from '../../src/version.ts';
import { loadFixture } from '../harness/fixture.ts';

interface Run {
  readonly code: number;
  readonly out: string;
  readonly notes: string;
}

async function run(
  args: readonly string[],
  input: Uint8Array = new Uint8Array(),
  colours = false,
): Promise<Run> {
  let [out, notes] = ['', ''];
  const code = await main(args, {
    write: (text) => void (out += text),
    note: (text) => void (notes += text),
    colours,
    readInput: () => input,
  });
  return { code, out, notes };
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

/** RTM_GETLINK of `lo`. */
const GET =
  '28000000 1200 0100 01000000 00000000 00000000000000000000000000000000 07000300 6c6f0000';

test('cli: help for the tool and for each command', async (t) => {
  const { code, out } = await run(['--help']);
  t.is(code, 0);
  for (const name of ['dump', 'monitor', 'decode', 'ipam']) {
    t.regex(out, new RegExp(`^  ${name} `, 'm'));
    const help = await run([name, '--help']);
    t.is(help.code, 0);
    t.true(help.out.startsWith(`netlink-ts ${name}`));
  }
  t.is((await run([])).code, 2);
});

test('cli: an output that takes nothing is one line and a failure', (t) => {
  const tool = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
  const full = openSync('/dev/full', 'w');
  t.teardown(() => closeSync(full));
  const { status, stderr } = spawnSync(process.execPath, [tool, '--help'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  t.is(stderr, 'netlink-ts: standard output cannot be written: ENOSPC\n');
  t.is(status, 1);
});

test('cli: --version and -v', async (t) => {
  for (const word of ['--version', '-v']) {
    t.like(await run([word]), { code: 0, out: `netlink-ts ${VERSION}\n`, notes: '' });
  }
});

test('cli: words that mean nothing are an error of use, with a way to help', async (t) => {
  for (const args of [
    ['nothing'],
    ['constructor'],
    ['dump'],
    ['dump', 'cats'],
    ['dump', 'links', 'cats'],
    ['dump', 'links', '--dev', 'lo'],
    ['dump', 'links', '--colour'],
    ['monitor', 'cats'],
    ['monitor', '--count', 'x'],
    ['decode', 'xyz'],
    ['decode', '--protocol', 'tcp', '00'],
  ]) {
    const { code, out, notes } = await run(args);
    t.is(code, 2, args.join(' '));
    t.is(out, '');
    t.regex(notes, /^netlink-ts: .*\nTry netlink-ts .*--help\.\n$/);
  }
});

test('cli: a word that is nearly one gets a hint', async (t) => {
  for (const [args, word] of [
    [['dump', 'link'], 'links'],
    [['dump', 'rotues'], 'routes'],
    [['dump', 'links', 'neighbours'], 'neighs'],
    [['monitor', 'addr'], 'addrs'],
    [['dmup', 'links'], 'dump'],
  ] as const) {
    const { notes } = await run(args);
    t.true(notes.includes(`; did you mean ${word}?\n`), notes);
  }
  const { notes: option } = await run(['dump', 'links', '--kindd', 'bridge']);
  t.regex(option, /: there is no option --kindd; did you mean --kind\?\n/);
  t.regex((await run(['ipam', 'lst'])).notes, /; did you mean list\?\n/);
  t.notRegex((await run(['dump', 'cats'])).notes, /did you mean/);
});

test('cli: a value that the kernel cannot be asked for is an error of one line', async (t) => {
  for (const words of [
    ['routes', '--table', 'bogus'],
    ['addrs', '--family', 'bogus'],
  ]) {
    const { code, out, notes } = await run(['dump', ...words]);
    t.is(code, 1);
    t.is(out, '');
    t.regex(notes, /^netlink-ts: RTM_GET[\w/]+: "bogus" is not one of .*\n$/);
  }
});

test('cli: decode explains words of the command line, and what it writes can be read again', async (t) => {
  const { code, out } = await run(['decode', ...GET.split(' ')]);
  t.is(code, 0);
  t.regex(out, /nlmsghdr len=40 type=RTM_GETLINK flags=NLM_F_REQUEST/);
  t.regex(out, /# IFLA_IFNAME "lo"/);
  t.is(toHex(fromHex(withoutComments(out))), GET.replaceAll(' ', ''));
  t.is((await run(['decode'], text(out))).out, out);
});

test('cli: decode reads standard input and files, as text or as bytes', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'decode-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'message');
  const { out } = await run(['decode', GET]);
  t.is((await run(['decode'], fromHex(GET))).out, out);
  writeFileSync(file, fromHex(GET));
  t.is((await run(['decode', file])).out, out);
  writeFileSync(file, `# a comment\n${GET}\n`);
  t.is((await run(['decode', file])).out, out);
});

test('cli: decode writes JSON that JSON.parse reads', async (t) => {
  const { out } = await run(['decode', '--json', GET]);
  t.like(JSON.parse(out), { type: 'RTM_GETLINK', payload: { attrs: { ifname: 'lo' } } });
});

test('cli: decode distinguishes nftables messages from those of rtnetlink', async (t) => {
  const fixture = loadFixture('nftables/table/add');
  t.regex((await run(['decode', toHex(fixture.bytes)])).out, /type=NFT_MSG_NEWTABLE/);
  const begin = loadFixture('nftables/batch/begin');
  t.regex((await run(['decode', toHex(begin.bytes)])).out, /type=NFNL_MSG_BATCH_BEGIN/);
});

test('cli: decode reports bytes that are no message, and fails', async (t) => {
  const { code, notes } = await run(['decode', '2000']);
  t.is(code, 1);
  t.regex(notes, /nlmsghdr: 2 bytes, 16 needed/);
});

test('cli: colours only where they are seen', async (t) => {
  t.false((await run(['decode', GET])).out.includes('\x1b'));
  t.true((await run(['decode', GET], undefined, true)).out.includes('\x1b[36m#'));
  t.is(styled('', 'red', true), '');
});

const DUMPED = `socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, NETLINK_ROUTE) = 3
[pid    77] sendto(3, ..., 40, 0, NULL, 0) = 40
 | 00000  28 00 00 00 12 00 01 00  01 00 00 00 00 00 00 00   ............... |
 | 00010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  ................ |
 | 00020  07 00 03 00 6c 6f 00 00                           ....lo..         |
recvmsg(3, {msg_name={sa_family=AF_NETLINK}, msg_iov=[...]}, MSG_PEEK|MSG_TRUNC) = 1036
write(1, ..., 3) = 3
 | 00000  61 62 63                                          abc              |
`;

test('cli: decode reads complete buffers from strace, and leaves alone what is not netlink', async (t) => {
  const { datagrams, notes } = readTrace(DUMPED);
  t.deepEqual([datagrams.length, notes], [1, []]);
  t.is(datagrams[0]!.title, 'sent: sendto(3) NETLINK_ROUTE');
  t.is(datagrams[0]!.protocol!.name, 'NETLINK_ROUTE');
  t.is(datagrams[0]!.bytes.length, 40);
  const { out } = await run(['decode'], text(DUMPED));
  t.regex(out, /^# sent: sendto\(3\) NETLINK_ROUTE\n28 00 00 00/);
  t.regex(out, /IFLA_IFNAME "lo"/);
});

const WORDS = String.raw`socket(AF_NETLINK, SOCK_RAW, NETLINK_NETFILTER) = 3
sendmsg(3, {msg_iov=[{iov_base=[[{nlmsg_len=20, nlmsg_type=0x10 /* NLMSG_??? */, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=0, nlmsg_pid=0}, "\x00\x00\x00\x0a"], [{nlmsg_len=36, nlmsg_type=0xa00 /* NLMSG_??? */, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=1, nlmsg_pid=0}, "\x01\x00\x00\x00\x06\x00\x01\x00\x78\x00\x00\x00\x08\x00\x02\x00\x00\x00\x00\x00"]], iov_len=56}], msg_iovlen=1}, 0) = 56
recvmsg(3, {msg_iov=[{iov_base=[{nlmsg_len=44, nlmsg_type=0xa0f, nlmsg_flags=0, nlmsg_seq=0, nlmsg_pid=70}, "\x00\x00"...], iov_len=9}]}, 0) = 44
`;

test('cli: decode puts messages together that strace wrote in words, and says which it cannot', async (t) => {
  const { out, notes, code } = await run(['decode'], text(WORDS));
  t.is(code, 0);
  t.regex(out, /type=NFNL_MSG_BATCH_BEGIN/);
  t.regex(out, /type=NFT_MSG_NEWTABLE/);
  t.regex(out, /NFTA_TABLE_NAME "x"/);
  t.regex(notes, /^1 datagrams left out/);
});

test('cli: a table drops empty columns and aligns the others', (t) => {
  t.is(
    table(
      ['A', 'B', 'C'],
      [
        ['1', '', 'x'],
        ['1000', '', ''],
      ],
      false,
    ),
    'A     C\n1     x\n1000\n',
  );
  t.is(table(['A'], [], false), '');
});

test('table: what is wider than the terminal is cut where it is widest', (t) => {
  const rows = [['eth0', 'a'.repeat(60), 'x']];
  const text = table(['NAME', 'ALIAS', 'ST'], rows, false, 40);
  for (const line of text.trimEnd().split('\n')) t.true(line.length <= 40, line);
  t.regex(text, /^eth0 {2}a+… {2}x$/m);
  t.true(table(['NAME', 'ALIAS', 'ST'], rows, false).includes('a'.repeat(60)));
});

test('table: wide characters and marks take the room that they take on a terminal', (t) => {
  const rows = [
    ['網路', 'x'],
    ['e\u0301', 'x'],
    ['abcd', 'x'],
  ];
  t.is(table(['N', 'M'], rows, false), `N     M\n網路  x\ne\u0301     x\nabcd  x\n`);
});

test('table: text of others cannot command a terminal or turn the line around', (t) => {
  const names = ['\x1b[31mred', 'a\nb', '\x7f', '\u0085', '\u202egnp', 'back\\slash', '\udcff'];
  const text = table(
    ['N'],
    names.map((name) => [name]),
    false,
  );
  t.deepEqual(text.trimEnd().split('\n').slice(1), [
    '\\x1b[31mred',
    'a\\x0ab',
    '\\x7f',
    '\\u{85}',
    '\\u{202e}gnp',
    'back\\\\slash',
    '\\xff',
  ]);
  for (const name of names) t.is(fromPrintable(printable(name)), name);
});
