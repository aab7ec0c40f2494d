/** The bytes of a dump, message by message, as the kernel of a namespace sends them. */
import { deadlineIn } from '../../src/sys/deadline.ts';
import { viewOf } from '../../src/netlink/codec/bytes.ts';
import { NLMSG_DONE } from '../../src/netlink/constants.ts';
import { encode, frames, type Frame } from '../../src/netlink/codec/frame.ts';
import { NETLINK_ROUTE } from '../../src/netlink/constants.ts';
import { openSocket } from '../../src/netlink/socket.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import type { Namespace } from './namespace.ts';

/** All messages that answer a dump request, without the last, `NLMSG_DONE`. */
export function rawDump(
  namespace: Namespace,
  type: string,
  payload: unknown,
): Uint8Array<ArrayBuffer>[] {
  const flags = ['NLM_F_REQUEST', 'NLM_F_DUMP'];
  const request: Frame = { type, flags, seq: 1, pid: 0, payload };
  using socket = namespace.run(() => openSocket(NETLINK_ROUTE));
  socket.send(encode(rtnetlink, request));
  const messages: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const datagram = socket.receive(deadlineIn(5000));
    for (const { header, at, end } of frames(viewOf(datagram))) {
      if (header.type === NLMSG_DONE) return messages;
      messages.push(datagram.slice(at, end) as Uint8Array<ArrayBuffer>);
    }
  }
}
