/**
 * `netlink-ts/wireguard`: WireGuard links with their keys and peers, as wg(8) shows and sets them.
 *
 * @example
 * using wg = openWireguard();
 * for (const { publicKey, endpoint } of wg.devices.get('wg0').peers) …
 */
export * from './constants.ts';
export type { Endpoint } from './device/endpoint.ts';
export { wgdevice, type Wgdevice, type WgdeviceInput } from './device/message.ts';
export type { DeviceObject, DeviceSpec, PeerObject, PeerSpec } from './device/requests.ts';
export type { DeviceVerbs } from './device/verbs.ts';
export { openWireguard, type OpenOptions, type Wireguard } from './open.ts';
export { wireguard } from './wireguard.ts';
export type { FamilyConnection } from '../genl/open.ts';
export type * from '../netlink/named.ts';
