/** `netlink-ts dump sockets` and `netlink-ts monitor sockets`: what ss(8) shows. */
import { openDiag } from '../diag/open.ts';
import type { SocketObject } from '../diag/socket/requests.ts';
import type { Columns } from './columns.ts';
import type { Watched } from './watched.ts';

const end = (address: string, port: number): string =>
  `${address.includes(':') ? `[${address}]` : address}:${port === 0 ? '*' : port}`;

const isInet = (socket: SocketObject): socket is Extract<SocketObject, { sport: number }> =>
  'sport' in socket;

function local(socket: SocketObject): unknown {
  if (isInet(socket)) return end(socket.src, socket.sport);
  if (socket.kind === 'unix') return socket.name?.replaceAll('\0', '@');
  if (socket.kind === 'netlink') return `${socket.protocol}:${socket.portid}`;
  if (socket.kind === 'packet') return `${socket.num}%${socket.info?.index ?? 0}`;
  return `${socket.srcCid}:${socket.srcPort}`;
}

function peer(socket: SocketObject): unknown {
  if (isInet(socket)) return end(socket.dst, socket.dport);
  if (socket.kind === 'unix') return socket.peer;
  return socket.kind === 'vsock' ? `${socket.dstCid}:${socket.dstPort}` : '';
}

const queue = (socket: SocketObject) => (socket.kind === 'unix' ? socket.rqlen : undefined);

const columns: Columns<SocketObject> = {
  KIND: ({ kind }) => kind,
  TYPE: (socket) => ('type' in socket ? socket.type : ''),
  STATE: (socket) => ('state' in socket && socket.kind !== 'netlink' ? socket.state : ''),
  RECVQ: (socket) => (isInet(socket) ? socket.rqueue : queue(socket)?.rqueue),
  SENDQ: (socket) => (isInet(socket) ? socket.wqueue : queue(socket)?.wqueue),
  LOCAL: local,
  PEER: peer,
  UID: (socket) => ('uid' in socket ? socket.uid : ''),
  INODE: (socket) => ('ino' in socket ? socket.ino : 'inode' in socket ? socket.inode : ''),
};

export const socketsListing = (netns: string | undefined) => ({
  by: [],
  columns,
  *list() {
    using diag = openDiag({ netns });
    yield* diag.sockets.dump();
  },
});

export function watchSockets(netns: string | undefined, signal: AbortSignal): Watched {
  const diag = openDiag({ netns });
  return { columns, events: diag.monitor({ signal }), close: () => diag.close() };
}
