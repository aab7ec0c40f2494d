/**
 * Objects as rows of a table: the columns of each type of object, in the terms of `ip` and
 * `bridge`.
 */
import type { AddrLabelObject } from '../rtnl/addr-label/verbs.ts';
import { toHex } from '../netlink/codec/bytes.ts';
import type { Rtnl } from '../rtnl/open.ts';
import type { MonitoredObjects } from '../rtnl/monitor/events.ts';

/** Names of links by index. */
export type Names = (index: number | undefined) => string;

/** The cells of a column, by its heading. */
export type Columns<V> = Readonly<Record<string, (object: V, names: Names) => unknown>>;

export const COLUMNS: { readonly [K in keyof MonitoredObjects]: Columns<MonitoredObjects[K]> } = {
  links: {
    INDEX: ({ index }) => index,
    NAME: ({ ifname, link, linkNetnsid }, names) =>
      link === undefined || link === 0
        ? ifname
        : `${ifname}@${linkNetnsid === undefined ? names(link) : link}`,
    KIND: ({ kind, type }) => kind ?? type,
    STATE: ({ operstate, flags }) => (flags.includes('up') ? operstate : 'DOWN'),
    MTU: ({ mtu }) => mtu,
    MASTER: ({ master }, names) => names(master),
    ADDRESS: ({ address }) => address,
    ALTNAMES: ({ propList }) => propList?.altIfname,
    ALIAS: ({ ifalias }) => ifalias,
  },
  bridgePorts: {
    DEV: ({ index }, names) => names(index),
    MASTER: ({ attrs }, names) => names(attrs.master),
    STATE: ({ attrs }) => attrs.protinfo?.state,
    COST: ({ attrs }) => attrs.protinfo?.cost,
    PRIORITY: ({ attrs }) => attrs.protinfo?.priority,
  },
  addrs: {
    DEV: ({ index }, names) => names(index),
    ADDRESS: ({ local }) => local,
    PEER: ({ address, local }) =>
      address === undefined || local.startsWith(`${address}/`) ? '' : address,
    SCOPE: ({ scope }) => scope,
    LABEL: ({ label }) => label,
    FLAGS: ({ flags }) => flags,
    VALID: ({ cacheinfo }) => seconds(cacheinfo?.valid),
  },
  routes: {
    FAMILY: ({ family }) => family,
    TABLE: ({ table }) => table,
    TYPE: ({ type }) => (type === 'unicast' ? '' : type),
    DST: ({ dst }) => dst,
    SRC: ({ src }) => src,
    VIA: ({ gateway, via }) => gateway ?? via?.addr,
    DEV: ({ oif }, names) => names(oif),
    HOPS: ({ nexthops }, names) =>
      nexthops?.map(
        ({ gateway, via, oif, weight }) => `${gateway ?? via?.addr ?? ''}%${names(oif)}*${weight}`,
      ),
    NEXTHOP: ({ nhId }) => nhId,
    PREFSRC: ({ prefsrc }) => prefsrc,
    METRIC: ({ priority }) => priority,
    PROTOCOL: ({ protocol }) => protocol,
    SCOPE: ({ scope }) => scope,
  },
  neighs: {
    DEV: ({ ifindex }, names) => names(ifindex),
    ADDRESS: ({ dst }) => dst,
    LLADDR: ({ lladdr }) => lladdr,
    STATE: ({ state }) => (state.length === 0 ? 'none' : state),
    FLAGS: ({ flags }) => flags,
  },
  fdb: {
    DEV: ({ ifindex }, names) => names(ifindex),
    LLADDR: ({ lladdr }) => lladdr,
    VLAN: ({ vlan }) => vlan,
    DST: ({ dst }) => dst,
    VIA: ({ via }, names) => names(via),
    VNI: ({ vni }) => vni,
    MASTER: ({ master }, names) => names(master),
    STATE: ({ state }) => state,
    FLAGS: ({ flags }) => flags,
  },
  rules: {
    FAMILY: ({ family }) => family,
    PRIORITY: ({ priority = 0 }) => priority,
    NOT: ({ flags }) => (flags.includes('invert') ? 'not' : ''),
    FROM: ({ src = 'all' }) => src,
    TO: ({ dst }) => dst,
    IIF: ({ iifname }) => iifname,
    OIF: ({ oifname }) => oifname,
    FWMARK: ({ fwmark, fwmask }) =>
      fwmark === undefined ? '' : `0x${fwmark.toString(16)}/0x${(fwmask ?? 0).toString(16)}`,
    PROTO: ({ ipProto }) => ipProto,
    ACTION: ({ action }) => (action === 'to_tbl' ? 'lookup' : action),
    TABLE: ({ table, action }) => (action === 'to_tbl' ? table : ''),
  },
  nexthops: {
    ID: ({ id }) => id,
    VIA: ({ gateway }) => gateway,
    DEV: ({ oif }, names) => names(oif),
    GROUP: ({ group }) => group?.map(({ id, weight }) => `${id}*${weight}`),
    TYPE: ({ blackhole, groupType }) => (blackhole === true ? 'blackhole' : groupType),
    SCOPE: ({ scope }) => scope,
    PROTOCOL: ({ protocol }) => protocol,
    FLAGS: ({ flags }) => flags,
  },
  vlans: {
    DEV: ({ index }, names) => names(index),
    VLAN: ({ vid, last }) => (vid === last ? vid : `${vid}-${last}`),
    FLAGS: ({ flags }) => flags,
    STATE: ({ state }) => state,
    TUNNEL: ({ tunnelInfo }) => tunnelInfo?.id,
  },
  mdb: {
    DEV: ({ index }, names) => names(index),
    PORT: ({ port }, names) => names(port),
    GROUP: ({ group }) => group,
    VLAN: ({ vid }) => (vid === 0 ? '' : vid),
    SOURCE: ({ source }) => source,
    STATE: ({ state }) => state,
  },
  vniFilters: {
    DEV: ({ ifindex }, names) => names(ifindex),
    VNI: ({ vni, vniEnd }) => (vni === vniEnd ? vni : `${vni}-${vniEnd}`),
    GROUP: ({ group }) => group,
  },
  netconfs: {
    FAMILY: ({ family }) => family,
    DEV: ({ ifindex }, names) => (typeof ifindex === 'number' ? names(ifindex) : ifindex),
    FORWARDING: ({ forwarding }) => forwarding,
    RP_FILTER: ({ rpFilter }) => rpFilter,
    MC_FORWARDING: ({ mcForwarding }) => mcForwarding,
    PROXY_NEIGH: ({ proxyNeigh }) => proxyNeigh,
    INPUT: ({ input }) => input,
  },
  prefixes: {
    DEV: ({ ifindex }, names) => names(ifindex),
    ADDRESS: ({ address }) => address,
    FLAGS: ({ flags }) => flags,
    VALID: ({ cacheinfo }) => seconds(cacheinfo?.validTime),
    PREFERRED: ({ cacheinfo }) => seconds(cacheinfo?.preferredTime),
  },
  ndUserOpts: {
    DEV: ({ ifindex }, names) => names(ifindex),
    FROM: ({ srcaddr }) => srcaddr,
    TYPE: ({ type }) => type,
    LIFETIME: ({ lifetime }) => seconds(lifetime),
    SERVERS: ({ servers }) => servers,
    DOMAINS: ({ domains }) => domains,
    URI: ({ uri }) => uri,
    DATA: ({ data }) => data && toHex(data),
  },
  nsids: { NSID: (number) => number },
};

/** Those of labels, which the kernel does not report. */
export const ADDR_LABEL_COLUMNS: Columns<AddrLabelObject> = {
  ADDRESS: ({ address }) => address,
  DEV: ({ index }, names) => names(index),
  LABEL: ({ label }) => label,
};

const FOREVER = 0xffffffff;

const seconds = (valid: number | undefined): string =>
  valid === undefined || valid === FOREVER ? '' : `${valid}s`;

/** The cells of an object, in the order of its columns. */
export const cells = <K extends keyof MonitoredObjects>(
  kind: K,
  object: MonitoredObjects[K],
  names: Names,
): string[] => cellsOf(COLUMNS[kind] as Columns<MonitoredObjects[K]>, object, names);

export const cellsOf = <V>(columns: Columns<V>, object: V, names: Names): string[] =>
  Object.values(columns).map((cell) => word(cell(object, names)));

function word(value: unknown): string {
  if (value === undefined || value === null) return '';
  return Array.isArray(value) ? value.map(String).join(',') : String(value as string | number);
}

/** Looks up the names of links once, and again for links that are new. */
export function linkNames(rt: Rtnl): Names {
  let known: Map<number, string> | undefined;
  const load = (): Map<number, string> =>
    new Map(rt.links.list().map(({ index, ifname = '' }) => [index, ifname]));
  return (index) => {
    if (index === undefined || index === 0) return '';
    known ??= load();
    if (!known.has(index)) {
      known = load();
      if (!known.has(index)) known.set(index, `#${index}`);
    }
    return known.get(index)!;
  };
}
