/** The VLANs of bridge ports, as the kernel reports them. bridge(8), "bridge vlan show". */
import type { Side } from '../attach/side.ts';
import type { Request } from '../../netlink/connection.ts';
import { RTM_GETVLAN } from '../../rtnl/constants.ts';
import { vlanQuery, type Vlan, type VlanQueryInput } from '../../rtnl/vlan/message.ts';

/**
 * `native`: for untagged packets in both directions; `untagged`: leaves without a tag; `tagged`.
 */
export type Membership = 'native' | 'untagged' | 'tagged' | 'ingress';

/** The VLANs of one port. */
export function listPortVlans(host: Side, port: number): Map<number, Membership> {
  const all = vlansByPort(host, port).get(port);
  return all ?? new Map<number, Membership>();
}

/** The VLANs of all ports of all bridges, or of one port, by the port's index. */
export function vlansByPort(host: Side, port?: number): Map<number, Map<number, Membership>> {
  const ports = new Map<number, Map<number, Membership>>();
  const request: Request<Vlan, VlanQueryInput> = {
    message: vlanQuery as never,
    type: RTM_GETVLAN,
    value: { family: 'bridge', ifindex: port },
  };
  for (const { ifindex, attrs } of host.rt.list(request)) {
    const vlans = ports.get(ifindex) ?? new Map<number, Membership>();
    ports.set(ifindex, vlans);
    for (const { info, range } of attrs.entry ?? []) {
      if (info === undefined) continue;
      const [first, pvid, untagged] = [
        info.vid,
        info.flags.includes('pvid'),
        info.flags.includes('untagged'),
      ];
      const how = pvid ? (untagged ? 'native' : 'ingress') : untagged ? 'untagged' : 'tagged';
      for (let vlan = first; vlan <= (range ?? first); vlan++) vlans.set(vlan, how);
    }
  }
  return ports;
}
