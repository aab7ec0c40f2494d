/**
 * The content of our nf_tables table, and the names that masquerade uses: one table for all
 * networks, with one set and one rule for each subnet of a network.
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
import { byteLength } from '../../ipam/policy/names.ts';
import { addressBytes, familyOf, formatIpv6 } from '../../ip.ts';
import { viewOf } from '../../netlink/codec/bytes.ts';
import { CodecError } from '../../errors.ts';
import { aliasOf, shortened, type Attachment } from '../attach/attachment.ts';
import { sha512 } from '../attach/hash.ts';

/** One table for all networks. */
export const TABLE = { family: 'inet', table: 'cni_netlink_ts' } as const;
export const CHAIN = { ...TABLE, chain: 'postrouting' } as const;
export const TABLE_COMMENT = 'masquerade of container networks, kept by netlink-ts';

/** Destinations that the reference never masquerades, by family. */
export const MULTICAST = { ip: '224.0.0.0/4', ip6: 'ff00::/8' } as const;
export type Family = keyof typeof MULTICAST;

export const families = ['ip', 'ip6'] as const;

/** The chain of iptables over nf_tables that packets pass when they leave. */
export const POSTROUTING = {
  ip: { family: 'ip', table: 'nat', chain: 'POSTROUTING' },
  ip6: { family: 'ip6', table: 'nat', chain: 'POSTROUTING' },
} as const;

/** The chain as an object of its table, rather than as the place of its rules. */
export const chainName = <T extends { readonly chain: string }>({ chain, ...table }: T) => ({
  ...table,
  name: chain,
});

/** The place of an address: the set of its subnet. */
export interface Place {
  readonly family: Family;
  /** Name of the set: `ip_net1_10.1.2.0/24`. */
  readonly set: string;
  /** `10.1.2.0/24` */
  readonly subnet: string;
}

/** The longest comment that nft reads back. */
const MAX_COMMENT = 127;

/** `network/containerid/ifname`: the owner of an element, in its comment. */
export const ownerOf = (attachment: Attachment): string =>
  shortened(MAX_COMMENT, aliasOf(attachment));

/**
 * The same, from the alias of the attachment's link. If the alias was shortened, its digest is
 * already that of the complete one.
 */
export function ownerOfAlias(alias: string): string {
  const [digest] = /#[0-9a-f]{32}$/.exec(alias) ?? [''];
  if (digest === '') return shortened(MAX_COMMENT, alias);
  return alias.slice(0, MAX_COMMENT - digest.length) + digest;
}

/**
 * The network as part of a set's name. With a name that is valid by CNI's rule it is the name
 * itself.
 */
const networkWord = (network: string): string =>
  isPlain(network) ? network : sha512(network).slice(0, 32);

/**
 * Whether nft accepts it in the name of a set, and whether it is short enough for any kernel since
 * 4.14.
 */
function isPlain(network: string): boolean {
  if (network === '' || network.length > 100) return false;
  for (let i = 0; i < network.length; i++) {
    const code = network.charCodeAt(i);
    const isDigit = code >= 0x30 && code <= 0x39;
    const isLetter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    // Underscore, dot and dash.
    if (!isDigit && !isLetter && code !== 0x5f && code !== 0x2e && code !== 0x2d) return false;
  }
  return true;
}

/** nft reads a name with dots, dashes and slashes, but without colons. */
export function placeOf(network: string, cidr: string): Place {
  const family = nftFamilyOf(cidr);
  const slash = cidr.indexOf('/');
  const bits = Number(cidr.slice(slash + 1));
  const bytes = bytesOfHost(cidr);
  if (slash < 0 || !(bits >= 0 && bits <= 8 * bytes.length)) {
    throw new CodecError(`"${cidr}" is not an address with a prefix length`);
  }
  for (let i = bits >> 3; i < bytes.length; i++) bytes[i]! &= 0xff00 >> Math.max(0, bits - 8 * i);
  const first =
    family === 'ip'
      ? `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}`
      : formatIpv6(viewOf(bytes), 0);
  const subnet = `${first}/${bits}`;
  return {
    family,
    subnet,
    set: `${family}_${networkWord(network)}_${subnet.replaceAll(':', '-')}`,
  };
}

/** The address of `10.1.2.3/24`, as the key of an element. */
export const bytesOfHost = (cidr: string): Uint8Array<ArrayBuffer> => addressBytes(hostOf(cidr));

const SET = /^(ip6?)_(.+)_([^_]+)$/;

/** The place of a set of our table; undefined for a set that was added by somebody else. */
export function placeOfSet(set: string): Place | undefined {
  const [, family, , subnet] = SET.exec(set) ?? [];
  if (family === undefined || subnet === undefined) return undefined;
  return {
    family: family as Family,
    set,
    subnet: family === 'ip' ? subnet : subnet.replaceAll('-', ':'),
  };
}

export function isOfNetwork(set: string, network: string): boolean {
  const begin = `${set.startsWith('ip6_') ? 'ip6' : 'ip'}_${networkWord(network)}_`;
  // A subnet contains no underscore.
  return set.startsWith(begin) && set.length > begin.length && set.indexOf('_', begin.length) < 0;
}

/** In nft's words. */
export const nftFamilyOf = (address: string): Family =>
  familyOf(address) === 'inet' ? 'ip' : 'ip6';

/** `10.1.2.3` of `10.1.2.3/24`. */
export function hostOf(cidr: string): string {
  const slash = cidr.indexOf('/');
  return slash < 0 ? cidr : cidr.slice(0, slash);
}

/**
 * `CNI-` and 24 digits: the reference's chain of an attachment; the interface is not part of it.
 */
export const iptablesChain = ({ network, containerId }: Attachment): string =>
  `CNI-${sha512(network + containerId).slice(0, 24)}`;

/** Whether a chain belongs to an attachment; portmap has chains with the same beginning. */
export const isIptablesChain = (chain: string): boolean => /^CNI-[0-9a-f]{24}$/.test(chain);

/** The reference's comment on iptables rules, including the quotes. */
export const iptablesComment = ({ network, containerId }: Attachment): string =>
  `name: "${network}" id: "${containerId}"`;

/** NFT_NAME_MAXLEN without the zero at the end, include/uapi/linux/netfilter/nf_tables.h. */
const MAX_CHAIN = 255;

/**
 * The reference's two chains in `bridge nat` against spoofed addresses. Empty for an attachment
 * whose names are longer than a chain's name can be: the kernel refuses even to look for them.
 */
export function spoofChains({ containerId, ifname }: Attachment): readonly string[] {
  const chain = `cni-br-iface-${containerId}-${ifname}`;
  const mac = `${chain}-mac`;
  return byteLength(mac) > MAX_CHAIN ? [] : [chain, mac];
}

/** The beginning of the reference's comment on nftables rules. */
export const referenceRulePrefix = ({ network, containerId, ifname }: Attachment): string =>
  `${sha512(network).slice(0, 16)}-${sha512(`${ifname}:${containerId}`).slice(0, 16)}`;
