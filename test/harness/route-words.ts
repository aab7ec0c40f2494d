/**
 * Decoded routes and next hops in the form of `ip -d -j route` and `ip -d -j nexthop`, for
 * comparing the two. Only the keys are taken from iproute2's output.
 */
import type { Encap } from '../../src/rtnl/route/encap.ts';
import type { MplsRoute } from '../../src/rtnl/route/label-route.ts';
import type { Route } from '../../src/rtnl/route/message.ts';
import type { Nexthop } from '../../src/rtnl/nexthop/message.ts';
import type { Row } from './namespace.ts';

/** Names of interfaces by index. */
export type Names = ReadonlyMap<number | undefined, string>;

interface Hop {
  readonly gateway?: string;
  readonly via?: { family: string | number; addr: string };
  readonly newdst?: readonly number[];
  readonly encapType?: string | number;
  readonly encap?: Encap | Uint8Array;
}

type Values = Readonly<Record<string, any>>;

/**
 * The keys of `row`, with our values; one that we have no value for becomes undefined, and the
 * comparison fails.
 */
const pick = (values: Row, row: Row): Row =>
  Object.fromEntries(Object.keys(row).map((key) => [key, values[key]]));

export function routeInIpWords({ attrs, ...head }: Route | MplsRoute, names: Names, row: Row): Row {
  const { dst, prefsrc, src, pref } = attrs as Values;
  const values: Row = {
    ...hopWords(attrs as Hop, names),
    type: head.type,
    from: src === undefined ? undefined : prefixText(src, head.srcLen),
    nhid: attrs.nhId,
    dev: names.get(attrs.oif),
    table: String(attrs.table ?? head.table),
    protocol: String(head.protocol),
    scope: head.scope,
    prefsrc,
    metric: attrs.priority,
    flags: head.flags,
    pref,
    metrics: attrs.metrics && [metricsWords(attrs.metrics, (row['metrics'] as Row[])[0]!)],
    expires: attrs.cacheinfo && nearly(attrs.cacheinfo.expires / 100, row['expires']),
    'ttl-propogate': attrs.ttlPropagate,
    // A second dump resolves the id; this is not part of the route.
    nh_info: row['nh_info'],
  };
  // iproute2 prints two keys of one name where there is a tunnel; the last one holds.
  values['tos'] ??= `0x${head.tos.toString(16)}`;
  values['dst'] ??= dst === undefined ? 'default' : prefixText(dst, head.dstLen);
  if (attrs.multipath !== undefined) {
    const rows = row['nexthops'] as Row[];
    values['nexthops'] = attrs.multipath.map(({ flags, hops, ifindex, attrs: hop }, i) =>
      pick(
        { ...hopWords(hop as Hop, names), dev: names.get(ifindex), weight: hops + 1, flags },
        rows[i] ?? {},
      ),
    );
  }
  return pick(values, row);
}

const prefixText = (address: string | number[], length: number): string => {
  if (typeof address !== 'string') return address.join('/');
  return length === (address.includes(':') ? 128 : 32) ? address : `${address}/${length}`;
};

/** Seconds, which may advance between the two dumps. */
const nearly = (ours: number, theirs: unknown): number =>
  Math.abs(ours - Number(theirs)) <= 2 ? Number(theirs) : ours;

function hopWords({ gateway, via, newdst, encapType, encap }: Hop, names: Names): Row {
  return {
    gateway,
    via: via && { family: via.family, host: via.addr },
    to: newdst?.join('/'),
    ...(encap === undefined ? {} : { encap: encapType, ...encapWords(encap, names) }),
  };
}

function segmentWords({ srh, table, oif, iif, flavors, ...rest }: Values, names: Names): Row {
  return {
    ...rest,
    srh: srh && { segs: srh.segments },
    table: table && String(table),
    oif: names.get(oif),
    iif: names.get(iif),
    flavors: flavors?.operation,
    lblen: flavors?.lcblockBits,
    nflen: flavors?.lcnodeFnBits,
  };
}

/** iproute2 prints 64 bits as four numbers. */
function locatorWords({ locator, csumMode, identType, hookType }: Values): Row {
  const parts = [48n, 32n, 16n, 0n].map((shift) => (locator >> shift) & 0xffffn);
  return {
    locator: parts.map((part) => part.toString(16)).join(':'),
    csum_mode: csumMode,
    ident_type: identType,
    hook_type: hookType,
  };
}

function encapWords(encap: Values, names: Names): Row {
  const { dst, srh, opts, id, flags, ...rest } = encap;
  if (rest['action'] !== undefined) return segmentWords(encap, names);
  if (rest['locator'] !== undefined) return locatorWords(encap);
  if (srh !== undefined) return { mode: srh.mode, segs: srh.segments };
  if (Array.isArray(dst)) return { ...rest, dst: dst.join('/') };
  return {
    ...rest,
    dst,
    id: Number(id),
    ...Object.fromEntries((flags as string[]).map((flag) => [flag, true])),
    vxlan_opts: opts?.vxlan && [{ gbp: opts.vxlan.gbp }],
    geneve_opts: opts?.geneve,
    erspan_opts: opts?.erspan && [opts.erspan],
  };
}

function metricsWords(metrics: Values, row: Row): Row {
  const values: Row = {
    ...metrics,
    rtt: metrics['rtt'] / 8,
    rttvar: metrics['rttvar'] / 4,
    rto_min: metrics['rtoMin'],
    congestion: metrics['ccAlgo'],
    quickack: Number(metrics['quickack']),
    fastopen_no_cookie: Number(metrics['fastopenNoCookie']),
    ecn: metrics['features']?.includes('ecn') === true ? null : undefined,
  };
  return pick(values, row);
}

export function nexthopInIpWords({ attrs, ...head }: Nexthop, names: Names, row: Row): Row {
  const { resGroup, resBucket } = attrs;
  const values: Row = {
    ...hopWords(attrs as Hop, names),
    id: attrs.id,
    dev: names.get(attrs.oif),
    scope: head.scope,
    protocol: String(head.protocol),
    flags: head.flags,
    blackhole: attrs.blackhole === true ? null : undefined,
    fdb: attrs.fdb === true ? null : undefined,
    type: attrs.groupType,
    group: attrs.group?.map(({ id, weight }) =>
      weight === 0 ? { id } : { id, weight: weight + 1 },
    ),
    resilient_args: resGroup && {
      buckets: resGroup.buckets,
      idle_timer: resGroup.idleTimer! / 100,
      unbalanced_timer: resGroup.unbalancedTimer! / 100,
      unbalanced_time: Number(resGroup.unbalancedTime) / 100,
    },
    bucket: resBucket && {
      index: resBucket.index,
      idle_time: nearly(Number(resBucket.idleTime) / 100, (row['bucket'] as Row)['idle_time']),
      nhid: resBucket.nhId,
    },
  };
  return pick(values, row);
}
