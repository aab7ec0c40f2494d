/** The host's namespace and the container's, each with one rtnetlink connection. */
import type { Connection } from '../../netlink/connection.ts';
import { connect } from '../../netlink/connection.ts';
import { EINVAL } from '../../sys/errno.ts';
import type { NetlinkError } from '../../errors.ts';
import type { Protocol } from '../../netlink/codec/protocol.ts';
import {
  currentNamespace,
  inNamespace,
  openNamespace,
  scratchNamespace,
  socketIn,
  type Namespace,
} from '../../netlink/namespace.ts';
import type { CniError } from '../../cni/errors.ts';
import { INVALID_ENVIRONMENT_VARIABLES } from '../../cni/errors.ts';
import { netnsExists, noNetns } from '../../cni/netns.ts';
import type { Invocation } from '../../cni/skel.ts';

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
    throw noNetns(path, `${JSON.stringify(path)} is not a network namespace`, error);
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

/** A namespace that nobody else sees, and that ends when it is closed. */
export function scratchSide(protocol: Protocol): Side {
  const namespace = scratchNamespace();
  try {
    return sideOf(namespace, connect(protocol, socketIn(namespace, protocol.number)));
  } catch (error) {
    namespace.close();
    throw error;
  }
}

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
