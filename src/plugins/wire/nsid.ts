/** RTM_NEWNSID and RTM_GETNSID as the plugins use them; src/rtnl/nsid/message.ts has all of it. ip-netns(8). */
import type { Writer } from '../../netlink/codec/bytes.ts';
import type { Request } from '../../netlink/reply.ts';
import { RTM_GETNSID, RTM_NEWNSID } from '../../rtnl/constants.ts';
import { written } from './message.ts';
import { eachTlv, putStruct, putU32, s32At } from './tlv.ts';

/** struct rtgenmsg is one byte; attributes begin aligned. */
const RTGENMSG = 4;
/** The kernel chooses the number; and what it tells where there is none. */
const ANY = -1;

interface NsidSpec {
  readonly nsid?: number;
  /** Descriptor of the namespace. */
  readonly fd?: number;
}

function put(w: Writer, { nsid, fd }: NsidSpec): void {
  putStruct(w, RTGENMSG);
  if (nsid !== undefined) putU32(w, 1, nsid);
  if (fd !== undefined) putU32(w, 3, fd);
}

/** The number that this namespace has for another; -1 where it has none. */
function get(view: DataView, at: number, end: number): number {
  let number = ANY;
  eachTlv(view, at + RTGENMSG, end, (type, body) => {
    if (type === 1) number = s32At(view, body);
  });
  return number;
}

export const nsid = written<number, NsidSpec>({
  name: 'nsid',
  types: { RTM_NEWNSID, RTM_GETNSID },
  head: RTGENMSG,
  put,
  get,
  subject: (spec) => (spec.nsid === undefined ? undefined : String(spec.nsid)),
  names: () => ({ 1: 'NETNSA_NSID', 3: 'NETNSA_FD' }),
});

type NsidRequest = Request<number, NsidSpec>;

/** Gives another namespace a number here; EEXIST when it has one. */
export const numberNamespace = (fd: number): NsidRequest => ({
  message: nsid,
  type: RTM_NEWNSID,
  value: { nsid: ANY, fd },
});

/** Asks for the number of a namespace, or without `fd` in a dump for all that there are. */
export const getNsid = (fd?: number): NsidRequest => ({
  message: nsid,
  type: RTM_GETNSID,
  value: fd === undefined ? {} : { fd },
});
