/**
 * The commands of `ip`, `bridge` and `nft` with the call that does the same, for the page
 * docs/commands.md. The kernel tests run each in a namespace of its own and compare what the kernel
 * has afterwards (test/kernel/docs/commands.test.ts).
 */
import { accept, drop, ip, masquerade, meta, rule, tcp } from '../src/nftables/index.ts';
import type { Nftables } from '../src/nftables/open.ts';
import type { Rtnl } from '../src/rtnl/open.ts';

export interface Handles {
  readonly rt: Rtnl;
  readonly nft: Nftables;
}

export interface Pair {
  readonly command: string;
  readonly call: (handles: Handles) => unknown;
}

/** Commands that follow each other in one namespace. */
export interface Scene {
  readonly title: string;
  /** What a kernel must have, as tests name it. */
  readonly needs: readonly (
    'bridge' | 'veth' | 'vlan' | 'vlan-filtering' | 'vxlan' | 'dummy' | 'nftables-inet'
  )[];
  /** Commands that come before, on both sides. */
  readonly before: readonly string[];
  readonly pairs: readonly Pair[];
}

const pair = (command: string, call: Pair['call']): Pair => ({ command, call });

/** With addresses that the kernel does not draw. */
const TWO_ENDS = [
  'ip link add v0 address 02:00:00:00:00:01 type veth peer name v1 address 02:00:00:00:00:02',
  'ip link set v0 up',
  'ip link set v1 up',
];
const BRIDGE = [
  ...TWO_ENDS,
  'ip link add br0 address 02:00:00:00:00:09 type bridge',
  'ip link set v0 master br0',
  'ip link set br0 up',
];

export const SCENES: readonly Scene[] = [
  {
    title: 'Links',
    needs: ['veth', 'bridge'],
    before: [],
    pairs: [
      pair('ip link add br0 type bridge', ({ rt }) =>
        rt.links.add({ ifname: 'br0', kind: 'bridge' }),
      ),
      pair('ip link add v0 type veth peer name v1', ({ rt }) =>
        rt.links.add({ ifname: 'v0', kind: 'veth', data: { peer: { ifname: 'v1' } } }),
      ),
      pair('ip link set v0 address 02:00:00:00:00:01', ({ rt }) =>
        rt.links.set('v0', { address: '02:00:00:00:00:01' }),
      ),
      pair('ip link set v1 address 02:00:00:00:00:02', ({ rt }) =>
        rt.links.set('v1', { address: '02:00:00:00:00:02' }),
      ),
      pair('ip link set v0 up', ({ rt }) => rt.links.up('v0')),
      pair('ip link set v1 up', ({ rt }) => rt.links.set('v1', { flags: ['up'] })),
      pair('ip link set v0 mtu 1400', ({ rt }) => rt.links.set('v0', { mtu: 1400 })),
      pair('ip link set v0 txqueuelen 500', ({ rt }) => rt.links.set('v0', { txqlen: 500 })),
      pair('ip link set v0 alias uplink', ({ rt }) => rt.links.set('v0', { ifalias: 'uplink' })),
      pair('ip link set v0 group 7', ({ rt }) => rt.links.set('v0', { group: 7 })),
      pair('ip link property add dev v0 altname wan', ({ rt }) =>
        rt.links.addAltNames('v0', 'wan'),
      ),
      pair('ip link property del dev v0 altname wan', ({ rt }) =>
        rt.links.deleteAltNames('v0', 'wan'),
      ),
      pair('ip link set v0 master br0', ({ rt }) => rt.links.set('v0', { master: 'br0' })),
      pair('ip link set v0 nomaster', ({ rt }) => rt.links.set('v0', { master: 0 })),
      pair('ip link set v1 down', ({ rt }) => rt.links.down('v1')),
      pair('ip link set v1 name w1', ({ rt }) => rt.links.rename('v1', 'w1')),
      pair('ip link set br0 type bridge stp_state 1', ({ rt }) =>
        rt.links.set('br0', { kind: 'bridge', data: { stpState: 1 } }),
      ),
      pair('ip link set br0 type bridge forward_delay 400', ({ rt }) =>
        rt.links.set('br0', { kind: 'bridge', data: { forwardDelay: 400 } }),
      ),
      pair('ip link set br0 type bridge mcast_snooping 0', ({ rt }) =>
        rt.links.set('br0', { kind: 'bridge', data: { mcastSnooping: false } }),
      ),
      pair('ip link del br0', ({ rt }) => rt.links.delete('br0')),
      pair('ip link del group 7', ({ rt }) => rt.links.deleteGroup(7)),
    ],
  },
  {
    title: 'Links of other kinds',
    needs: ['veth', 'vlan', 'dummy'],
    before: TWO_ENDS,
    pairs: [
      pair('ip link add link v0 name v0.42 type vlan id 42', ({ rt }) =>
        rt.links.add({ ifname: 'v0.42', link: 'v0', kind: 'vlan', data: { id: 42 } }),
      ),
      pair('ip link add d0 type dummy', ({ rt }) => rt.links.add({ ifname: 'd0', kind: 'dummy' })),
    ],
  },
  {
    title: 'Tunnels',
    needs: ['vxlan'],
    before: [],
    pairs: [
      pair('ip link add vx0 type vxlan id 7 dstport 4789 local 192.0.2.1', ({ rt }) =>
        rt.links.add({
          ifname: 'vx0',
          kind: 'vxlan',
          data: { id: 7, port: 4789, local: '192.0.2.1' },
        }),
      ),
    ],
  },
  {
    title: 'Addresses',
    needs: ['veth'],
    before: TWO_ENDS,
    pairs: [
      pair('ip addr add 192.0.2.1/24 dev v0', ({ rt }) =>
        rt.addrs.add({ dev: 'v0', local: '192.0.2.1/24' }),
      ),
      pair('ip addr add 192.0.2.2/24 dev v0 label v0:two', ({ rt }) =>
        rt.addrs.add({ dev: 'v0', local: '192.0.2.2/24', label: 'v0:two' }),
      ),
      pair('ip addr add 192.0.2.9 peer 192.0.2.10 dev v1', ({ rt }) =>
        rt.addrs.add({ dev: 'v1', local: '192.0.2.9/32', address: '192.0.2.10' }),
      ),
      pair('ip addr add 10.0.0.1/8 dev v1 metric 500', ({ rt }) =>
        rt.addrs.add({ dev: 'v1', local: '10.0.0.1/8', rtPriority: 500 }),
      ),
      pair('ip addr replace 192.0.2.1/24 dev v0 valid_lft 3600 preferred_lft 0', ({ rt }) =>
        rt.addrs.replace({
          dev: 'v0',
          local: '192.0.2.1/24',
          cacheinfo: { valid: 3600, prefered: 0 },
        }),
      ),
      pair('ip addr del 192.0.2.2/24 dev v0', ({ rt }) =>
        rt.addrs.delete({ dev: 'v0', local: '192.0.2.2/24' }),
      ),
      pair('ip -6 addr add 2001:db8::1/64 dev v0 nodad', ({ rt }) =>
        rt.addrs.add({ dev: 'v0', local: '2001:db8::1/64', flags: ['nodad'] }),
      ),
    ],
  },
  {
    title: 'Routes',
    needs: ['veth'],
    before: [
      'ip link set lo up',
      ...TWO_ENDS,
      'ip addr add 192.0.2.1/24 dev v0',
      'ip addr add 10.0.0.1/8 dev v1',
    ],
    pairs: [
      pair('ip route add default via 192.0.2.254', ({ rt }) =>
        rt.routes.add({ dst: 'default', gateway: '192.0.2.254' }),
      ),
      pair('ip route add 198.51.100.0/24 dev v0', ({ rt }) =>
        rt.routes.add({ dst: '198.51.100.0/24', dev: 'v0' }),
      ),
      pair('ip route add 203.0.113.0/25 via 192.0.2.254 metric 50', ({ rt }) =>
        rt.routes.add({ dst: '203.0.113.0/25', gateway: '192.0.2.254', priority: 50 }),
      ),
      pair('ip route replace 203.0.113.0/25 via 192.0.2.253 metric 50', ({ rt }) =>
        rt.routes.replace({ dst: '203.0.113.0/25', gateway: '192.0.2.253', priority: 50 }),
      ),
      pair('ip route append 203.0.113.0/25 via 192.0.2.252 metric 50', ({ rt }) =>
        rt.routes.append({ dst: '203.0.113.0/25', gateway: '192.0.2.252', priority: 50 }),
      ),
      pair('ip route add 203.0.113.128/25 via 192.0.2.254 mtu 1300 src 192.0.2.1', ({ rt }) =>
        rt.routes.add({
          dst: '203.0.113.128/25',
          gateway: '192.0.2.254',
          metrics: { mtu: 1300 },
          prefsrc: '192.0.2.1',
        }),
      ),
      pair('ip route add blackhole 198.18.0.0/15', ({ rt }) =>
        rt.routes.add({ dst: '198.18.0.0/15', type: 'blackhole' }),
      ),
      pair('ip route add unreachable 198.51.100.128/25', ({ rt }) =>
        rt.routes.add({ dst: '198.51.100.128/25', type: 'unreachable' }),
      ),
      pair('ip route add 172.16.0.0/12 via 192.0.2.254 table 100', ({ rt }) =>
        rt.routes.add({ dst: '172.16.0.0/12', gateway: '192.0.2.254', table: 100 }),
      ),
      pair(
        'ip route add 100.64.0.0/10 nexthop via 192.0.2.253 weight 1 nexthop via 192.0.2.254 weight 2',
        ({ rt }) =>
          rt.routes.add({
            dst: '100.64.0.0/10',
            nexthops: [{ gateway: '192.0.2.253' }, { gateway: '192.0.2.254', weight: 2 }],
          }),
      ),
      pair('ip route del blackhole 198.18.0.0/15', ({ rt }) =>
        rt.routes.delete({ dst: '198.18.0.0/15', type: 'blackhole' }),
      ),
      pair('ip route del default', ({ rt }) => rt.routes.delete({ dst: 'default' })),
      pair('ip nexthop add id 1 via 192.0.2.254 dev v0 protocol static', ({ rt }) =>
        rt.nexthops.add({ id: 1, gateway: '192.0.2.254', dev: 'v0', protocol: 'static' }),
      ),
      pair('ip nexthop add id 2 blackhole protocol static', ({ rt }) =>
        rt.nexthops.add({ id: 2, blackhole: true, protocol: 'static' }),
      ),
      pair('ip nexthop add id 3 via 192.0.2.253 dev v0 protocol static', ({ rt }) =>
        rt.nexthops.add({ id: 3, gateway: '192.0.2.253', dev: 'v0', protocol: 'static' }),
      ),
      pair('ip nexthop add id 9 group 1,10/3,2 protocol static', ({ rt }) =>
        rt.nexthops.add({
          id: 9,
          group: [
            { id: 1, weight: 10 },
            { id: 3, weight: 2 },
          ],
          protocol: 'static',
        }),
      ),
      pair('ip route add 198.18.0.0/15 nhid 9', ({ rt }) =>
        rt.routes.add({ dst: '198.18.0.0/15', nhId: 9 }),
      ),
      pair('ip nexthop del id 2', ({ rt }) => rt.nexthops.delete(2)),
    ],
  },
  {
    title: 'Rules',
    needs: [],
    before: [],
    pairs: [
      pair('ip rule add from 192.0.2.0/24 table 100 priority 100', ({ rt }) =>
        rt.rules.add({ src: '192.0.2.0/24', table: 100, priority: 100 }),
      ),
      pair('ip rule add fwmark 0x7/0xff table 101 priority 101', ({ rt }) =>
        rt.rules.add({ fwmark: 7, fwmask: 0xff, table: 101, priority: 101 }),
      ),
      pair('ip rule add iif lo table 102 priority 102', ({ rt }) =>
        rt.rules.add({ iifname: 'lo', table: 102, priority: 102 }),
      ),
      pair('ip rule add to 198.51.100.0/24 blackhole priority 103', ({ rt }) =>
        rt.rules.add({ dst: '198.51.100.0/24', action: 'blackhole', priority: 103 }),
      ),
      pair('ip rule add ipproto tcp dport 80-90 table 104 priority 104', ({ rt }) =>
        rt.rules.add({
          ipProto: 'tcp',
          dportRange: { start: 80, end: 90 },
          table: 104,
          priority: 104,
        }),
      ),
      pair('ip -6 rule add from 2001:db8::/32 table 100 priority 100', ({ rt }) =>
        rt.rules.add({ src: '2001:db8::/32', table: 100, priority: 100 }),
      ),
      pair('ip rule del priority 103', ({ rt }) => rt.rules.delete({ priority: 103 })),
    ],
  },
  {
    title: 'Neighbours and databases of bridges',
    needs: ['veth', 'bridge'],
    before: [...BRIDGE, 'ip addr add 192.0.2.1/24 dev v1'],
    pairs: [
      pair('ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:05 dev v1', ({ rt }) =>
        rt.neighs.add({ dev: 'v1', dst: '192.0.2.9', lladdr: '02:00:00:00:00:05' }),
      ),
      pair('ip neigh replace 192.0.2.9 lladdr 02:00:00:00:00:06 dev v1', ({ rt }) =>
        rt.neighs.replace({ dev: 'v1', dst: '192.0.2.9', lladdr: '02:00:00:00:00:06' }),
      ),
      pair('ip neigh add proxy 192.0.2.77 dev v1', ({ rt }) =>
        rt.neighs.add({ dev: 'v1', dst: '192.0.2.77', flags: ['proxy'] }),
      ),
      pair('ip neigh del 192.0.2.9 dev v1', ({ rt }) =>
        rt.neighs.delete({ dev: 'v1', dst: '192.0.2.9' }),
      ),
      pair('bridge fdb add 02:00:00:00:00:07 dev v0 master static', ({ rt }) =>
        rt.fdb.add({
          dev: 'v0',
          lladdr: '02:00:00:00:00:07',
          flags: ['master'],
          state: ['noarp'],
        }),
      ),
      pair('bridge fdb add 02:00:00:00:00:08 dev v0 master permanent', ({ rt }) =>
        rt.fdb.add({ dev: 'v0', lladdr: '02:00:00:00:00:08', flags: ['master'] }),
      ),
      pair('bridge fdb del 02:00:00:00:00:07 dev v0 master', ({ rt }) =>
        rt.fdb.delete({ dev: 'v0', lladdr: '02:00:00:00:00:07', flags: ['master'] }),
      ),
      pair('bridge mdb add dev br0 port v0 grp 239.1.1.1 permanent', ({ rt }) =>
        rt.mdb.add({ dev: 'br0', port: 'v0', group: '239.1.1.1' }),
      ),
      pair('bridge mdb del dev br0 port v0 grp 239.1.1.1', ({ rt }) =>
        rt.mdb.delete({ dev: 'br0', port: 'v0', group: '239.1.1.1' }),
      ),
      pair('bridge link set dev v0 isolated on', ({ rt }) =>
        rt.links.set('v0', { slaveKind: 'bridge', slaveData: { isolated: true } }),
      ),
      pair('bridge link set dev v0 hairpin on', ({ rt }) =>
        rt.links.set('v0', { slaveKind: 'bridge', slaveData: { mode: true } }),
      ),
      pair('bridge link set dev v0 cost 77', ({ rt }) =>
        rt.links.set('v0', { slaveKind: 'bridge', slaveData: { cost: 77 } }),
      ),
    ],
  },
  {
    title: 'VLANs of bridges',
    needs: ['veth', 'bridge', 'vlan-filtering'],
    before: BRIDGE,
    pairs: [
      pair('ip link set br0 type bridge vlan_filtering 1', ({ rt }) =>
        rt.links.set('br0', { kind: 'bridge', data: { vlanFiltering: true } }),
      ),
      pair('bridge vlan add dev v0 vid 10 pvid untagged', ({ rt }) =>
        rt.vlans.add({ dev: 'v0', vid: 10, pvid: true, untagged: true }),
      ),
      pair('bridge vlan add dev v0 vid 20-29', ({ rt }) =>
        rt.vlans.add({ dev: 'v0', vid: 20, last: 29 }),
      ),
      pair('bridge vlan add dev br0 vid 10 self', ({ rt }) =>
        rt.vlans.add({ dev: 'br0', vid: 10, self: true }),
      ),
      pair('bridge vlan del dev v0 vid 20-22', ({ rt }) =>
        rt.vlans.delete({ dev: 'v0', vid: 20, last: 22 }),
      ),
    ],
  },
  {
    title: 'Packet filters',
    needs: ['nftables-inet'],
    before: [],
    pairs: [
      pair('nft add table inet f', ({ nft }) => nft.tables.add({ family: 'inet', name: 'f' })),
      pair(
        "nft 'add chain inet f input { type filter hook input priority 0 ; policy drop ; }'",
        ({ nft }) =>
          nft.chains.add({
            family: 'inet',
            table: 'f',
            name: 'input',
            type: 'filter',
            hook: 'input',
            prio: 0,
            policy: 'drop',
          }),
      ),
      pair('nft add rule inet f input iifname lo accept', ({ nft }) =>
        nft.rules.add({
          family: 'inet',
          table: 'f',
          chain: 'input',
          expr: rule('inet', meta.iifname.is('lo'), accept()),
        }),
      ),
      pair('nft add rule inet f input tcp dport 22 accept', ({ nft }) =>
        nft.rules.add({
          family: 'inet',
          table: 'f',
          chain: 'input',
          expr: rule('inet', tcp.dport.is(22), accept()),
        }),
      ),
      pair("nft 'add set inet f bad { type ipv4_addr ; }'", ({ nft }) =>
        nft.sets.add({ family: 'inet', table: 'f', name: 'bad', type: 'ipv4_addr' }),
      ),
      pair("nft 'add element inet f bad { 192.0.2.7, 192.0.2.8 }'", ({ nft }) =>
        nft.elements.add({
          family: 'inet',
          table: 'f',
          name: 'bad',
          elem: [{ key: '192.0.2.7' }, { key: '192.0.2.8' }],
        }),
      ),
      pair("nft 'delete element inet f bad { 192.0.2.8 }'", ({ nft }) =>
        nft.elements.delete({
          family: 'inet',
          table: 'f',
          name: 'bad',
          elem: [{ key: '192.0.2.8' }],
        }),
      ),
      pair('nft add rule inet f input ip saddr @bad drop', ({ nft }) =>
        nft.rules.add({
          family: 'inet',
          table: 'f',
          chain: 'input',
          expr: rule('inet', ip.saddr.in('bad'), drop()),
        }),
      ),
      pair('nft add table ip n', ({ nft }) => nft.tables.add({ family: 'ip', name: 'n' })),
      pair("nft 'add chain ip n out { type nat hook postrouting priority 100 ; }'", ({ nft }) =>
        nft.chains.add({
          family: 'ip',
          table: 'n',
          name: 'out',
          type: 'nat',
          hook: 'postrouting',
          prio: 100,
        }),
      ),
      pair('nft add rule ip n out oifname eth0 masquerade', ({ nft }) =>
        nft.rules.add({
          family: 'ip',
          table: 'n',
          chain: 'out',
          expr: rule('ip', meta.oifname.is('eth0'), masquerade()),
        }),
      ),
      pair('nft flush chain inet f input', ({ nft }) =>
        nft.chains.flush({ family: 'inet', table: 'f', name: 'input' }),
      ),
      pair('nft delete set inet f bad', ({ nft }) =>
        nft.sets.delete({ family: 'inet', table: 'f', name: 'bad' }),
      ),
      pair('nft delete table ip n', ({ nft }) => nft.tables.delete({ family: 'ip', name: 'n' })),
    ],
  },
];
