/** `netlink-ts dump wireguard`: what wg(8) shows, a row for each link. */
import { open } from '../rtnl/open.ts';
import type { DeviceObject, PeerObject } from '../wireguard/device/requests.ts';
import { openWireguard } from '../wireguard/open.ts';
import type { Columns } from './columns.ts';

const sum = (peers: readonly PeerObject[], key: 'transferRx' | 'transferTx'): bigint =>
  peers.reduce((bytes, peer) => bytes + peer[key], 0n);

const columns: Columns<DeviceObject> = {
  LINK: ({ ifname }) => ifname,
  'PUBLIC-KEY': ({ publicKey }) => publicKey,
  PORT: ({ listenPort }) => listenPort,
  FWMARK: ({ fwmark }) => (fwmark === 0 ? '' : fwmark),
  PEERS: ({ peers }) => peers.length,
  'ALLOWED-IPS': ({ peers }) => peers.flatMap(({ allowedIps }) => allowedIps),
  RX: ({ peers }) => sum(peers, 'transferRx'),
  TX: ({ peers }) => sum(peers, 'transferTx'),
};

export const wireguardListing = (netns: string | undefined) => ({
  by: [],
  columns,
  *list() {
    using rt = open({ netns });
    using wg = openWireguard({ netns });
    for (const { index } of rt.links.list({ kind: 'wireguard' })) {
      // A link may have gone in between.
      const device = wg.devices.find(index);
      if (device !== undefined) yield device;
    }
  },
});
