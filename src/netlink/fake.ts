/**
 * A socket whose kernel is a function: for tests of code that talks netlink, and for reading a captured conversation again.
 */
import { EAGAIN } from './errno.ts';
import { NetlinkError } from './errors.ts';
import type { Socket } from './socket/socket.ts';

/**
 * `kernel` gets each datagram that is sent and returns the datagrams that come back.
 *
 * @example const rt = connect(rtnetlink, fakeSocket(() => [captured]));
 */
export function fakeSocket(kernel: (datagram: Uint8Array) => Iterable<Uint8Array>): Socket {
  const waiting: Uint8Array[] = [];
  const close = (): void => {
    waiting.length = 0;
  };
  return {
    fd: -1,
    send(bytes, length = bytes.length) {
      waiting.push(...kernel(bytes.slice(0, length)));
    },
    receive() {
      const datagram = waiting.shift();
      if (datagram !== undefined) return datagram;
      throw new NetlinkError(EAGAIN, 'recv', { advice: 'the fake kernel has nothing more to say' });
    },
    tryReceive: () => waiting.shift(),
    join() {},
    portId: () => 1,
    close,
    [Symbol.dispose]: close,
  };
}
