/**
 * A socket with a function in place of the kernel: for tests of code that uses netlink, and for
 * replaying captures.
 */
import { EAGAIN } from '../sys/errno.ts';
import { ClosedError, NetlinkError, netlinkError } from '../errors.ts';
import type { Socket } from './socket.ts';

export interface FakeSocket extends Socket {
  /**
   * Queues a notification, like one of a multicast group; an error is thrown when the datagram
   * would be received.
   */
  deliver(notification: Uint8Array | NetlinkError, nsid?: number): void;
  /** The multicast groups that are joined. */
  readonly groups: readonly number[];
}

interface Queued {
  readonly content: Uint8Array | NetlinkError;
  readonly nsid: number | undefined;
}

/**
 * A socket for tests. `kernel` gets each datagram that is sent and returns the datagrams to be
 * received.
 *
 * @example const rt = connect(rtnetlink, fakeSocket(() => [captured]));
 */
export function fakeSocket(
  kernel: (datagram: Uint8Array) => Iterable<Uint8Array> = () => [],
): FakeSocket {
  const waiting: Queued[] = [];
  const groups: number[] = [];
  let nsid: number | undefined;
  let notify: (() => void) | undefined;
  let open = true;

  const tryReceive = (): Uint8Array | undefined => {
    if (!open) throw new ClosedError('connection');
    const next = waiting.shift();
    if (next === undefined) return undefined;
    if (next.content instanceof NetlinkError) throw next.content;
    nsid = next.nsid;
    return next.content;
  };
  const close = (): void => {
    open = false;
    waiting.length = 0;
    notify?.();
  };
  return {
    fd: -1,
    firstSequence: 1,
    get closed() {
      return !open;
    },
    groups,
    get nsid() {
      return nsid;
    },
    send(bytes, length = bytes.length) {
      if (!open) throw new ClosedError('connection');
      for (const content of kernel(bytes.slice(0, length)))
        waiting.push({ content, nsid: undefined });
    },
    sendInBackground(bytes) {
      this.send(bytes);
    },
    deliver(content, from) {
      waiting.push({ content, nsid: from });
      notify?.();
    },
    receive() {
      const datagram = tryReceive();
      if (datagram !== undefined) return datagram;
      throw netlinkError(EAGAIN, 'recv', { advice: 'the fake kernel has sent nothing else' });
    },
    tryReceive,
    wait: () =>
      new Promise((done) => {
        if (waiting.length > 0 || !open) done();
        else notify = done;
      }),
    join: (group) => void groups.push(group),
    leave: (group) => void groups.splice(groups.indexOf(group), 1),
    portId: () => 1,
    close,
    [Symbol.dispose]: close,
  };
}
