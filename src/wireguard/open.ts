/** Opens WireGuard. */
import { openFamily, type FamilyConnection } from '../genl/open.ts';
import { checked } from '../netlink/codec/arguments.ts';
import type { OpenOptions } from '../netlink/handle.ts';
import type { wgdevice } from './device/message.ts';
import { deviceVerbs, type DeviceVerbs } from './device/verbs.ts';
import { wireguard } from './wireguard.ts';

export type { OpenOptions } from '../netlink/handle.ts';

export interface Wireguard extends FamilyConnection<typeof wgdevice> {
  readonly devices: DeviceVerbs;
}

/**
 * Opens WireGuard. It needs CAP_NET_ADMIN in the namespace.
 *
 * @throws NetlinkError ENOENT if the kernel lacks it; the error names the module to load
 * @throws CodecError for options of the wrong type
 *
 * @example
 * using wg = openWireguard();
 * wg.devices.addPeer('wg0', { publicKey, allowedIps: ['192.0.2.7'], persistentKeepalive: 25 });
 */
export const openWireguard = (options: OpenOptions = {}): Wireguard =>
  openFamily('openWireguard', wireguard, options, (connection) => ({
    ...connection,
    devices: checked('devices', deviceVerbs(connection), {
      get: DEV,
      find: DEV,
      set: `${DEV}, spec: object`,
      addPeer: `${DEV}, peer: object`,
      removePeer: `${DEV}, publicKey: string`,
    }),
  }));

const DEV = 'dev: string | number';
