/** The verbs of sockets. */
import type { Answer, Connection, Request } from '../../netlink/connection.ts';
import { ENOENT, EOPNOTSUPP } from '../../sys/errno.ts';
import { NetlinkError, netlinkError } from '../../errors.ts';
import {
  destroySocket,
  getSocket,
  isInet,
  kindsOf,
  listSockets,
  MODULES,
  socketObject,
  type InetKind,
  type SocketFilter,
  type SocketKind,
  type SocketObjects,
  type SocketSpec,
} from './requests.ts';

export interface SocketVerbs {
  /**
   * The sockets of this namespace, filtered by the kernel. Without a kind, kinds that this kernel
   * cannot list are left out.
   *
   * @throws NetlinkError ENOENT for a kind that the kernel cannot list; the error names the module
   *
   * @example sockets.list({ kind: 'tcp', states: ['established'], dst: '192.0.2.0/24' })
   */
  list<K extends SocketKind = SocketKind>(filter?: SocketFilter<K>): SocketObjects[K][];
  /** The same, one by one, without holding all of them in memory. */
  dump<K extends SocketKind = SocketKind>(filter?: SocketFilter<K>): Generator<SocketObjects[K]>;
  /** An IP socket by its addresses. ENOENT if it does not exist. */
  get<K extends InetKind>(spec: SocketSpec & { readonly kind: K }): SocketObjects[K];
  /** The same, or undefined if it does not exist. */
  find<K extends InetKind>(spec: SocketSpec & { readonly kind: K }): SocketObjects[K] | undefined;
  /**
   * Closes an IP socket of any process: the next call of its owner fails with ECONNABORTED.
   *
   * @throws NetlinkError ENOENT if it does not exist, EOPNOTSUPP if the kernel cannot do this
   *
   * @example for (const socket of sockets.list({ kind: 'tcp', src })) sockets.destroy(socket);
   */
  destroy(socket: SocketSpec): void;
  /**
   * Closes all IP sockets that match: `ss -K`. Returns their number; sockets closed meanwhile do
   * not count.
   */
  flush(filter: SocketFilter<InetKind>): number;
}

const NO_DESTROY = 'the kernel is built without INET_DIAG_DESTROY, or cannot close such sockets';

/** The error for a kind that the kernel cannot list, with advice. */
function noKind({ errno, operation }: NetlinkError, kind: SocketKind): NetlinkError {
  const advice = `this kernel cannot list sockets of ${kind}; its module may have to be loaded: modprobe ${MODULES[kind]}`;
  return netlinkError(errno, operation, { subject: kind, advice });
}

export function socketVerbs(connection: Connection): SocketVerbs {
  const isMissing = (error: unknown): error is NetlinkError =>
    error instanceof NetlinkError && error.errno === ENOENT;

  /** Calls `read` with each request; a kind that was not asked for by name may be missing. */
  function* each<T>(
    filter: SocketFilter,
    read: (request: Request, kind: SocketKind) => Iterable<T>,
  ) {
    const { kind: named, ...rest } = filter;
    for (const kind of kindsOf(filter)) {
      try {
        for (const request of listSockets(kind, rest)) yield* read(request, kind);
      } catch (error) {
        if (!isMissing(error)) throw error;
        if (named !== undefined) throw noKind(error, kind);
      }
    }
  }

  const list = <K extends SocketKind = SocketKind>(filter: SocketFilter<K> = {}) =>
    [
      ...each(filter, (request, kind) =>
        connection.list(request, { as: (value) => socketObject(kind, value) }),
      ),
    ] as SocketObjects[K][];

  const refusal = ({ error }: Answer): void => {
    if (error === undefined) return;
    const { errno, operation, subject, ack } = error;
    throw errno === EOPNOTSUPP
      ? netlinkError(errno, operation, { subject, ack, advice: NO_DESTROY })
      : error;
  };

  const get: SocketVerbs['get'] = (spec) =>
    socketObject(spec.kind, connection.get(getSocket(spec)));

  return {
    list,
    dump: <K extends SocketKind = SocketKind>(filter: SocketFilter<K> = {}) =>
      each(filter, (request, kind) =>
        connection.dump(request, { as: (value) => socketObject(kind, value) }),
      ) as Generator<SocketObjects[K]>,
    get,
    find(spec) {
      try {
        return get(spec);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    destroy: (socket) => connection.batch([destroySocket(socket)]).forEach(refusal),
    flush(filter) {
      const kinds = kindsOf(filter).filter(isInet);
      const found = list({
        ...filter,
        kind: filter.kind === undefined ? undefined : kinds,
        show: [],
      });
      const answers = connection.batch(found.map((each) => destroySocket(each as SocketSpec)));
      let count = 0;
      for (const answer of answers) {
        if (answer.error === undefined) count++;
        // It has been closed, or is left over without an owner (TIME_WAIT).
        else if (answer.error.errno !== ENOENT) refusal(answer);
      }
      return count;
    },
  };
}
