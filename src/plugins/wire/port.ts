/**
 * A bridge port's VLANs and forwarding entry, as ADD sets them: RTM_SETLINK and RTM_DELLINK of AF_BRIDGE, RTM_NEWNEIGH and
 * RTM_GETNEIGH. All of both
 * is in src/rtnl/link/bridge-vlan.ts and src/rtnl/neigh/message.ts. bridge(8).
 */
import type { Writer } from '../../netlink/codec/bytes.ts';
import { LITTLE_ENDIAN } from '../../netlink/codec/bytes.ts';
import { NLM_F_CREATE } from '../../netlink/constants.ts';
import { CodecError } from '../../errors.ts';
import type { Request } from '../../netlink/reply.ts';
import { RTM_DELLINK, RTM_GETNEIGH, RTM_NEWNEIGH, RTM_SETLINK } from '../../rtnl/constants.ts';
import { written } from './message.ts';
import { putBytes, putMac, putNest, putStruct, putU32, u32At } from './tlv.ts';

const AF_BRIDGE = 7;
const IFINFOMSG = 16;
const NDMSG = 12;
/** NUD_NOARP: a static entry. */
const NOARP = 0x40;
/** NTF_MASTER: in the bridge's table; NTF_STICKY: no other port draws it over. */
const MASTER_STICKY = 0x04 | 0x40;
/** BRIDGE_FLAGS_MASTER */
const OF_MASTER = 1;

/** BRIDGE_VLAN_INFO_*, include/uapi/linux/if_bridge.h. */
export const VLAN_FLAGS = { pvid: 2, untagged: 4, rangeBegin: 8, rangeEnd: 16 } as const;

/** `struct bridge_vlan_info` */
export interface VlanInfo {
  readonly flags: number;
  readonly vid: number;
}

interface PortVlansSpec {
  readonly port: number;
  readonly vlans: readonly VlanInfo[];
}

const never = (): never => {
  throw new CodecError('only sent');
};

const portVlans = written<never, PortVlansSpec>({
  name: 'port VLANs',
  types: { RTM_SETLINK, RTM_DELLINK },
  head: IFINFOMSG,
  put(w: Writer, { port, vlans }) {
    const at = putStruct(w, IFINFOMSG);
    w.bytes[at] = AF_BRIDGE;
    w.view.setInt32(at + 4, port, LITTLE_ENDIAN);
    putNest(w, 26, () => {
      putU16(w, 0, OF_MASTER);
      for (const { flags, vid } of vlans) putU16(w, 2, flags, vid);
    });
  },
  get: never,
  subject: ({ port }) => `index ${port}`,
  names: () => ({
    26: ['IFLA_AF_SPEC', { 0: 'IFLA_BRIDGE_FLAGS', 2: 'IFLA_BRIDGE_VLAN_INFO' }],
  }),
});

function putU16(w: Writer, type: number, ...values: readonly number[]): void {
  putBytes(w, type, new Uint8Array(Uint16Array.from(values).buffer));
}

/** Puts a port into VLANs. */
export const addPortVlans = (
  port: number,
  vlans: readonly VlanInfo[],
): Request<never, PortVlansSpec> => ({
  message: portVlans,
  type: RTM_SETLINK,
  value: { port, vlans },
});

/** Takes a port out of a VLAN. */
export const removePortVlan = (port: number, vid: number): Request<never, PortVlansSpec> => ({
  message: portVlans,
  type: RTM_DELLINK,
  value: { port, vlans: [{ flags: 0, vid }] },
});

/** An entry of a bridge's forwarding database: an address, and the port that it is behind. */
interface FdbSpec {
  readonly port?: number;
  /** Index of the bridge, in questions. */
  readonly bridge?: number;
  readonly lladdr: string;
}

export const fdb = written<number, FdbSpec>({
  name: 'fdb',
  types: { RTM_NEWNEIGH, RTM_GETNEIGH },
  head: NDMSG,
  put(w: Writer, { port = 0, bridge, lladdr }) {
    const at = putStruct(w, NDMSG);
    w.bytes[at] = AF_BRIDGE;
    w.view.setInt32(at + 4, port, LITTLE_ENDIAN);
    if (bridge === undefined) {
      w.view.setUint16(at + 8, NOARP, LITTLE_ENDIAN);
      w.bytes[at + 10] = MASTER_STICKY;
    } else putU32(w, 9, bridge);
    putMac(w, 2, lladdr);
  },
  /** Index of the port; that of the bridge for an address of its own. */
  get: (view, at) => u32At(view, at + 4),
  subject: ({ lladdr }) => lladdr,
  names: () => ({ 2: 'NDA_LLADDR', 9: 'NDA_MASTER' }),
});

type FdbRequest = Request<number, FdbSpec>;

/**
 * The address that packets may come from on a locked port. `bridge fdb add … master static sticky`. Not EXCL: the bridge may have
 * learned the address elsewhere, before it came here.
 */
export const addSender = (port: number, lladdr: string): FdbRequest => ({
  message: fdb,
  type: RTM_NEWNEIGH,
  flags: NLM_F_CREATE,
  value: { port, lladdr },
});

/** Asks a bridge whose an address is. `bridge fdb get … br`. */
export const getFdb = (bridge: number, lladdr: string): FdbRequest => ({
  message: fdb,
  type: RTM_GETNEIGH,
  value: { bridge, lladdr },
});
