/**
 * The content of our nf_tables table: one table for all networks, with one set and one rule for
 * each subnet of a network.
 *
 *     table inet cni_netlink_ts {
 *       set ip_net1_10.1.2.0/24 {
 *         type ipv4_addr
 *         elements = { 10.1.2.3 comment "net1/c1/eth0" }
 *       }
 *       chain postrouting {
 *         type nat hook postrouting priority 1000; policy accept;
 *         ip saddr @ip_net1_10.1.2.0/24 ip daddr != 10.1.2.0/24 ip daddr != 224.0.0.0/4 masquerade
 *       }
 *     }
 *
 * We have our own table, because the reference rewrites the chain of its table on every ADD. There
 * is a set for each subnet, because an address reaches only its own subnet without masquerade, even
 * where a network has several. Each network has its own sets, so that two networks with the same
 * subnet do not remove each other's elements. The sets are hash tables: adding an element costs the
 * same with ten elements and with ten thousand. That is not so for a verdict map (the kernel walks
 * all of it on each change) or a set of ranges (the kernel copies all of it). NAT rules see only
 * the first packet of a connection, so a rule for each subnet is cheap.
 */
import { ip, ip6, rule } from '../../nftables/rules/match.ts';
import { masquerade } from '../../nftables/rules/statement.ts';
import { MULTICAST, type Place } from './names.ts';

/** `ip saddr @set ip daddr != subnet ip daddr != 224.0.0.0/4 masquerade` */
export function ruleOf({ family, set, subnet }: Place): ReturnType<typeof rule> {
  const { saddr, daddr } = family === 'ip' ? ip : ip6;
  const elsewhere = [daddr.not(subnet), daddr.not(MULTICAST[family])];
  return rule('inet', saddr.in(set), ...elsewhere, masquerade());
}
