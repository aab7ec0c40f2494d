/** A WireGuard link with a new key and one peer, whose networks are routed to it. */
import { generateKeyPairSync } from 'node:crypto';
import { open } from '../src/rtnl/index.ts';
import { openWireguard } from '../src/wireguard/index.ts';

/** Keys of WireGuard are those of Curve25519. */
function newKey(): { readonly privateKey: string; readonly publicKey: string } {
  const { d, x } = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  const base64 = (text = ''): string => Buffer.from(text, 'base64url').toString('base64');
  return { privateKey: base64(d), publicKey: base64(x) };
}

using rt = open();
rt.links.add({ ifname: 'wg0', kind: 'wireguard' });
rt.addrs.add({ dev: 'wg0', local: '10.8.0.1/24' });

using wg = openWireguard();
const ours = newKey();
const peer = newKey();
wg.devices.set('wg0', { privateKey: ours.privateKey, listenPort: 51820 });
wg.devices.addPeer('wg0', {
  publicKey: peer.publicKey,
  endpoint: { address: '192.0.2.7', port: 51820 },
  allowedIps: ['10.8.0.7', '10.9.0.0/16'],
  persistentKeepalive: 25,
});
rt.links.up('wg0');
rt.routes.add({ dst: '10.9.0.0/16', dev: 'wg0' });

const { publicKey, listenPort, peers } = wg.devices.get('wg0');
console.log(`the key is ours: ${publicKey === ours.publicKey}, port ${listenPort}`);
for (const { endpoint, allowedIps } of peers) {
  console.log(`${endpoint?.address}:${endpoint?.port}`, [...allowedIps].sort().join(' '));
}
