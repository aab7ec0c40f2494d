/**
 * What the running kernel can do, found by trying it in a namespace of its own. No kernel that the
 * tests run on has every feature; a test names the ones it needs (`needs.ts`, or `needs` of a
 * case).
 */
import { createNamespace } from './namespace.ts';
import { program } from './program.ts';

/** User-mode Linux loads modules when it is told to. */
const modprobe = (name: string): string => `modprobe -q --dirname /run/kernel ${name}`;

/** The errno of the kernel's answer to a request of sock_diag; 0 if it lists something. */
const sockDiag = (family: number, length: number, protocol: number, type = 20): string =>
  `python3 -c 'import socket, struct
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4)
head = struct.pack("IHHII", ${length}, ${type}, ${type === 20 ? '0x301' : '5'}, 1, 0)
s.send(head + struct.pack("BB", ${family}, ${protocol}) + bytes(${length - 18}))
answer = s.recv(65536)
print(0 if answer[4] == 20 else -struct.unpack_from("i", answer, 16)[0])'`;
const lists = (family: number, length: number, protocol = 0): string =>
  `${sockDiag(family, length, protocol)} | grep -x 0`;

/** Whether the kernel takes these changes of nf_tables; nft 1.0.6 does not know them. */
const changes = (messages: string): string =>
  `python3 -c 'import socket, struct
attr = lambda n, b: struct.pack("HH", 4 + len(b), n) + b + bytes(-len(b) % 4)
nest = lambda n, b: attr(0x8000 | n, b)
be = lambda n, v: attr(n, struct.pack(">I", v))
head = lambda t, f, family, part, b: struct.pack("IHHIIBBH", 20 + len(b), t, f, 1, 0, family, 0, part) + b
msg = lambda t, family, b: head(t, 0x405, family, 0, b)
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)
s.send(head(16, 1, 0, 0xa00, b"") + ${messages} + head(17, 1, 0, 0xa00, b""))
print(struct.unpack_from("i", s.recv(65536), 16)[0])' | grep -x 0`;

/** A feature, and the command that succeeds only where it is there. */
const PROBES = {
  bridge: 'ip link add probe0 type bridge',
  veth: 'ip link add probe0 type veth peer probe1',
  dummy: 'ip link add probe0 type dummy',
  nlmon: 'ip link add probe0 type nlmon',
  vlan: 'ip link add probe0 type veth peer probe1 && ip link add link probe0 type vlan id 5',
  macvlan: 'ip link add probe0 type veth peer probe1 && ip link add link probe0 type macvlan',
  ipvlan: 'ip link add probe0 type veth peer probe1 && ip link add link probe0 type ipvlan',
  'vlan-filtering': 'ip link add probe0 type bridge vlan_filtering 1',
  vxlan: `${modprobe('vxlan')}; ip link add probe0 type vxlan id 1 dstport 4789`,
  // bridge(8) of iproute2 6.1 makes no such entry, but the error shows whether bridge or vxlan
  // refused it.
  'vxlan-mdb':
    "ip link add probe0 type vxlan external && bridge mdb add dev probe0 port probe0 grp 239.1.1.1 2>&1 | grep 'vxlan:'",
  mpls: `${modprobe('mpls_router')}; test -e /proc/sys/net/mpls`,
  psample: `${modprobe('psample')} && ${modprobe('-r psample')}`,
  'udp-diag': `${modprobe('udp_diag')}; ${lists(2, 72, 17)}`,
  'unix-diag': `${modprobe('unix_diag')}; ${lists(1, 40)}`,
  'netlink-diag': `${modprobe('netlink_diag')}; ${lists(16, 36)}`,
  'packet-diag': `${modprobe('af_packet_diag')}; ${lists(17, 36)}`,
  'vsock-diag': `${modprobe('vsock_loopback')}; ${modprobe('vsock_diag')}; ${lists(40, 40)}`,
  'raw-diag': `${modprobe('raw_diag')}; ${lists(2, 72, 255)}`,
  mptcp: 'test -e /proc/sys/net/mptcp/enabled',
  'inet-destroy': `${sockDiag(2, 72, 6, 21)} | grep -x 2`,
  conntrack: `${modprobe('nf_conntrack_netlink')}; conntrack -C`,
  nflog: `${modprobe('-a nfnetlink_log xt_NFLOG')}; iptables -A OUTPUT -p udp -j NFLOG --nflog-group 5`,
  nfqueue: `${modprobe('-a nfnetlink_queue xt_NFQUEUE')}; iptables -A OUTPUT -p udp -j NFQUEUE --queue-num 5`,
  'xfrm-esp': `${modprobe('-a xfrm_user esp4 esp6 gcm ctr cbc authenc ghash-generic seqiv echainiv hmac sha512_generic jitterentropy_rng drbg')}; ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 1 mode tunnel aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128`,
  // The card of the emulated machine.
  e1000e: `${modprobe('e1000e')}; nsenter -t 1 -n ethtool -i eth0 | grep -x 'driver: e1000e'`,
  wireguard: `${modprobe('wireguard')}; ip link add probe0 type wireguard`,
  'tc-shapers': `${modprobe('-a sch_htb sch_tbf sch_ingress')}; ip link add probe0 type veth peer probe1 && tc qdisc add dev probe0 root htb`,
  'tc-kinds': `${modprobe('-a sch_cake sch_cbs sch_choke sch_codel sch_drr sch_etf sch_fq sch_fq_codel sch_hfsc sch_hhf sch_mqprio sch_multiq sch_netem sch_pie sch_prio sch_qfq sch_red sch_sfb sch_sfq sch_skbprio sch_taprio')}; ip link add probe0 type veth peer probe1 && tc qdisc add dev probe0 root netem`,
  'tc-filters': `${modprobe('-a sch_ingress cls_basic cls_bpf cls_cgroup cls_flow cls_flower cls_fw cls_matchall cls_route cls_u32 em_canid em_cmp em_ipset em_ipt em_meta em_nbyte em_u32 act_gact act_mirred act_police')}; ip link add probe0 type dummy && tc qdisc add dev probe0 clsact && tc filter add dev probe0 ingress flower action drop`,
  'tc-u32': `${modprobe('-a sch_ingress cls_u32')}; ip link add probe0 type veth peer probe1 && tc qdisc add dev probe0 clsact && tc filter add dev probe0 egress u32 match u32 0 0 flowid 1:1`,
  'tc-actions': `${modprobe('-a sch_ingress act_bpf act_connmark act_csum act_ct act_ctinfo act_gact act_mirred act_mpls act_nat act_pedit act_police act_sample act_simple act_skbedit act_skbmod act_tunnel_key act_vlan')}; tc actions add action vlan pop && tc actions add action pedit munge offset 0 u8 set 1`,
  ipv6: 'test -e /proc/sys/net/ipv6/conf/all/disable_ipv6',
  'br-netfilter': 'test -e /proc/sys/net/bridge/bridge-nf-call-iptables',
  'nftables-ip': 'nft add table ip probe',
  'nftables-ip6': 'nft add table ip6 probe',
  'nftables-inet': 'nft add table inet probe',
  'nftables-bridge': 'nft add table bridge probe',
  // What only asks, and what acts; the latter is not in user-mode Linux.
  'nft-osf': `${modprobe('-a nft_osf nft_xfrm')}; nft 'add table inet p; add chain inet p c { type filter hook input priority 0; }; add rule inet p c osf name "Linux" ipsec in reqid 5'`,
  'nft-synproxy':
    "nft 'add table inet p; add chain inet p c { type filter hook input priority 0; }; add rule inet p c synproxy'",
  'nft-fwd':
    "ip link set lo up && nft 'add table netdev p; add chain netdev p c { type filter hook ingress device lo priority 0; }; add rule netdev p c fwd to lo'",
  'nft-tunnel': `${modprobe('nft_tunnel')}; ${changes('msg(0xa00, 5, attr(1, b"p\\0")) + msg(0xa12, 5, attr(1, b"p\\0") + attr(2, b"o\\0") + be(3, 6) + nest(4, be(1, 1) + nest(2, be(1, 1) + be(2, 2))))')}`,
  // What nf_tables has learned from Linux 6.2 to 6.5: inner, destroy, reset.
  'nft-destroy': changes('msg(0xa1a, 1, attr(1, b"p\\0"))'),
  'nft-ct-timeout': `${modprobe('-a nft_ct nfnetlink_cttimeout')}; nft 'add table inet p; add ct timeout inet p t { protocol tcp; }'`,
  flowtable: `${modprobe('-a nf_flow_table nf_flow_table_inet nft_flow_offload nft_ct')}; ip link set lo up; nft 'add table inet p; add flowtable inet p f { hook ingress priority 0; devices = { lo }; }'`,
  'iptables-legacy': 'iptables-legacy -w -t nat -N probe',
  'ip6tables-legacy': 'ip6tables-legacy -w -t nat -N probe',
  'iptables-nft': 'iptables-nft -w -t nat -N probe',
} as const;

export type Feature = keyof typeof PROBES;

export const FEATURES = Object.keys(PROBES) as Feature[];

const known = new Map<Feature, boolean>();

/** Whether the running kernel has it; tried once in each process. */
export function hasFeature(feature: Feature): boolean {
  let found = known.get(feature);
  if (found === undefined) {
    const scratch = createNamespace();
    try {
      found = scratch.run(() => program('sh', '-c', PROBES[feature]).code === 0);
    } finally {
      scratch.remove();
    }
    known.set(feature, found);
  }
  return found;
}

/** Those of `features` that the running kernel lacks. */
export const missingFeatures = (features: readonly Feature[]): Feature[] =>
  features.filter((feature) => !hasFeature(feature));

/** The line that says why a test is skipped; `scripts/test.ts` counts these. */
export const skipLine = (title: string, missing: readonly Feature[]): string =>
  `# skipped for want of ${missing.join(', ')}: ${title}`;
