/** The kernel's notifications, by which ADD learns that a link or an address is ready. */
import type { NetlinkError } from '../../errors.ts';
import { viewOf } from '../../netlink/codec/bytes.ts';
import { eachFrame } from '../../netlink/codec/datagram.ts';
import { payloadReader } from '../../netlink/reply.ts';
import type { Socket } from '../../netlink/socket.ts';
import type { Deadline } from '../../sys/deadline.ts';
import { ENOBUFS } from '../../sys/errno.ts';
import { attachProtocol } from '../wire/rtnl.ts';
import type { Side } from './side.ts';
import type { Transaction } from './transaction.ts';

export interface Notification {
  /** RTM_*. */
  readonly type: number;
  readonly payload: unknown;
}

/**
 * Subscribes to notifications, until the end or until ADD is undone. The socket must not be used
 * for requests meanwhile: an answer may be lost among the notifications, and the sender would not
 * know what it has done.
 */
export function subscribe(
  t: Transaction,
  name: string,
  { rt: { socket } }: Side,
  group: number,
): void {
  t.step(
    name,
    () => socket.join(group),
    () => {
      socket.leave(group);
      drain(socket);
    },
  );
}

/** Reads what has arrived, including the report that something was lost. */
function drain(socket: Socket): void {
  for (;;) {
    try {
      if (socket.tryReceive() === undefined) return;
    } catch (error) {
      if ((error as NetlinkError).errno !== ENOBUFS) throw error;
    }
  }
}

/**
 * The next datagram of notifications of the groups that the socket has joined, decoded as ADD needs
 * them.
 */
export function nextNotifications(socket: Socket, deadline: Deadline): Notification[] {
  const view = viewOf(socket.receive(deadline));
  const readPayload = payloadReader(attachProtocol);
  const notifications: Notification[] = [];
  eachFrame(view, (type, _flags, _seq, at, end) => {
    notifications.push({ type, payload: readPayload(view, type, at, end) });
  });
  return notifications;
}
