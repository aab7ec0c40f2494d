/**
 * The ipvlan plugin over the reference's `dhcp`: a server on the wire hears when an address is not
 * needed any more.
 */
import { dirname } from 'node:path';
import { DHCPRELEASE, dhcpDaemon, dhcpRequests, dhcpServer } from '../../harness/dhcp.ts';
import { freshNamespace } from '../../harness/namespace.ts';
import { needs } from '../../harness/needs.ts';
import { succeeded } from '../../harness/node.ts';
import { referencePlugin } from '../../harness/plugin.ts';
import { ipvlanNode } from '../../plugins/ipvlan/node.ts';

for (const [whose, binary] of [
  ['Debian', '/usr/lib/cni/dhcp'],
  ['v1.10.0', referencePlugin('dhcp')],
] as const) {
  needs('ipvlan', 'veth').serial(
    `ipvlan with dhcp of ${whose}: DEL gives the address back over the interface`,
    async (t) => {
      const node = ipvlanNode(t, 'veth');
      const world = node.world!;
      world.exec('ip', 'addr', 'add', '10.88.0.1/24', 'dev', 'wire0');
      await dhcpServer(t, world, 'wire0');
      const daemonSocketPath = await dhcpDaemon(t, node.host, binary);
      const config = node.config({ mode: 'l2', ipam: { type: 'dhcp', daemonSocketPath } }, []);
      const container = freshNamespace(t);
      const call = { netns: container.path, path: dirname(binary) };
      const { ips } = succeeded(node.call('ADD', config, call));
      const heard = dhcpRequests(t, world);
      t.is(node.call('DEL', { ...config, prevResult: { cniVersion: '1.0.0', ips } }, call).code, 0);
      const client = ips[0]!.address.split('/')[0]!;
      const released = heard().filter(({ type }) => type === DHCPRELEASE);
      t.true(released.length > 0);
      for (const message of released) t.is(message.client, client);
      t.is(container.ip('link').length, 1);
    },
  );
}
