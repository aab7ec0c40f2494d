/** The host's namespace and the container's, each with one rtnetlink connection. */
import { viewOf } from '../../netlink/codec/bytes.ts';
import type { Connection, Request } from '../../netlink/connection.ts';
import { connect } from '../../netlink/connection.ts';
import type { Deadline } from '../../sys/deadline.ts';
import { EINVAL, ENOBUFS } from '../../sys/errno.ts';
import type { NetlinkError } from '../../errors.ts';
import { eachFrame } from '../../netlink/codec/datagram.ts';
import type { Protocol } from '../../netlink/codec/protocol.ts';
import { payloadReader } from '../../netlink/reply.ts';
import {
  currentNamespace,
  inNamespace,
  openNamespace,
  socketIn,
  type Namespace,
} from '../../netlink/namespace.ts';
import type { Socket } from '../../netlink/socket.ts';
import { CniError, INTERNAL, INVALID_ENVIRONMENT_VARIABLES } from '../../cni/errors.ts';
import { netnsExists, noNetns } from '../../cni/netns.ts';
import type { Invocation } from '../../cni/skel.ts';
import type { Transaction } from './transaction.ts';
import { attachProtocol } from '../wire/rtnl.ts';

/** One namespace and the connection in it. */
export interface Side {
  readonly rt: Connection;
  readonly namespace: Namespace;
  /** Runs a synchronous function in the namespace, for files below /proc/sys. */
  within<T>(inside: () => T): T;
  close(): void;
}

/**
 * Opens a connection in the namespace at a path. `protocol` is rtnetlink with the attributes that
 * answers may have. Only entering a namespace shows whether it is a network namespace: files of all
 * kinds of namespaces are in the same file system.
 */
export function side(path: string, protocol: Protocol): Side {
  const namespace = openNamespace(path);
  try {
    return sideOf(namespace, connect(protocol, socketIn(namespace, protocol.number)));
  } catch (error) {
    namespace.close();
    if ((error as NetlinkError).errno !== EINVAL) throw error;
    throw noNetns(path, `${JSON.stringify(path)} is no network namespace`, error);
  }
}

/**
 * The container's side for DEL; undefined when its namespace is gone. A path that is no longer a
 * namespace, such as the empty file that unmounting leaves, counts as gone.
 */
export function reach(
  { netns, warn }: Pick<Invocation, 'netns' | 'warn'>,
  protocol: Protocol,
): Side | undefined {
  try {
    return netnsExists(netns) ? side(netns, protocol) : undefined;
  } catch (error) {
    if ((error as CniError).code !== INVALID_ENVIRONMENT_VARIABLES) throw error;
    warn(`DEL goes on without the namespace: ${(error as Error).message}`);
    return undefined;
  }
}

/** The namespace that this process runs in. */
export const hostSide = (protocol: Protocol): Side =>
  sideOf(currentNamespace(), connect(protocol, socketIn(undefined, protocol.number)));

const sideOf = (namespace: Namespace, rt: Connection): Side => ({
  rt,
  namespace,
  within: (inside) => inNamespace(namespace, inside),
  close() {
    rt.close();
    namespace.close();
  },
});

/**
 * Closes all connections, and throws the first error. A descriptor is closed even when close(2)
 * reports an error.
 */
export function closeAll(...sides: readonly Side[]): void {
  let failure: unknown;
  for (const each of sides) {
    try {
      each.close();
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
}

/** Requests by name. */
export type Requests<K extends string = string> = Partial<Record<K, Request | undefined>>;

/** The answer to each request. */
export type Replies<R> = {
  readonly [K in keyof R]?: NonNullable<R[K]> extends Request<infer T, any> ? T : never;
};

/** The outcome of the requests: `failed` has the error of each request that the kernel refused. */
export interface Outcome<K extends string, V = unknown> {
  /** The errno of each error, where no message is needed. */
  readonly errno: Partial<Record<K, number>>;
  readonly failed: Partial<Record<K, NetlinkError>>;
  readonly replies: V;
}

/** Sends several requests in one datagram, in order. */
export function send<R extends Requests>(
  rt: Connection,
  requests: R,
): Outcome<keyof R & string, Replies<R>> {
  const names: string[] = [];
  const wanted: Request[] = [];
  for (const name in requests) {
    const request = requests[name];
    if (request === undefined) continue;
    names.push(name);
    wanted.push(request);
  }
  const errno: Record<string, number> = {};
  const failed: Record<string, NetlinkError> = {};
  const replies: Record<string, unknown> = {};
  const outcome = { errno, failed, replies } as Outcome<keyof R & string, Replies<R>>;
  if (names.length === 0) return outcome;
  const answers = rt.batch(wanted);
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!;
    const answer = answers[i]!;
    if (answer.errno !== 0) {
      errno[name] = answer.errno;
      Object.defineProperty(failed, name, { get: () => answer.error, enumerable: true });
    } else if (answer.replies.length > 0) replies[name] = answer.replies[0];
  }
  return outcome;
}

/** Throws the kernel's error, with a sentence in front of its message. */
export function refuse(error: NetlinkError | undefined, sentence: string): void {
  if (error !== undefined) throw because(sentence, error);
}

export const because = (sentence: string, error: NetlinkError): CniError =>
  new CniError(INTERNAL, `${sentence}: ${error.message}`, '', error);

/** One notification. */
export interface News {
  /** RTM_*. */
  readonly type: number;
  readonly payload: unknown;
}

/**
 * Subscribes to notifications, until the end or until ADD is undone. The socket must not be used
 * for requests meanwhile: an answer may be lost among the notifications, and the sender would not
 * know what it has done.
 */
export function listen(
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
export function nextNews(socket: Socket, deadline: Deadline): News[] {
  const view = viewOf(socket.receive(deadline));
  const readPayload = payloadReader(attachProtocol);
  const news: News[] = [];
  eachFrame(view, (type, _flags, _seq, at, end) => {
    news.push({ type, payload: readPayload(view, type, at, end) });
  });
  return news;
}
