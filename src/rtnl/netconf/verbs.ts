/**
 * Forwarding settings in the terms of `ip netconf`: the requests, and the verbs that send them.
 * ip-netconf(8). They are changed in /proc/sys/net, and monitors report that.
 */
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { DumpIterator, Request } from '../../netlink/connection.ts';
import { RTM_GETNETCONF } from '../constants.ts';
import type { Dev, Target } from '../dev.ts';
import { netconf, type Netconf, type NetconfInput } from './message.ts';

/** The settings of one family on one interface. */
export interface NetconfObject extends Omit<Netconf['attrs'], 'ifindex'> {
  readonly family: Netconf['family'];
  /** Index of the interface; `all` of them, or the `default` of new ones. */
  readonly ifindex: 'all' | 'default' | number;
}

export const netconfObject = ({ attrs: { ifindex = 'all', ...rest }, ...head }: Netconf) =>
  ({ ...head, ...rest, ifindex }) as NetconfObject;

type NetconfRequest = Request<Netconf, NetconfInput>;
type NetconfFamily = 'inet' | 'inet6' | 'mpls';

/** Filters a list in the kernel. */
export interface NetconfFilter {
  readonly family?: NetconfFamily | undefined;
}

/**
 * Lists the settings of all interfaces.
 *
 * @throws CodecError for a wrong argument
 */
export const listNetconfs = checkedFunction(
  'listNetconfs',
  'filter?: object',
  ({ family }: NetconfFilter = {}): NetconfRequest => ({
    message: netconf,
    type: RTM_GETNETCONF,
    value: { family },
  }),
);

/**
 * Gets the settings of an interface. ENODEV if it does not exist; EINVAL without the family.
 *
 * @throws CodecError for a wrong argument; NetlinkError ENODEV for an interface that does not
 *   exist, EINVAL without the family, when it is sent
 */
export const getNetconf = checkedFunction(
  'getNetconf',
  'ifindex: string | number, family?: string',
  (ifindex: 'all' | 'default' | number, family: NetconfFamily = 'inet'): NetconfRequest => ({
    message: netconf,
    type: RTM_GETNETCONF,
    value: { family, attrs: { ifindex } },
  }),
);

export interface NetconfVerbs {
  /** The settings of all interfaces, and of `all` and `default`, by family. */
  list(filter?: NetconfFilter): NetconfObject[];
  /** The same, one by one, without holding all of them in memory; see `Connection.dump`. */
  dump(filter?: NetconfFilter): DumpIterator<NetconfObject>;
  /**
   * The settings of an interface, of `all`, or the `default` of new ones; for IPv4 if `family` is
   * left out.
   *
   * @example netconfs.get('eth0', 'inet6').forwarding
   */
  get(dev: Dev, family?: NetconfFamily): NetconfObject;
}

export function netconfs(target: Target): NetconfVerbs {
  const which = (dev: Dev): 'all' | 'default' | number =>
    dev === 'all' || dev === 'default' ? dev : target.indexOf(dev);
  return {
    list: (filter) => target.list(listNetconfs(filter)).map(netconfObject),
    dump: (filter) => target.dump(listNetconfs(filter), { as: netconfObject }),
    get(dev, family) {
      return netconfObject(target.get(getNetconf(which(dev), family)));
    },
  };
}
