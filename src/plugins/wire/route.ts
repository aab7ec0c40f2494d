/** RTM_NEWROUTE as ADD uses it; src/rtnl/route.ts has all of it. rtnetlink(7). */
import type { Writer } from '../../netlink/bytes.ts';
import { NLM_F_CREATE } from '../../netlink/constants.ts';
import { CodecError } from '../../netlink/errors.ts';
import type { Request } from '../../netlink/reply.ts';
import { RTM_NEWROUTE } from '../../rtnl/constants.ts';
import { written } from './message.ts';
import { putAddress, putU32, putStruct } from './tlv.ts';

const AF_INET = 2;
const AF_INET6 = 10;
const RTMSG = 12;
const RT_TABLE_MAIN = 254;
const RTPROT_BOOT = 3;
const RTN_UNICAST = 1;

export interface RouteSpec {
  /** With prefix length. */
  readonly dst: string;
  readonly gateway?: string | undefined;
  readonly priority?: number | undefined;
  /** The main table when left out. */
  readonly table?: number | undefined;
  /** RT_SCOPE_*, of IPv4 routes. */
  readonly scope: number;
  /** Index of the interface. */
  readonly oif: number;
}

function put(w: Writer, spec: RouteSpec): void {
  const { dst, gateway, priority, table = RT_TABLE_MAIN, scope, oif } = spec;
  const [address = '', length] = dst.split('/');
  const at = putStruct(w, RTMSG);
  w.bytes[at] = address.includes(':') ? AF_INET6 : AF_INET;
  w.bytes[at + 1] = Number(length);
  w.bytes[at + 4] = table > 255 ? RT_TABLE_MAIN : table;
  w.bytes[at + 5] = RTPROT_BOOT;
  w.bytes[at + 6] = scope;
  w.bytes[at + 7] = RTN_UNICAST;
  putAddress(w, 1, address);
  if (gateway !== undefined) putAddress(w, 5, gateway);
  if (priority !== undefined) putU32(w, 6, priority);
  // The header holds one byte of the table; the attribute holds all of it.
  if (table > 255) putU32(w, 15, table);
  putU32(w, 4, oif);
}

export const route = written<never, RouteSpec>({
  name: 'route',
  types: { RTM_NEWROUTE },
  head: RTMSG,
  put,
  get: () => {
    throw new CodecError('routes are only made');
  },
  subject: ({ dst }) => dst,
  names: () => ({
    1: 'RTA_DST',
    4: 'RTA_OIF',
    5: 'RTA_GATEWAY',
    6: 'RTA_PRIORITY',
    15: 'RTA_TABLE',
  }),
});

/** Makes a route. Neither EXCL nor APPEND: two routes to one destination may stand side by side. */
export const addRoute = (value: RouteSpec): Request<never, RouteSpec> => ({
  message: route,
  type: RTM_NEWROUTE,
  flags: NLM_F_CREATE,
  value,
});
