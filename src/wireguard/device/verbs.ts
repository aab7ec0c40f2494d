/** The verbs of WireGuard links. */
import { ENODEV, EOPNOTSUPP } from '../../sys/errno.ts';
import { CodecError, NetlinkError, netlinkError } from '../../errors.ts';
import type { FamilyConnection } from '../../genl/open.ts';
import {
  deviceMessages,
  deviceName,
  deviceObject,
  type DeviceObject,
  type DeviceSpec,
  type PeerSpec,
} from './requests.ts';
import type { wgdevice } from './message.ts';

/** A link is given by name or index. It is created like any other: kind `wireguard`. */
export interface DeviceVerbs {
  /**
   * A WireGuard link with all its peers: `wg show wg0 dump`.
   *
   * @throws NetlinkError ENODEV if there is no such link, EOPNOTSUPP if it is of another kind
   */
  get(dev: string | number): DeviceObject;
  /** The same, or undefined if there is no such link. */
  find(dev: string | number): DeviceObject | undefined;
  /**
   * Changes a link: `wg set`, or with `replacePeers` and all keys `wg setconf`. Any number of peers
   * and networks: what does not fit into one message is split into several.
   *
   * @example devices.set('wg0', { privateKey, listenPort: 51820, peers, replacePeers: true })
   */
  set(dev: string | number, spec: DeviceSpec): void;
  /** Adds a peer, or changes the one with this key. */
  addPeer(dev: string | number, peer: PeerSpec): void;
  /** Removes a peer by its public key; it is not an error if it does not exist. */
  removePeer(dev: string | number, publicKey: string): void;
}

type Wireguard = FamilyConnection<typeof wgdevice>;

/** The kernel says no more than the errno. */
function explained(error: unknown, dev: string | number): unknown {
  if (!(error instanceof NetlinkError)) return error;
  const advice = ADVICE[error.errno];
  if (advice === undefined) return error;
  const { errno, operation, ack, index } = error;
  return netlinkError(errno, operation, { subject: String(dev), ack, index, advice });
}
const ADVICE: Readonly<Record<number, string>> = {
  [ENODEV]: 'there is no link of this name',
  [EOPNOTSUPP]: 'the link is not of kind wireguard',
};

export function deviceVerbs(connection: Wireguard): DeviceVerbs {
  const get: DeviceVerbs['get'] = (dev) => {
    try {
      return deviceObject(
        connection.list(connection.command('WG_CMD_GET_DEVICE', deviceName(dev))),
      );
    } catch (error) {
      throw explained(error, dev);
    }
  };
  const set: DeviceVerbs['set'] = (dev, spec) => {
    const requests = deviceMessages(dev, spec).map((attrs) =>
      connection.command('WG_CMD_SET_DEVICE', attrs),
    );
    for (const { error } of connection.batch(requests)) {
      if (error !== undefined) throw explained(error, dev);
    }
  };
  return {
    get,
    find(dev) {
      try {
        return get(dev);
      } catch (error) {
        if (error instanceof NetlinkError && error.errno === ENODEV) return undefined;
        throw error;
      }
    },
    set,
    addPeer(dev, peer) {
      if (peer.remove === true) throw new CodecError('addPeer: a peer with remove: use removePeer');
      set(dev, { peers: [peer] });
    },
    removePeer: (dev, publicKey) => set(dev, { peers: [{ publicKey, remove: true }] }),
  };
}
