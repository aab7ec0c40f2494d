/** RTM_NEWROUTE and RTM_GETROUTE as ADD uses them; src/rtnl/route/message.ts has all of it. rtnetlink(7). */
import { LITTLE_ENDIAN, type Writer } from '../../netlink/codec/bytes.ts';
import { NLM_F_CREATE } from '../../netlink/constants.ts';
import { CodecError } from '../../errors.ts';
import { parseIpv6 } from '../../ip.ts';
import type { Request } from '../../netlink/reply.ts';
import { RTM_GETROUTE, RTM_NEWROUTE } from '../../rtnl/constants.ts';
import { written } from './message.ts';
import { eachTlv, putAddress, putBytes, putStruct, putU32, u32At } from './tlv.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const RTMSG = 12;
const RT_TABLE_MAIN = 254;
const RTPROT_BOOT = 3;
const RTN_UNICAST = 1;
const RTNH_F_ONLINK = 4;

export interface RouteSpec {
  /** With prefix length. */
  readonly dst: string;
  /** Over IPv6 also for an IPv4 route, since Linux 5.2. */
  readonly gateway?: string | undefined;
  /** The gateway is on the link, whatever the addresses there say. */
  readonly onlink?: boolean | undefined;
  readonly priority?: number | undefined;
  /** The main table when left out. */
  readonly table?: number | undefined;
  /** RT_SCOPE_*, of IPv4 routes. */
  readonly scope: number;
  /** Index of the interface. */
  readonly oif: number;
}

/** A route as the kernel tells of it. */
export interface WireRoute {
  /** Of the destination; 0 for a default route. */
  readonly length: number;
  readonly isUnicast: boolean;
  /** Index of the interface; of the first one where there are several ways. */
  readonly oif: number | undefined;
}

/** Undefined asks for the main table. */
type Spec = RouteSpec | undefined;

function put(w: Writer, spec: Spec): void {
  const at = putStruct(w, RTMSG);
  if (spec === undefined) {
    w.bytes[at + 4] = RT_TABLE_MAIN;
    return;
  }
  const { dst, gateway, onlink, priority, table = RT_TABLE_MAIN, scope, oif } = spec;
  const [address = '', length] = dst.split('/');
  const isInet6 = address.includes(':');
  w.bytes[at] = isInet6 ? AF_INET6 : AF_INET;
  w.bytes[at + 1] = Number(length);
  w.bytes[at + 4] = table > 255 ? RT_TABLE_MAIN : table;
  w.bytes[at + 5] = RTPROT_BOOT;
  w.bytes[at + 6] = scope;
  w.bytes[at + 7] = RTN_UNICAST;
  if (onlink === true) w.view.setUint32(at + 8, RTNH_F_ONLINK, LITTLE_ENDIAN);
  putAddress(w, 1, address);
  if (gateway !== undefined) {
    if (isInet6 || !gateway.includes(':')) putAddress(w, 5, gateway, isInet6);
    else putVia(w, gateway);
  }
  if (priority !== undefined) putU32(w, 6, priority);
  // The header holds one byte of the table; the attribute holds all of it.
  if (table > 255) putU32(w, 15, table);
  putU32(w, 4, oif);
}

/** `struct rtvia`: a family of two bytes, and the address. */
function putVia(w: Writer, gateway: string): void {
  const via = new Uint8Array(18);
  const view = new DataView(via.buffer);
  view.setUint16(0, AF_INET6, LITTLE_ENDIAN);
  if (!parseIpv6(gateway, view, 2)) throw new CodecError(`"${gateway}" is not an IPv6 address`);
  putBytes(w, 18, via);
}

function get(view: DataView, at: number, end: number): WireRoute {
  let oif: number | undefined;
  eachTlv(view, at + RTMSG, end, (type, body) => {
    if (type === 4) oif = u32At(view, body);
    // The index stands in the second word of a struct rtnexthop.
    if (type === 9) oif ??= u32At(view, body + 4);
  });
  return { length: view.getUint8(at + 1), isUnicast: view.getUint8(at + 7) === RTN_UNICAST, oif };
}

export const route = written<WireRoute, Spec>({
  name: 'route',
  types: { RTM_NEWROUTE, RTM_GETROUTE },
  head: RTMSG,
  put,
  get,
  subject: (spec) => spec?.dst ?? 'table main',
  names: () => ({
    1: 'RTA_DST',
    4: 'RTA_OIF',
    5: 'RTA_GATEWAY',
    6: 'RTA_PRIORITY',
    15: 'RTA_TABLE',
    18: 'RTA_VIA',
  }),
});

type RouteRequest = Request<WireRoute, Spec>;

/** Makes a route. Neither EXCL nor APPEND: two routes to one destination may stand side by side. */
export const addRoute = (value: RouteSpec): RouteRequest => ({
  message: route,
  type: RTM_NEWROUTE,
  flags: NLM_F_CREATE,
  value,
});

/** Asks for the routes of the main table, IPv4 before IPv6, low metrics before high ones. */
export const routeDump = (): RouteRequest => ({
  message: route,
  type: RTM_GETROUTE,
  value: undefined,
});
