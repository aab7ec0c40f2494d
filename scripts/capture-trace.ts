/**
 * The netlink messages in the log of an strace(1) run with `-ff -e read=all -e write=all -s 0`.
 *
 * strace always decodes netlink; its dumps of complete buffers stay plain:
 *
 *     sendmsg(3, {msg_name=…}, 0) = 56
 *      * 56 bytes in buffer 0
 *      | 00000  38 00 00 00 10 00 05 06  44 e2 01 6b 00 00 00 00  8.......D..k.... |
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CapturedMessage {
  readonly direction: 'sent' | 'received';
  /** The netlink family, as in `NETLINK_ROUTE`. */
  readonly family: string;
  /** `nlmsg_type` */
  readonly type: number;
  /** From `nlmsg_len` to the end of the message, without the padding after it. */
  readonly hex: string;
}

/** System calls to trace; `socket` shows which descriptors are netlink. */
export const TRACED = 'socket,sendto,sendmsg,sendmmsg,recvmsg,recvmmsg,recvfrom';

const SOCKET = /^socket\(AF_NETLINK, [^,]+, (\w+)\) = (\d+)/;
const CALL = /^(send|recv)\w+\((\d+),/;
const DUMP = /^ \| [0-9a-f]+ {2}((?:[0-9a-f]{2} {1,2}){1,16})/;
/** `struct nlmsghdr`, include/uapi/linux/netlink.h */
const NLMSG_HDRLEN = 16;

interface Datagram {
  readonly direction: CapturedMessage['direction'];
  readonly family: string | undefined;
  hex: string;
}

/** The messages of all traced processes, in the order of the processes and of their calls. */
export function readTrace(folder: string): CapturedMessage[] {
  // By process number, which is the order of their starts.
  const files = readdirSync(folder).sort(
    (a, b) => Number(a.split('.')[1]) - Number(b.split('.')[1]),
  );
  const logs = files.map((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
  // A thread may use a socket that another thread opened: its own log does not contain it.
  const anywhere = new Map<string, string>();
  for (const found of logs.flat().map((line) => SOCKET.exec(line))) {
    if (found !== null) anywhere.set(found[2]!, found[1]!);
  }
  return logs.flatMap((log) => datagrams(log, anywhere)).flatMap(split);
}

function datagrams(log: readonly string[], anywhere: ReadonlyMap<string, string>): Datagram[] {
  const here = new Map<string, string>();
  const all: Datagram[] = [];
  let current: Datagram | undefined;
  for (const line of log) {
    const socket = SOCKET.exec(line);
    const call = CALL.exec(line);
    const dump = DUMP.exec(line);
    if (socket !== null) {
      here.set(socket[2]!, socket[1]!);
    } else if (call !== null) {
      const family = here.get(call[2]!) ?? anywhere.get(call[2]!);
      current = { direction: call[1] === 'send' ? 'sent' : 'received', family, hex: '' };
      // A message that is only peeked at will be received again.
      if (!line.includes('MSG_PEEK')) all.push(current);
    } else if (dump !== null && current !== undefined) {
      current.hex += dump[1]!.replaceAll(' ', '');
    }
  }
  return all;
}

/** A datagram may hold several messages, each aligned to four bytes. */
function split({ direction, family, hex }: Datagram): CapturedMessage[] {
  if (family === undefined) return [];
  const bytes = Buffer.from(hex, 'hex');
  const messages: CapturedMessage[] = [];
  for (let at = 0; at + NLMSG_HDRLEN <= bytes.length;) {
    const length = HOST_IS_LITTLE ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
    const type = HOST_IS_LITTLE ? bytes.readUInt16LE(at + 4) : bytes.readUInt16BE(at + 4);
    // Some requests of iproute2 have a tail of zeros; the kernel stops there too.
    if (length === 0 && bytes.subarray(at).every((byte) => byte === 0)) break;
    if (length < NLMSG_HDRLEN || at + length > bytes.length) {
      throw new Error(`byte ${at} of a captured datagram: a message of ${length} bytes`);
    }
    messages.push({ direction, family, type, hex: bytes.toString('hex', at, at + length) });
    at += (length + 3) & ~3;
  }
  return messages;
}

/** netlink headers are in the byte order of the host. */
export const HOST_IS_LITTLE = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
