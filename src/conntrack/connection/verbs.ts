/** The verbs of connections. */
import type { Connection } from '../../netlink/connection.ts';
import { ENOENT } from '../../sys/errno.ts';
import { NetlinkError } from '../../errors.ts';
import {
  addConnection,
  connectionObject,
  deleteConnection,
  flushConnections,
  getConnection,
  listConnections,
  matcher,
  setConnection,
  type ConnectionFilter,
  type ConnectionName,
  type ConnectionObject,
  type ConnectionSpec,
} from './requests.ts';

export interface ConnectionVerbs {
  /**
   * The connections of this namespace.
   *
   * @example connections.list({ orig: { src: '192.0.2.0/24', protonum: 'udp', dport: 53 } })
   */
  list(filter?: ConnectionFilter): ConnectionObject[];
  /** The same, one by one, without holding all of them in memory. */
  dump(filter?: ConnectionFilter): Iterable<ConnectionObject>;
  /** One connection, by its addresses in one direction. ENOENT if it does not exist. */
  get(name: ConnectionName): ConnectionObject;
  /** The same, or undefined if it does not exist. */
  find(name: ConnectionName): ConnectionObject | undefined;
  /** Creates a connection. EEXIST if there is one with these addresses. */
  add(spec: ConnectionSpec): void;
  /** Changes `timeout`, `mark`, `status`, `labels` or `protoinfo`. ENOENT if it does not exist. */
  set(spec: ConnectionSpec): void;
  /**
   * Deletes a connection, so that its next packet begins a new one. ENOENT if it does not exist.
   */
  delete(name: ConnectionName): void;
  /**
   * Deletes all that match, and returns their number; undefined if a complete family was flushed.
   */
  flush(filter?: ConnectionFilter): number | undefined;
}

export function connectionVerbs(connection: Connection): ConnectionVerbs {
  const list = (filter: ConnectionFilter = {}): ConnectionObject[] => {
    const matches = matcher(filter);
    return connection.list(listConnections(filter), { as: connectionObject }).filter(matches);
  };
  const get = (name: ConnectionName): ConnectionObject =>
    connectionObject(connection.get(getConnection(name)));
  const isMissing = (error: unknown): boolean =>
    error instanceof NetlinkError && error.errno === ENOENT;
  return {
    list,
    dump(filter = {}) {
      const matches = matcher(filter);
      const as = (value: Parameters<typeof connectionObject>[0]): ConnectionObject | undefined => {
        const object = connectionObject(value);
        return matches(object) ? object : undefined;
      };
      return connection.dump(listConnections(filter), { as });
    },
    get,
    find(name) {
      try {
        return get(name);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },
    add: (spec) => void connection.request(addConnection(spec)),
    set: (spec) => void connection.request(setConnection(spec)),
    delete: (name) => void connection.request(deleteConnection(name)),
    flush(filter = {}) {
      const { family, ...rest } = filter;
      if (Object.values(rest).every((value) => value === undefined)) {
        connection.request(flushConnections(family));
        return undefined;
      }
      // By number: another connection may have taken the addresses.
      const found = list(filter).map(({ orig, id, zone }) => deleteConnection({ orig, id, zone }));
      let count = 0;
      for (const { error } of connection.batch(found)) {
        if (error === undefined) count++;
        else if (!isMissing(error)) throw error;
      }
      return count;
    },
  };
}
