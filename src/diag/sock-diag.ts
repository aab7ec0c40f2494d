/** All messages of socket diagnostics, `NETLINK_SOCK_DIAG`. */
import { NETLINK_SOCK_DIAG } from '../netlink/constants.ts';
import { protocol } from '../netlink/codec/message.ts';
import { inet6Request, inet6Socket, inetRequest, inetSocket } from './inet/message.ts';
import { netlinkRequest, netlinkSocket } from './netlink/message.ts';
import { packetRequest, packetSocket } from './packet/message.ts';
import { unixRequest, unixSocket } from './unix/message.ts';
import { vsockRequest, vsockSocket } from './vsock/message.ts';

export const sockDiag = protocol('NETLINK_SOCK_DIAG', NETLINK_SOCK_DIAG, [
  inetRequest,
  inet6Request,
  inetSocket,
  inet6Socket,
  unixRequest,
  unixSocket,
  netlinkRequest,
  netlinkSocket,
  packetRequest,
  packetSocket,
  vsockRequest,
  vsockSocket,
]);
