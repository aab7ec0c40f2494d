/**
 * What `netlink-ts decode` takes: traces with several processes and protocols, captures in every
 * form, and messages that are unusual.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { decode as decodeCommand } from '../../src/cli/decode.ts';
import { familyOf } from '../../src/cli/families.ts';
import { nameWithIds } from '../../src/cli/genl-families.ts';
import { readCapture } from '../../src/cli/pcap.ts';
import { readTrace } from '../../src/cli/strace.ts';
import { fromHex, toHex } from '../../src/netlink/codec/bytes.ts';
import { decode, encode } from '../../src/netlink/codec/frame.ts';
import { withoutComments } from '../../src/netlink/codec/print.ts';
import { toJson } from '../../src/netlink/codec/json.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import { loadFixture, loadFixtures } from '../harness/fixture.ts';

function run(args: readonly string[], input: Uint8Array = new Uint8Array()) {
  let [out, notes] = ['', ''];
  const code = decodeCommand.run(args, {
    write: (text) => void (out += text),
    note: (text) => void (notes += text),
    colours: false,
    readInput: () => input,
  });
  return { code, out, notes };
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const bytesOfOutput = (out: string): string => toHex(fromHex(withoutComments(out)));

/** What getaddrinfo(3) of glibc 2.36 sends. */
const GLIBC = '14000000120001036120f2650000000000000000';
const GET =
  '280000001200010001000000000000000000000000000000000000000000000007000300 6c6f0000'.replace(
    / /g,
    '',
  );

test('decode: a header that is cut behind the family is read, said, and written again', (t) => {
  const { code, out } = run([GLIBC]);
  t.is(code, 0);
  t.regex(out, /# rtgenmsg family=unspec, the header is cut short/);
  t.is(bytesOfOutput(out), GLIBC);
  const [frame] = decode(rtnetlink, fromHex(GLIBC));
  t.is(toHex(encode(rtnetlink, frame!)), GLIBC);
  // An answer is never so short.
  const answer = run(['--protocol', 'route', GLIBC.replace('12000103', '10000000')]);
  t.is(answer.code, 1);
  t.is(bytesOfOutput(answer.out), GLIBC.replace('12000103', '10000000'));
});

test('decode: bytes after the last message are shown as such', (t) => {
  for (const padding of ['00', '000000', '00'.repeat(16), '00'.repeat(1000), 'ffff']) {
    const { code, out, notes } = run([GET + padding]);
    t.is(code, 0, notes);
    t.is(bytesOfOutput(out), GET + padding);
    t.regex(out, /# after the last message\n/);
    t.is(decode(rtnetlink, fromHex(GET + padding)).length, 1);
  }
  t.is(run([`${GET}${'11'.repeat(16)}`]).code, 1);
});

test('decode: a payload that cannot be read does not hide the messages behind it', (t) => {
  const torn = `${GET.replace('07000300', '07ff0300')}${GET}`;
  const { code, out, notes } = run([torn]);
  t.is(code, 1);
  t.is(bytesOfOutput(out), torn);
  t.regex(notes, /RTM_GETLINK: attribute 3 has length/);
  t.regex(out, /IFLA_IFNAME "lo"/);
});

test('decode: a guess is marked as one, and none is made where the types fit nothing', (t) => {
  t.regex(run([GET]).notes, /is guessed from the message types/);
  t.is(run([GET, '--protocol', 'route']).notes, '');
  const { out, code } = run(['--protocol', 'generic', GET]);
  t.is(code, 0);
  t.notRegex(out, /RTM_/);
  t.notRegex(run(['1400000099990100010000000000000001000000']).out, /RTM_|NFT_/);
});

test('decode: a file that is not there is named', (t) => {
  for (const name of ['no-such.pcap', './beef', '/nowhere/at/all']) {
    t.throws(() => run([name]), { message: new RegExp(`there is no file "${name}"`) });
  }
  t.throws(() => run([tmpdir()]), { message: /cannot be read: EISDIR/ });
});

const dump = (hex: string): string =>
  (hex.match(/.{1,32}/g) ?? [])
    .map((line, i) => {
      const two = line.match(/../g)!;
      const halves = [two.slice(0, 8), two.slice(8)].map((half) => half.join(' ')).join('  ');
      return ` | ${(16 * i).toString(16).padStart(5, '0')}  ${halves.padEnd(48)}  ${'.'.repeat(two.length)} |`;
    })
    .join('\n');

test('decode: each process of a trace has its own sockets, also where calls are cut in two', (t) => {
  const { datagrams, notes } = readTrace(`socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE) = 3
[pid  7] socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC <unfinished ...>
[pid  8] socket(AF_UNIX, SOCK_STREAM, 0) = 4
[pid  7] <... socket resumed>)    = 4
[pid  7] recvmsg(4,  <unfinished ...>
[pid  8] sendto(4, "hello", 5, 0, NULL, 0) = 5
${dump('68656c6c6f')}
[pid  7] <... recvmsg resumed>{msg_name={sa_family=AF_NETLINK}}, 0) = 40
${dump(GET)}
[pid  8] sendto(3, ..., 40, 0, NULL, 0) = 40
${dump(GET)}
[pid  8] openat(AT_FDCWD, "/etc/hosts", O_RDONLY) = 3
[pid  8] read(3, "abc", 3)        = 3
${dump('616263')}
99    sendto(9<NETLINK:[SOCK_DIAG:123]>, ..., 40, 0, NULL, 0) = 40
${dump(GET)}
socket(AF_NETLINK, SOCK_RAW, 0x1f /* NETLINK_??? */) = 5
write(5, ..., 40) = 40
${dump(GET)}
`);
  t.deepEqual(notes, []);
  t.deepEqual(
    datagrams.map(({ title }) => title),
    [
      'received: recvmsg(4) NETLINK_GENERIC',
      'sent: sendto(3) NETLINK_ROUTE',
      'sent: sendto(9) NETLINK_SOCK_DIAG',
      'sent: write(5) netlink protocol 31',
    ],
  );
});

test('decode: uevents are text', (t) => {
  const event = toHex(text('add@/devices/x\0ACTION=add\0NAME=\x1b[1m\0'));
  const { out, code } = run(['--protocol', 'kobject_uevent', event]);
  t.is(code, 0);
  t.regex(out, /# "ACTION=add"/);
  t.regex(out, /# "NAME=\\u001b\[1m"/);
  t.is(bytesOfOutput(out), event);
});

/** Captures as tcpdump and Wireshark write them. */
interface Form {
  readonly little: boolean;
  readonly nano?: boolean;
  readonly linkType?: number;
  readonly snap?: number;
}

const cooked = (protocol: number, hex: string): Uint8Array =>
  fromHex(`00070338000000000000000000 00 ${protocol.toString(16).padStart(4, '0')}${hex}`);

const words = (little: boolean, ...values: readonly number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => view.setUint32(4 * i, value, little));
  return new Uint8Array(view.buffer);
};

const joined = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

function pcap(packets: readonly Uint8Array[], form: Form): Uint8Array {
  const { little, nano = false, linkType = 253, snap = 65535 } = form;
  const magic = nano ? 0xa1b23c4d : 0xa1b2c3d4;
  const version = little ? 0x00040002 : 0x00020004;
  return joined(
    words(little, magic, version, 0, 0, snap, linkType),
    ...packets.flatMap((packet) => {
      const kept = packet.subarray(0, snap);
      return [words(little, 1, 2, kept.length, packet.length), kept];
    }),
  );
}

function pcapng(packets: readonly Uint8Array[], { little, linkType = 253 }: Form): Uint8Array {
  const block = (type: number, body: Uint8Array): Uint8Array => {
    const padded = joined(body, new Uint8Array(-body.length & 3));
    const length = padded.length + 12;
    return joined(words(little, type, length), padded, words(little, length));
  };
  const device = little ? words(true, linkType, 0) : words(false, linkType << 16, 0);
  return joined(
    block(0x0a0d0d0a, words(little, 0x1a2b3c4d, little ? 1 : 0x10000, 0xffffffff, 0xffffffff)),
    block(1, device),
    block(5, words(little, 0, 0, 0)),
    ...packets.map((packet, i) =>
      i % 2 === 0
        ? block(6, joined(words(little, 0, 0, 1, packet.length, packet.length), packet))
        : block(3, joined(words(little, packet.length), packet)),
    ),
  );
}

const PACKETS = [cooked(0, GET), cooked(16, GET), cooked(0, GLIBC)];

test('decode: captures of nlmon in every form of pcap and pcapng', (t) => {
  for (const little of [true, false]) {
    for (const file of [
      pcap(PACKETS, { little }),
      pcap(PACKETS, { little, nano: true }),
      pcapng(PACKETS, { little }),
    ]) {
      const { datagrams, notes } = readCapture(file)!;
      t.deepEqual(notes, []);
      t.deepEqual(
        datagrams.map(({ title, bytes }) => [title, toHex(bytes)]),
        [
          ['packet 1: NETLINK_ROUTE, sent', GET],
          ['packet 2: NETLINK_GENERIC, sent', GET],
          ['packet 3: NETLINK_ROUTE, sent', GLIBC],
        ],
      );
      const { code, out, notes: said } = run([], file);
      t.is(code, 0);
      t.is(said, '');
      t.is(bytesOfOutput(out), GET + GET + GLIBC);
    }
  }
});

test('decode: a capture of an nlmon device that tcpdump wrote', (t) => {
  const file = readFileSync(new URL('../../site/test/captures/nlmon.pcap', import.meta.url));
  const { datagrams, notes } = readCapture(file)!;
  t.deepEqual(notes, []);
  const { code, out, notes: said } = run([], file);
  t.is(code, 0);
  t.is(said, '');
  t.is(bytesOfOutput(out), datagrams.map(({ bytes }) => toHex(bytes)).join(''));
  t.is(datagrams.length, 32);
  // The refused address: request, and the acknowledgement that holds it.
  t.regex(
    out,
    /^# packet 19: NETLINK_ROUTE\n.*type=RTM_NEWADDR[^]*^# packet 20: NETLINK_ROUTE\n.*type=NLMSG_ERROR[^]*EEXIST/m,
  );
  t.regex(out, /NETLINK_NETFILTER\n[^#]*# nlmsghdr len=20 type=NFT_MSG_GETGEN/);
  t.notRegex(out, /trailing|unknown/);
});

test('decode: what a capture lacks is said', (t) => {
  const notesOf = (file: Uint8Array): string => run([], file).notes;
  const whole = pcap(PACKETS, { little: true });
  t.regex(notesOf(whole.subarray(0, -3)), /the capture ends inside a packet/);
  t.regex(notesOf(pcap(PACKETS, { little: true, snap: 20 })), /not captured completely/);
  t.regex(notesOf(pcap(PACKETS, { little: true, linkType: 1 })), /their link type is 1, not 253/);
  t.regex(notesOf(pcapng([], { little: true })), /no netlink messages/);
  for (let length = 0; length <= whole.length; length++) {
    t.notThrows(() => readCapture(whole.subarray(0, length)));
    t.notThrows(() => readCapture(pcapng(PACKETS, { little: false }).subarray(0, length)));
  }
});

test('decode: messages of a machine with the other byte order are not read as ours', (t) => {
  const big = fromHex('00000014001203010000000100000000 00000000'.replace(/ /g, ''));
  const { code, out } = run([], pcap([cooked(0, toHex(big))], { little: false }));
  t.is(code, 0);
  t.regex(out, /# messages in the other byte order/);
});

test('decode: several files, one after the other', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'decode-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const files = ['a.pcap', 'b.hex'].map((name) => join(folder, name));
  writeFileSync(files[0]!, pcap(PACKETS, { little: true }));
  writeFileSync(files[1]!, GET);
  t.is(bytesOfOutput(run(files).out), GET + GET + GLIBC + GET);
  t.throws(() => run([...files, join(folder, 'c')]), { message: /there is no file/ });
});

const traced = (hex: string): string =>
  `sendto(3, "", 1, 0, NULL, 0) = 1\n${hex
    .match(/.{1,32}/g)!
    .map((line) => ` | 00000  ${line.replace(/(..)(?=.)/g, '$1 ').slice(0, 49)}  |`)
    .join('\n')}`;

test('decode: families of generic netlink are those that the trace asks for', (t) => {
  const told =
    '28000000 10000000 01000000 00000000 01020000 06000100 15000000 09000200 74686e67 00000000';
  const sized = told.replace('28', '30').replace('06000100', '08000400 00000000 06000100');
  const asked = '1c000000 15000500 02000000 00000000 0f010000 08000100 07000000';
  const trace = (family: string): Uint8Array =>
    text(
      `socket(AF_NETLINK, SOCK_RAW, NETLINK_GENERIC) = 3\n${[family, asked]
        .map((hex) => traced(hex.replaceAll(' ', '')))
        .join('\n')}\n`,
    );
  const { out, notes } = run([], trace(sized));
  t.is(notes, '');
  t.regex(out, /type=CTRL_CMD_NEWFAMILY /);
  t.regex(out, /type=thng:15 flags=NLM_F_REQUEST,NLM_F_ACK /);
  t.regex(out, /# genlmsghdr cmd=thng:15 version=1\n.*# nla1 4 bytes/);
  // Whether it has a header of its own is not known without `CTRL_ATTR_HDRSIZE`.
  t.regex(run([], trace(told)).out, /type=21 flags=/);
});

test('decode: a word for the protocol reads every fixture, with ids for families of generic netlink', (t) => {
  for (const { name, bytes, protocol, value } of loadFixtures()) {
    const [frame] = decode(familyOf(nameWithIds(protocol))!, bytes);
    t.deepEqual(toJson(frame), value, name);
  }
  const { bytes } = loadFixture('wireguard/device/get');
  const id = bytes[4]! | (bytes[5]! << 8);
  const { out, code } = run(['--protocol', `generic:ethtool=9,wireguard=${id}`, toHex(bytes)]);
  t.is(code, 0);
  t.regex(out, /type=WG_CMD_GET_DEVICE/);
  for (const word of [
    'generic:',
    'generic:wireguard',
    'generic:wireguard=x',
    'nothing:a=1',
    'route:a=1',
  ]) {
    t.is(familyOf(word), undefined, word);
  }
});
