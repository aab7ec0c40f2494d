/**
 * Forged kernel messages from a socket of our own: to the port of another socket, and to multicast
 * groups.
 */
import { createRequire } from 'node:module';
import { AF_NETLINK, SOCK_RAW } from '../../src/netlink/constants.ts';
import { libc } from '../../src/sys/libc.ts';
import { encode } from '../../src/netlink/codec/frame.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';

type SendTo = (fd: number, bytes: Uint8Array, flags: number, address: Uint8Array) => number;

/** sendto(2) through this runtime's FFI. Returns the number of bytes, or a negated errno. */
async function openSendTo(): Promise<SendTo> {
  if ('Bun' in globalThis) {
    const { answering, ERRNO, long, openLibc } = await import('../../src/sys/bun-ffi.ts');
    const sendto = long('i32', 'ptr', 'u64_fast', 'i32', 'ptr', 'u32');
    const call = answering(openLibc({ sendto, ...ERRNO }), 'sendto');
    return (fd, bytes, flags, address) => call(fd, bytes, bytes.length, flags, address, 12);
  }
  const koffi = createRequire(import.meta.url)('koffi') as {
    load(path: null): { func(declaration: string): (...args: unknown[]) => number };
    errno(): number;
  };
  const call = koffi
    .load(null)
    .func('long sendto(int fd, void *bytes, size_t length, int flags, void *address, uint32_t)');
  return (fd, bytes, flags, address) => {
    const sent = call(fd, bytes, bytes.length, flags, address, 12);
    return sent < 0 ? -koffi.errno() : sent;
  };
}

const sendTo = await openSendTo();

/** `struct sockaddr_nl`, netlink(7). */
function address(portId: number, groups: number): Uint8Array {
  const own = new Uint8Array(12);
  new Uint16Array(own.buffer)[0] = AF_NETLINK;
  new Uint32Array(own.buffer).set([portId, groups], 1);
  return own;
}

export interface Forger {
  /**
   * To one socket. Returns a result like send(2), ECONNREFUSED where the socket does not accept it.
   */
  unicast(portId: number, bytes: Uint8Array): number;
  /** To the members of group `number`. Returns a result like send(2). */
  multicast(number: number, bytes: Uint8Array): number;
  close(): void;
}

/** In the namespace that the thread is in. */
export function openForger(protocol = rtnetlink.number): Forger {
  const c = libc();
  const fd = c.socket(AF_NETLINK, SOCK_RAW, protocol);
  if (fd < 0) throw new Error(`socket: errno ${-fd}`);
  return {
    unicast: (portId, bytes) => sendTo(fd, bytes, 0, address(portId, 0)),
    multicast: (number, bytes) => sendTo(fd, bytes, 0, address(0, 1 << (number - 1))),
    close: () => c.close(fd),
  };
}

const frame = (type: string, seq: number, payload: unknown, flags: string[] = []): Uint8Array =>
  encode(rtnetlink, { type, flags: flags as never, seq, pid: 0, payload });

/** A link that does not exist. */
export const forgedLink = (seq: number): Uint8Array =>
  frame('RTM_NEWLINK', seq, {
    index: 31337,
    flags: ['up', 'lower_up'],
    attrs: { ifname: 'FORGED', operstate: 'up' },
  });

/** A link whose `IFLA_MTU` has two bytes. */
export function unreadableLink(seq: number): Uint8Array {
  const bytes = frame('RTM_NEWLINK', seq, { index: 31337, attrs: { mtu: 1500 } });
  const cut = bytes.slice(0, bytes.length);
  new DataView(cut.buffer).setUint16(32, 6, true);
  return cut;
}

/** Messages that would end, refuse or answer the request with this sequence number. */
export const forgedAnswers = (seq: number): Uint8Array[] => [
  forgedLink(seq),
  unreadableLink(seq),
  frame('NLMSG_ERROR', seq, { error: -1, request: { len: 16 } }, ['NLM_F_CAPPED']),
  frame('NLMSG_ERROR', seq, { error: 0, request: { len: 16 } }, ['NLM_F_CAPPED']),
  frame('NLMSG_DONE', seq, { error: 0 }, ['NLM_F_MULTI']),
];
