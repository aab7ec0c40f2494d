/** Opens the handle of a family: a connection in a network namespace, with the family's verbs. */
import type { Protocol } from './codec/protocol.ts';
import { checkArguments } from './codec/arguments.ts';
import { connect, type Connection, type ConnectionOptions } from './connection.ts';
import { currentNamespace, openNamespace, socketIn, type Namespace } from './namespace.ts';
import type { Socket, SocketOptions } from './socket.ts';

/** The options of every monitor, besides what to watch. */
export interface MonitorOptions {
  /** Aborting it ends the loop at once, without an error. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Bytes of notifications that the kernel buffers for a slow reader; default 1 MiB, as far as the
   * system allows.
   */
  readonly receiveBuffer?: number | undefined;
}

/** The default of `receiveBuffer`. */
export const MONITOR_BUFFER = 1 << 20;

export interface OpenOptions extends ConnectionOptions {
  /**
   * A namespace, its `ip netns` name or its path; without it, the namespace of the calling thread.
   */
  readonly netns?: Namespace | string | undefined;
}

export interface Closable {
  close(): void;
  [Symbol.dispose](): void;
}

/** Opens another socket of the family in the namespace of the handle, for notifications. */
export type OpenSocket = (options?: SocketOptions) => Socket;

/**
 * Opens a connection, and adds the verbs to it. `operation` is the public function, for errors.
 *
 * @throws NetlinkError ENOENT for a namespace that does not exist, EPERM to enter it
 * @throws CodecError for options of the wrong type
 */
export function openHandle<H extends object>(
  operation: string,
  protocol: Protocol,
  options: OpenOptions,
  verbs: (connection: Connection, openSocket: OpenSocket) => H,
): H & Closable {
  checkOpen(operation, options);
  const { netns } = options;
  // Monitors are opened later, when the thread may be in another namespace and the name may stand
  // for another.
  const namespace =
    netns === undefined
      ? currentNamespace()
      : openNamespace(typeof netns === 'string' ? netns : `/proc/self/fd/${netns.fd}`);
  const openSocket: OpenSocket = (socket) => socketIn(namespace, protocol.number, socket);
  try {
    const connection = connect(protocol, openSocket(), options);
    const close = (): void => {
      connection.close();
      namespace.close();
    };
    return { ...verbs(connection, openSocket), close, [Symbol.dispose]: close };
  } catch (error) {
    namespace.close();
    throw error;
  }
}

function checkOpen(operation: string, options: OpenOptions): void {
  checkArguments(operation, 'options: object', [options]);
  const { timeout, dumpRetries, netns } = options;
  checkArguments(operation, 'timeout?: number, dumpRetries?: number, netns?: string | object', [
    timeout,
    dumpRetries,
    netns,
  ]);
}
