/** A connection to rtnetlink, in this or another network namespace, with the verbs on it. */
import { connect, type Connection, type ConnectionOptions } from '../netlink/connection.ts';
import { openNamespace, socketIn, type Namespace } from '../netlink/socket/namespace.ts';
import { addrs, type Addrs } from './addrs.ts';
import { links, type Links } from './links.ts';
import { rtnetlink } from './protocol.ts';
import { routes, type Routes } from './routes.ts';

export interface OpenOptions extends ConnectionOptions {
  /** A namespace, its `ip netns` name or its path; left out: the one this thread is in. */
  readonly netns?: Namespace | string | undefined;
}

export interface Rtnl extends Connection {
  readonly links: Links;
  readonly addrs: Addrs;
  readonly routes: Routes;
}

/**
 * Opens rtnetlink. Nothing needs root but changes.
 *
 * @example
 * using rt = open();
 * for (const link of rt.links.list()) console.log(link.index, link.ifname);
 */
export function open(options: OpenOptions = {}): Rtnl {
  const { netns } = options;
  const own = typeof netns === 'string' ? openNamespace(netns) : undefined;
  try {
    const namespace = own ?? (netns as Namespace | undefined);
    return verbs(connect(rtnetlink, socketIn(namespace, rtnetlink.number), options));
  } finally {
    // The socket stays in the namespace for ever; its file is not needed any more.
    own?.close();
  }
}

/** Puts the verbs on a connection. */
export const verbs = (connection: Connection): Rtnl => ({
  ...connection,
  links: links(connection),
  addrs: addrs(connection),
  routes: routes(connection),
});
