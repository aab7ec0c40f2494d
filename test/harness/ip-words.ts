/**
 * A decoded link in the form of `ip -d -j link`, for comparing the two. What iproute2 prints in a
 * form of its own (names of interfaces, seconds for timers, dotted keys) is made here from our
 * values; only the keys are taken from its output.
 */
import type { LinkInfo } from '../../src/rtnl/link/info.ts';
import type { Link } from '../../src/rtnl/link/message.ts';
import type { Row } from './namespace.ts';

/** All links of the namespace by index: iproute2 prints names and looks at flags. */
type Links = ReadonlyMap<number, Link>;
type Values = Readonly<Record<string, unknown>>;

/**
 * `row` tells which keys are compared; one that we have no value for becomes undefined, and the
 * comparison fails.
 */
export function linkInIpWords({ index, type, flags, attrs }: Link, links: Links, row: Row): Row {
  const common: Row = {
    ifindex: index,
    ifname: attrs.ifname,
    flags: flagWords(
      flags,
      attrs.linkNetnsid === undefined ? links.get(attrs.link ?? 0) : undefined,
    ),
    mtu: attrs.mtu,
    qdisc: attrs.qdisc,
    operstate: attrs.operstate === undefined ? undefined : String(attrs.operstate).toUpperCase(),
    linkmode: String(attrs.linkmode).toUpperCase(),
    group: attrs.group === 0 ? 'default' : String(attrs.group),
    txqlen: attrs.txqlen,
    link_type: type,
    address: attrs.address,
    broadcast: attrs.broadcast,
    promiscuity: attrs.promiscuity,
    allmulti: attrs.allmulti,
    min_mtu: attrs.minMtu,
    max_mtu: attrs.maxMtu,
    inet6_addr_gen_mode: attrs.afSpec?.inet6?.addrGenMode,
    num_tx_queues: attrs.numTxQueues,
    num_rx_queues: attrs.numRxQueues,
    gso_max_size: attrs.gsoMaxSize,
    gso_max_segs: attrs.gsoMaxSegs,
    tso_max_size: attrs.tsoMaxSize,
    tso_max_segs: attrs.tsoMaxSegs,
    gro_max_size: attrs.groMaxSize,
    link: attrs.link === 0 ? null : nameOf(links, attrs.link),
    link_index: attrs.link,
    link_netnsid: attrs.linkNetnsid,
    link_pointtopoint: flags.includes('pointopoint'),
    master: nameOf(links, attrs.master),
    ifalias: attrs.ifalias,
    altnames: attrs.propList?.altIfname,
    permaddr: attrs.permAddress,
    linkinfo:
      attrs.linkinfo && infoInIpWords(attrs.linkinfo, links, (row['linkinfo'] ?? {}) as Row),
  };
  return Object.fromEntries(Object.keys(row).map((key) => [key, common[key]]));
}

const nameOf = (links: Links, index: unknown): string | undefined =>
  links.get(index as number)?.attrs.ifname;

/** The order in which iproute2 prints them. */
const FLAGS = [
  ...['loopback', 'broadcast', 'pointopoint', 'multicast', 'noarp', 'allmulti', 'promisc'],
  ...['master', 'slave', 'debug', 'dynamic', 'automedia', 'portsel', 'notrailers', 'up'],
  ...['lower_up', 'dormant', 'echo'],
];

/**
 * `NO-CARRIER` and `M-DOWN` are iproute2's own: for a link that is up but not running, and for one
 * whose lower link is down.
 */
function flagWords(flags: readonly (string | number)[], lower: Link | undefined): string[] {
  const words = FLAGS.filter((flag) => flags.includes(flag)).map((flag) => flag.toUpperCase());
  if (flags.includes('up') && !flags.includes('running')) words.unshift('NO-CARRIER');
  if (lower !== undefined && !lower.flags.includes('up')) words.push('M-DOWN');
  return words;
}

function infoInIpWords(info: LinkInfo, links: Links, row: Row): Row {
  const { kind, slaveKind } = info;
  const values: Row = { info_kind: kind, info_slave_kind: slaveKind };
  const data = row['info_data'] as Row | undefined;
  if (data !== undefined) {
    values['info_data'] = dataInIpWords(String(kind), info.data as Values, links, data);
  }
  const slave = row['info_slave_data'] as Row | undefined;
  if (slave !== undefined) {
    const word = `${slaveKind}_slave`;
    values['info_slave_data'] = dataInIpWords(word, info.slaveData as Values, links, slave);
  }
  return Object.fromEntries(Object.keys(row).map((key) => [key, values[key]]));
}

/** Where iproute2's key differs from the kernel's. */
const KEYS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bridge_slave: {
    hairpin: 'mode',
    root_block: 'protect',
    fastleave: 'fastLeave',
    flood: 'unicastFlood',
    mcast_to_unicast: 'mcastToUcast',
    proxy_arp: 'proxyarp',
    proxy_arp_wifi: 'proxyarpWifi',
  },
  bond: { arp_missed_max: 'missedMax', peer_notify_delay: 'peerNotifDelay' },
  macvlan: { bcqueuelen: 'bcQueueLen', usedbcqueuelen: 'bcQueueLenUsed' },
  macvtap: { bcqueuelen: 'bcQueueLen', usedbcqueuelen: 'bcQueueLenUsed' },
  gtp: { hsize: 'pdpHashsize' },
  macsec: { send_sci: 'incSci', end_station: 'es', replay: 'replayProtect' },
};

/** Where iproute2 prints another form of the value. */
const FORMS: Readonly<Record<string, (data: Values, links: Links) => unknown>> = {
  'bridge/no_linklocal_learn': (data) => bit(data, 'no_linklocal_learn'),
  'bridge/mcast_vlan_snooping': (data) => bit(data, 'mcast_vlan_snooping'),
  'bridge/group_fwd_mask': (data) => Number(data['groupFwdMask']).toString(16),
  'bridge_slave/group_fwd_mask': (data) => Number(data['groupFwdMask']).toString(16),
  'bridge_slave/group_fwd_mask_str': (data) => `0x${Number(data['groupFwdMask']).toString(16)}`,
  'bridge_slave/id': (data) => `0x${Number(data['id']).toString(16)}`,
  'bridge_slave/no': (data) => `0x${Number(data['no']).toString(16)}`,
  'bond/arp_validate': (data) => (data['arpValidate'] === 'none' ? null : data['arpValidate']),
  'bond_slave/state': (data) => String(data['state']).toUpperCase(),
  'bond_slave/mii_status': (data) => String(data['miiStatus']).toUpperCase(),
  'vlan/flags': (data) =>
    (data['flags'] as { flags: string[] }).flags.map((word) => word.toUpperCase()),
  private: (data) => (data['flags'] as string[]).includes('private'),
  vepa: (data) => (data['flags'] as string[]).includes('vepa'),
  icsum: (data) => (data['iflags'] as string[]).includes('csum'),
  ocsum: (data) => (data['oflags'] as string[]).includes('csum'),
  iseq: (data) => (data['iflags'] as string[]).includes('seq'),
  oseq: (data) => (data['oflags'] as string[]).includes('seq'),
  'vxlan/remote': (data) => data['group'],
  'vxlan/remote6': (data) => data['group6'],
  'vxlan/tos': (data) => `0x${Number(data['tos']).toString(16)}`,
  'vxlan/link': (data, links) => nameOf(links, data['link']),
  'hsr/slave1': (data, links) => nameOf(links, data['slave1']),
  'hsr/slave2': (data, links) => nameOf(links, data['slave2']),
  'macsec/sci': (data) =>
    BigInt(data['sci'] as bigint)
      .toString(16)
      .padStart(16, '0'),
  // MACSEC_DEFAULT_CIPHER_ID, include/uapi/linux/if_macsec.h.
  'macsec/cipher_suite': (data) =>
    data['cipherSuite'] === 0x0080020001000001n ? 'GCM-AES-128' : data['cipherSuite'],
  'hsr/proto': (data) => ['hsr', 'prp'].indexOf(String(data['protocol'])),
  proto: (data) => (data['proto'] === 0 ? 'any' : data['proto']),
  tclass: (data) => hexDigits((Number(data['flowinfo']) >>> 20) & 0xff, 2),
  flowlabel: (data) => hexDigits(Number(data['flowinfo']) & 0xfffff, 5),
  ikey: (data) => dotted(data['ikey']),
  okey: (data) => dotted(data['okey']),
  local: (data) => unlessAny(data['local']),
  remote: (data) => unlessAny(data['remote']),
};

const bit = (data: Values, word: string): number =>
  Number((data['multiBoolopt'] as { optval: string[] }).optval.includes(word));
const hexDigits = (value: number, digits: number): string =>
  `0x${value.toString(16).padStart(digits, '0')}`;
const unlessAny = (address: unknown): unknown =>
  address === '0.0.0.0' || address === '::' ? 'any' : address;
const dotted = (key: unknown): string =>
  [24, 16, 8, 0].map((shift) => (Number(key) >>> shift) & 255).join('.');

function dataInIpWords(kind: string, data: Values, links: Links, row: Row): Row {
  return Object.fromEntries(
    Object.keys(row).map((key) => {
      const form = FORMS[`${kind}/${key}`] ?? FORMS[key];
      if (form !== undefined) return [key, form(data, links)];
      const value = data[KEYS[kind]?.[key] ?? camel(key)];
      return [key, key.endsWith('_timer') ? Number(value) / 100 : like(row[key], value)];
    }),
  );
}

const camel = (key: string): string =>
  key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/**
 * Our value in the type that iproute2 chose: numbers for truth values, text for the ids of bridges.
 */
function like(theirs: unknown, ours: unknown): unknown {
  if (typeof ours === 'bigint') return Number(ours);
  if (typeof ours === 'boolean' && typeof theirs === 'number') return Number(ours);
  if (typeof ours === 'boolean' && typeof theirs === 'string') return ours ? 'on' : 'off';
  if (typeof ours === 'object' && ours !== null && 'prio' in ours && 'addr' in ours) {
    const addr = String(ours.addr).replace(/\b0(?=[0-9a-f])/g, '');
    return `${Number(ours.prio).toString(16).padStart(4, '0')}.${addr}`;
  }
  return ours;
}
