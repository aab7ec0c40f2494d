/**
 * Links by name or index, and the target of verbs: a connection, or a batch being written. Both
 * resolve names before anything is sent, as `ip` does.
 */
import type { Answer, Connection, Request } from '../netlink/connection.ts';
import { ClosedError, NetlinkError } from '../errors.ts';
import { openNamespace, type Namespace } from '../netlink/namespace.ts';
import { linkRequests } from './link/requests.ts';
import { link, type Link, type LinkInput } from './link/message.ts';

/** A link by name, alternative name or index. */
export type Dev = string | number;

// Interfaces, because the compiler shows their names in errors about a spec.
/** The interface, port or bridge by name or index. */
export interface WithDev {
  readonly dev: Dev;
}
/** The interface by its index, where the kernel calls it that. */
export interface WithIndex {
  readonly index: number;
}
/** The interface by its index, where the kernel calls it `ifindex`. */
export interface WithIfindex {
  readonly ifindex: number;
}

/** The result of a change. */
export interface Done extends Pick<Answer, 'warning'> {}

/** The result of `ensure`. */
export interface Ensured extends Done {
  /** Whether it was created. */
  readonly created: boolean;
}

export interface Target extends Pick<Connection, 'get' | 'list' | 'dump'> {
  /** Sends a change, or adds it to the batch. */
  request<T, I>(request: Request<T, I>): Done;
  /**
   * The index of a link; an index and undefined are returned as they are. Throws ENODEV for an
   * unknown name.
   */
  indexOf<D extends Dev | undefined>(dev: D): number | Extract<D, undefined>;
  /**
   * Calls `use` with a descriptor of the namespace, which stays open at least until the request has
   * been sent.
   */
  inNetns<T>(netns: Namespace | string, use: (fd: number) => T): T;
}

/**
 * Gets a link, without its counters. ENODEV if it does not exist.
 *
 * @throws CodecError if `dev` is neither a name nor an index; NetlinkError ENODEV if it does not
 *   exist, when it is sent
 */
export const getLink: (dev: Dev) => Request<Link, LinkInput> = linkRequests(link).getLink;

/** A connection as the target of verbs. */
export function direct(connection: Connection): Target {
  const { get, list, dump } = connection;
  return {
    ...{ get, list, dump },
    request(request) {
      const { warning } = connection.request(request);
      return warning === undefined ? {} : { warning };
    },
    indexOf: ((dev: Dev | undefined) =>
      dev === undefined || typeof dev === 'number'
        ? dev
        : get(getLink(dev)).index) as Target['indexOf'],
    inNetns(netns, use) {
      if (typeof netns !== 'string') return use(netns.fd);
      using opened = openNamespace(netns);
      return use(opened.fd);
    },
  };
}

/** A batch being written. */
export interface Plan extends Target {
  readonly requests: readonly Request[];
  /** Ends the batch, and closes the namespaces that `inNetns` opened. */
  release(): void;
}

/**
 * Collects requests for one send. Queries are sent at once. A link of this batch is known by its
 * name if it is added with an index.
 */
export function plan(connection: Connection): Plan {
  const { get, list, dump } = connection;
  const ask = direct(connection);
  const requests: Request[] = [];
  const opened: Namespace[] = [];
  const made = new Map<string, number>();
  let open = true;
  const mustBeWritten = (): void => {
    if (!open) throw new ClosedError('batch');
  };
  return {
    ...{ get, list, dump, requests },
    request(request) {
      mustBeWritten();
      requests.push(request);
      const { index, attrs } = request.value as LinkInput;
      if (request.message === (link as unknown) && index && attrs?.ifname !== undefined) {
        made.set(attrs.ifname, index);
      }
      return {};
    },
    indexOf: ((dev: Dev | undefined) =>
      made.get(String(dev)) ?? ask.indexOf(dev)) as Target['indexOf'],
    inNetns(netns, use) {
      mustBeWritten();
      if (typeof netns !== 'string') return use(netns.fd);
      const namespace = openNamespace(netns);
      opened.push(namespace);
      return use(namespace.fd);
    },
    release() {
      open = false;
      for (const each of opened) each.close();
    },
  };
}

/**
 * A spec or a filter with the index of the interface in place of `dev`, under the key that the
 * kernel's message has for it.
 */
export function onInterface<T>(target: Target, key: 'index' | 'ifindex' | 'oif', spec: object): T {
  const { dev, ...rest } = spec as { readonly dev?: Dev | undefined };
  return (dev === undefined ? rest : { ...rest, [key]: target.indexOf(dev) }) as T;
}

/** The result of `act`; undefined if the kernel refuses it with one of these errnos. */
export function unlessRefused<T>(act: () => T, ...errnos: readonly number[]): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof NetlinkError && errnos.includes(error.errno)) return undefined;
    throw error;
  }
}
