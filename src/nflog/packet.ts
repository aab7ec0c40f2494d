/**
 * What logged and held packets have in common: header, structs, and how a socket is bound to the
 * number of a group or queue, to which the kernel then sends.
 *
 * include/uapi/linux/netfilter/{nfnetlink,nfnetlink_log,nfnetlink_queue}.h.
 */
import { attr, attrs } from '../netlink/codec/attributes.ts';
import { be16, be32, be64, blob, u16, u8 } from '../netlink/codec/codec.ts';
import { enumOf } from '../netlink/codec/enums.ts';
import { struct } from '../netlink/codec/struct.ts';
import { viewOf, Writer } from '../netlink/codec/bytes.ts';
import { eachFrame, familyAt, putFrame } from '../netlink/codec/datagram.ts';
import type { Protocol } from '../netlink/codec/protocol.ts';
import {
  NLM_F_ACK,
  NLM_F_REQUEST,
  NLMSG_ERROR,
  NLMSG_HDRLEN,
  NLMSG_MIN_TYPE,
} from '../netlink/constants.ts';
import { monitor, type Monitor, type Notice, type Unreadable } from '../netlink/monitor.ts';
import { NETFILTER_FAMILIES } from '../netlink/netfilter.ts';
import { payloadReader, readAck, refusal } from '../netlink/reply.ts';
import { randomSequence, type Request } from '../netlink/request.ts';
import type { Socket } from '../netlink/socket.ts';
import { deadlineIn } from '../sys/deadline.ts';
import { CodecError } from '../errors.ts';

/** Where the rule is. */
const family = enumOf(u8, NETFILTER_FAMILIES);

/** `resId` is the number of the group or queue. */
export const nfgenmsg = struct('nfgenmsg', { family, version: u8, resId: be16 });

/** `NF_INET_*`; the numbers of the hooks of other families have these places too. */
export const hook = enumOf(u8, {
  prerouting: 0,
  input: 1,
  forward: 2,
  output: 3,
  postrouting: 4,
  ingress: 5,
});

/**
 * `IP_CT_*`: the state of a packet in its connection;
 * include/uapi/linux/netfilter/nf_conntrack_common.h.
 */
export const ctInfo = enumOf(be32, {
  established: 0,
  related: 1,
  new: 2,
  'established-reply': 3,
  'related-reply': 4,
  untracked: 7,
});

export const copyMode = enumOf(u8, { none: 0, meta: 1, packet: 2 });
export const configCommand = enumOf(u8, {
  none: 0,
  bind: 1,
  unbind: 2,
  pf_bind: 3,
  pf_unbind: 4,
});

/** The address begins the eight bytes; `hwAddrlen` of them count. */
export const packetHw = struct('nfulnl_msg_packet_hw', {
  hwAddrlen: be16,
  _pad: u16,
  hwAddr: blob(8),
});
export const packetTimestamp = struct('nfulnl_msg_packet_timestamp', { sec: be64, usec: be64 });

/** The set of `NFULA_VLAN_*` and `NFQA_VLAN_*`. */
export const vlanOf = <const P extends 'NFULA' | 'NFQA'>(prefix: P) =>
  attrs({
    proto: attr(`${prefix}_VLAN_PROTO`, 1, be16, 'EtherType of the tag'),
    tci: attr(`${prefix}_VLAN_TCI`, 2, be16, 'priority and VLAN id (TCI)'),
  });

/** What every packet has besides its own attributes. */
export type PacketEvent<P> =
  | { readonly type: 'packet'; readonly packet: P }
  | ({ readonly type: 'unreadable' } & Unreadable)
  | { readonly type: 'lost' };

interface BindOptions<P> {
  readonly protocol: Protocol;
  /** Binds the socket, and configures what is sent. */
  readonly request: Request;
  readonly signal: AbortSignal | undefined;
  /** Milliseconds to wait for the answer. */
  readonly timeout: number;
  packetOf(value: any): P;
}

/** Binds a socket, which it owns and closes, and reads the packets that the kernel sends to it. */
export function bind<P>(socket: Socket, options: BindOptions<P>): Monitor<PacketEvent<P>> {
  const { protocol, request, signal, timeout, packetOf } = options;
  const packet = (value: unknown): PacketEvent<P> => ({ type: 'packet', packet: packetOf(value) });

  /** Packets may arrive before the acknowledgement. */
  const begin = (): PacketEvent<P>[] => {
    const { message, type, value } = request;
    const writer = new Writer();
    const seq = randomSequence();
    putFrame(writer, { type, flags: NLM_F_REQUEST | NLM_F_ACK, seq }, () =>
      message.put(writer, value),
    );
    const sent = viewOf(writer.finish());
    socket.send(writer.bytes, writer.at);
    const read = payloadReader(protocol);
    const events: PacketEvent<P>[] = [];
    for (let done = false; !done;) {
      const datagram = socket.receive(deadlineIn(timeout));
      const view = viewOf(datagram);
      eachFrame(view, (typeOf, flags, seqOf, at, end) => {
        if (typeOf === NLMSG_ERROR && seqOf === seq) {
          const ack = readAck(protocol, view, typeOf, flags, at, end);
          if (ack.error !== 0) throw refusal(protocol, ack, request, sent);
          done = true;
        } else if (
          typeOf >= NLMSG_MIN_TYPE &&
          protocol.find(typeOf, familyAt(view, at + NLMSG_HDRLEN, end)) !== undefined
        ) {
          try {
            events.push(packet(read(view, typeOf, at, end)));
          } catch (error) {
            if (!(error instanceof CodecError)) throw error;
            events.push({ type: 'unreadable', bytes: datagram.slice(at, end), error });
          }
        }
      });
    }
    return events;
  };

  return monitor<PacketEvent<P>>(protocol, socket, {
    groups: [],
    signal,
    begin,
    *notice({ value }: Notice) {
      yield packet(value);
    },
    *unreadable(message) {
      yield { type: 'unreadable', ...message };
    },
    *lost() {
      yield { type: 'lost' };
    },
  });
}

/** The number of a group or queue. */
export function checkNumber(what: string, number: number): void {
  if (Number.isInteger(number) && number >= 0 && number <= 0xffff) return;
  throw new CodecError(`${what} must be a number from 0 to 65535`);
}
