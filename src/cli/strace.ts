/**
 * Netlink datagrams in the output of strace(1).
 *
 * With `-e write=all -e read=all` strace dumps whole buffers, and nothing is missing:
 *
 *     sendto(3, …, 32, 0, NULL, 0) = 32
 *      | 00000  20 00 00 00 10 00 05 00  00 00 00 00 00 00 00 00   ............... |
 *
 * With `-xx` alone it writes headers in words and only what it cannot decode as bytes; such messages are put together again:
 *
 *     sendto(3, [{nlmsg_len=20, nlmsg_type=0xa10, nlmsg_flags=NLM_F_REQUEST, nlmsg_seq=0, nlmsg_pid=0}, "\x00\x00\x00\x00"], …
 */
import { nlmsghdr } from '../netlink/ack.ts';
import { fromHex, Writer } from '../netlink/bytes.ts';
import { bytes } from '../netlink/codec.ts';
import * as constants from '../netlink/constants.ts';
import { NLMSG_HDRLEN } from '../netlink/constants.ts';

export interface Datagram {
  /** `sent` or `received`, and by which call; empty when it comes from nowhere in particular. */
  readonly title: string;
  /** `NETLINK_ROUTE`, where the trace tells. */
  readonly family?: string | undefined;
  readonly bytes: Uint8Array;
}

export interface Trace {
  readonly datagrams: readonly Datagram[];
  /** How many datagrams were not written out in full. */
  readonly incomplete: number;
}

const SOCKET = /\bsocket\(AF_NETLINK, [^,]+, (\w+)\) += (\d+)/;
const CALL = /\b(send|recv|write|read)(\w*)\((\d+)/;
const DUMP = /^ \| [0-9a-f]+ {2}((?:[0-9a-f]{2} {1,2}){1,16})/;
const HEADER =
  /\{nlmsg_len=(\d+), nlmsg_type=([^,]+), nlmsg_flags=([^,]+), nlmsg_seq=(\d+), nlmsg_pid=(-?\d+)\}(?:, "((?:\\x[0-9a-f]{2})*)")?/g;

/** Whether text looks like the output of strace. */
export const isTrace = (text: string): boolean => /\b(send|recv|read|write)\w*\(\d+[,<]/.test(text);

export function readTrace(text: string): Trace {
  const calls: { title: string; family: string | undefined; line: string; hex: string }[] = [];
  const families = new Map<string, string>();
  let current: (typeof calls)[number] | undefined;
  for (const line of text.split('\n')) {
    const socket = SOCKET.exec(line);
    const call = CALL.exec(line);
    const dump = DUMP.exec(line);
    if (socket !== null) {
      families.set(socket[2]!, socket[1]!);
    } else if (call !== null) {
      const [, verb, rest, fd] = call;
      const direction = verb === 'send' || verb === 'write' ? 'sent' : 'received';
      const family = families.get(fd!);
      current = { title: `${direction}: ${verb}${rest}(${fd})`, family, line, hex: '' };
      // What is only peeked at is received again.
      if (!line.includes('MSG_PEEK')) calls.push(current);
    } else if (dump !== null && current !== undefined) {
      current.hex += dump[1]!;
    }
  }
  let incomplete = 0;
  const datagrams = calls.flatMap(({ title, family, line, hex }): Datagram[] => {
    if (hex !== '' && (family !== undefined || families.size === 0)) {
      return [{ title, family, bytes: fromHex(hex) }];
    }
    if (!line.includes('{nlmsg_len=')) return [];
    const bytes = rebuilt(line);
    if (bytes !== undefined) return [{ title, family, bytes }];
    incomplete++;
    return [];
  });
  return { datagrams, incomplete };
}

/** The messages of one call; undefined when the line does not have all their bytes. */
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

/** A number, or a name out of the kernel's header. */
function number(word: string): number {
  const text = word.replace(/\/\*.*?\*\//g, '').trim();
  const named = (constants as Readonly<Record<string, number>>)[text];
  return named ?? Number(text);
}
