/**
 * Netlink datagrams in the output of strace(1).
 *
 * With `-e write=all -e read=all` strace dumps complete buffers, and nothing is missing:
 *
 *     sendto(3, …, 32, 0, NULL, 0) = 32
 *      | 00000  20 00 00 00 10 00 05 00  00 00 00 00 00 00 00 00   ............... |
 *
 * With `-xx` alone it decodes headers and shows as bytes only what it cannot decode; such messages
 * are reassembled:
 *
 *     sendto(3, [{nlmsg_len=20, nlmsg_type=0xa10, nlmsg_flags=NLM_F_REQUEST,
 *       nlmsg_seq=0, nlmsg_pid=0}, "\x00\x00\x00\x00"], …
 */
import { nlmsghdr } from '../netlink/codec/ack.ts';
import { fromHex, Writer } from '../netlink/codec/bytes.ts';
import { bytes } from '../netlink/codec/codec.ts';
import * as constants from '../netlink/constants.ts';
import { NLMSG_HDRLEN } from '../netlink/constants.ts';
import type { Protocol } from '../netlink/codec/protocol.ts';
import type { Capture, Datagram } from './captured.ts';
import { familyByNumber, familyOf } from './families.ts';

/** `[pid 77]` with -f, `77` with -o as well; time stamps may follow. */
const PROCESS = /^(?:\[pid +(\d+)\]|(\d+)(?= ))/;
/** Calls that return a new descriptor: whatever had the number before is closed. */
const OPENED =
  /\b(?:open\w*|creat|accept4?|eventfd2?|epoll_create1?|timerfd_create|signalfd4?|memfd_create|inotify_init1?|socket)\(.* = (\d+)/;
const COPIED = /\b(?:dup[23]?\((\d+)|fcntl\((\d+)[^,]*, F_DUPFD).* = (\d+)/;
const SOCKET = /\bsocket\(AF_NETLINK, [^,]+, ([^)]+)\)/;
const CALL = /\b(send|recv|write|read)(\w*)\((\d+)(?:<(?:NETLINK:\[(\w+))?)?/;
const UNFINISHED = / <unfinished \.\.\.>$/;
const RESUMED = /<\.\.\. \w+ resumed>/;
const DUMP = /^ \| [0-9a-f]+ {2}((?:[0-9a-f]{2} {1,2}){1,16})/;
const HEADER =
  /\{nlmsg_len=(\d+), nlmsg_type=([^,]+), nlmsg_flags=([^,]+), nlmsg_seq=(\d+), nlmsg_pid=(-?\d+)\}(?:, "((?:\\x[0-9a-f]{2})*)")?/g;

/** Whether text looks like the output of strace. */
export const isTrace = (text: string): boolean =>
  /\b(send|recv|read|write)\w*\(\d+[,<]|\bsocket\(AF_/.test(text);

/** A call that sent or received, with the bytes of its buffers. */
interface Call {
  readonly title: string;
  /** Undefined if it is not in the trace; null for another socket or a file. */
  readonly protocol: Protocol | undefined | null;
  readonly line: string;
  hex: string;
}

export function readTrace(text: string): Capture {
  const calls: Call[] = [];
  const descriptors = new Descriptors();
  const unfinished = new Map<string, string>();
  let current: Call | undefined;
  for (const raw of text.split('\n')) {
    const dump = DUMP.exec(raw);
    if (dump !== null) {
      if (current !== undefined) current.hex += dump[1]!;
      continue;
    }
    if (raw.startsWith(' * ')) continue;
    const found = PROCESS.exec(raw);
    const process = found?.[1] ?? found?.[2] ?? '';
    if (UNFINISHED.test(raw)) {
      unfinished.set(process, raw.replace(UNFINISHED, ''));
      current = undefined;
      continue;
    }
    // The second half of a call that was interrupted by another process.
    const resumed = RESUMED.exec(raw);
    const line =
      resumed === null
        ? raw
        : (unfinished.get(process) ?? '') + raw.slice(resumed.index + resumed[0].length);
    descriptors.see(process, line);
    const call = CALL.exec(line);
    current = undefined;
    if (call === null) continue;
    const [, verb, rest, fd, told] = call;
    const direction = verb === 'send' || verb === 'write' ? 'sent' : 'received';
    const protocol = told === undefined ? descriptors.get(process, fd!) : protocolNamed(told);
    const name = protocol == null ? '' : ` ${protocol.name}`;
    const title = `${direction}: ${verb}${rest}(${fd})${name}`;
    current = { title, protocol, line, hex: '' };
    // Data that is only peeked at is received again.
    if (!line.includes('MSG_PEEK')) calls.push(current);
  }
  let incomplete = 0;
  const datagrams = calls.flatMap(({ title, protocol, line, hex }): Datagram[] => {
    if (protocol === null || (protocol === undefined && !isNetlink(line, descriptors))) return [];
    const datagram = { title, ...(protocol && { protocol }) };
    if (hex !== '') return [{ ...datagram, bytes: fromHex(hex) }];
    if (!line.includes('{nlmsg_len=')) return [];
    const bytes = rebuilt(line);
    if (bytes !== undefined) return [{ ...datagram, bytes }];
    incomplete++;
    return [];
  });
  const notes =
    incomplete === 0
      ? []
      : [
          `${incomplete} datagrams left out: their bytes are not in the trace; run strace with -e write=all -e read=all`,
        ];
  return { datagrams, notes };
}

/** For an unknown descriptor: a trace may begin after the sockets were opened. */
const isNetlink = (line: string, { any }: Descriptors): boolean =>
  /nlmsg_len=|AF_NETLINK/.test(line) || (!any && /\b(send|recv)\w*\(/.test(line));

/** What the descriptors of each process stand for, as far as the trace shows. */
class Descriptors {
  /** The protocol; null for anything but a netlink socket. */
  readonly #known = new Map<string, Protocol | null>();
  /** Whether a socket was opened at all. */
  any = false;

  see(process: string, line: string): void {
    const copied = COPIED.exec(line);
    if (copied !== null) {
      const from = this.get(process, (copied[1] ?? copied[2])!);
      if (from !== undefined) this.#known.set(`${process} ${copied[3]}`, from);
      return;
    }
    const opened = OPENED.exec(line);
    if (opened === null) return;
    const socket = SOCKET.exec(line);
    if (socket !== null) this.any = true;
    this.#known.set(`${process} ${opened[1]}`, socket === null ? null : protocolNamed(socket[1]!));
  }

  /** A child has the descriptors of its parent, but the trace does not always show the parent. */
  get(process: string, fd: string): Protocol | undefined | null {
    const own = this.#known.get(`${process} ${fd}`);
    if (own !== undefined) return own;
    const others = [...this.#known].filter(([key]) => key.endsWith(` ${fd}`));
    return others.length === 0 ? undefined : others.at(-1)![1];
  }
}

/** `NETLINK_ROUTE`, `ROUTE` with -yy, or a number that strace has no name for. */
function protocolNamed(word: string): Protocol {
  const text = word.replace(/\/\*.*?\*\//g, '').trim();
  return familyOf(text) ?? familyByNumber(Number(text));
}

/** The messages of one call; undefined if the line lacks some of their bytes. */
function rebuilt(line: string): Uint8Array | undefined {
  const writer = new Writer();
  for (const [, length, type, flags, seq, pid, payload] of line.matchAll(HEADER)) {
    const rest = fromHex((payload ?? '').replaceAll('\\x', ''));
    const len = Number(length);
    if (len !== NLMSG_HDRLEN + rest.length) return undefined;
    writer.pad();
    nlmsghdr.write(writer, {
      len,
      type: number(type!),
      flags: flags!.split('|').reduce((mask, word) => mask | number(word), 0),
      seq: Number(seq),
      pid: Number(pid) >>> 0,
    });
    bytes.put(writer, rest);
  }
  return writer.finish();
}

/** A number, or a name from the kernel's header. */
function number(word: string): number {
  const text = word.replace(/\/\*.*?\*\//g, '').trim();
  const named = (constants as Readonly<Record<string, number>>)[text];
  return named ?? Number(text);
}
