/**
 * Connection tracking as far as DEL and GC need it: a message that is read and written by a table,
 * with the declared values.
 */
import type {
  ConntrackConnection,
  ConntrackConnectionInput,
} from '../../conntrack/connection/message.ts';
import { connectionSubject } from '../../conntrack/connection/subject.ts';
import * as c from '../../conntrack/constants.ts';
import type { Family } from '../../ip.ts';
import type { Message } from '../../netlink/codec/message.ts';
import type { Picked } from '../../netlink/codec/pick.ts';
import { protocolOf } from '../../netlink/codec/protocol.ts';
import { connect, type Connection, type Request } from '../../netlink/connection.ts';
import { NETLINK_NETFILTER } from '../../netlink/constants.ts';
import { socketIn } from '../../netlink/namespace.ts';
import { message } from './interpreter.ts';
import type { ct } from './picks.ts';
import * as tables from './tables-ct.ts';

type Tracked = Picked<ConntrackConnection, keyof (typeof ct)['connection']>;
type TrackedRequest = Request<Tracked, ConntrackConnectionInput>;

export const connection: Message<Tracked, ConntrackConnectionInput> = message(
  tables.connection,
  connectionSubject,
);

const ctProtocol = protocolOf('NETLINK_NETFILTER', NETLINK_NETFILTER, [connection]);

/** Throws on a kernel without netfilter. */
export const connectCt = (): Connection =>
  connect(ctProtocol, socketIn(undefined, ctProtocol.number));

/**
 * Lists connections from an address, or answers from it. From Linux 5.8 on the kernel compares IPv4
 * addresses; IPv6 addresses it compares the wrong way round. So the caller looks at all of them.
 */
export function listConnectionsOf(family: Family, src: string, way: Way): TrackedRequest {
  const flags = (each: Way): readonly 'src'[] => (each === way ? ['src'] : []);
  const tuple = { ip: { v4Src: src } };
  const exact = {
    ...(way === 'tupleOrig' ? { tupleOrig: tuple } : { tupleReply: tuple }),
    filter: { origFlags: flags('tupleOrig'), replyFlags: flags('tupleReply') },
  };
  return {
    message: connection,
    type: c.IPCTNL_MSG_CT_GET,
    value: { family, attrs: family === 'inet' ? exact : {} },
  };
}

/** The direction in which an address is the source. */
export type Way = 'tupleOrig' | 'tupleReply';

/** Whether the address is the source in this direction. */
export function isFrom({ attrs }: Tracked, src: string, way: Way): boolean {
  const { v4Src, v6Src } = attrs[way]?.ip ?? {};
  return (v4Src ?? v6Src) === src;
}

/** Deletes exactly this one: another connection may have taken its addresses. */
export const deleteConnection = ({ family, attrs }: Tracked): TrackedRequest => ({
  message: connection,
  type: c.IPCTNL_MSG_CT_DELETE,
  value: { family, attrs: { tupleOrig: attrs.tupleOrig, id: attrs.id, zone: attrs.zone } },
});
