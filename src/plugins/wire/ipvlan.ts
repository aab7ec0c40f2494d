/** `IFLA_INFO_DATA` of the kind `ipvlan`; src/rtnl/link/kinds/ipvlan.ts has it too. include/uapi/linux/if_link.h, `IFLA_IPVLAN_*`. */
import type { Writer } from '../../netlink/codec/bytes.ts';
import { LITTLE_ENDIAN } from '../../netlink/codec/bytes.ts';
import { eachTlv, putU16 } from './tlv.ts';

export const IPVLAN = 'ipvlan';

export const MODES = ['l2', 'l3', 'l3s'] as const;
export type IpvlanMode = (typeof MODES)[number];

const PRIVATE = 1;
const VEPA = 2;
/** Without either of two bits it is `bridge`. */
export const FLAGS = ['bridge', 'private', 'vepa'] as const;
export type IpvlanFlag = (typeof FLAGS)[number];

/** Both are the master's, one for all of its links. */
export interface IpvlanData {
  mode: IpvlanMode;
  flag: IpvlanFlag;
}

export function putIpvlan(w: Writer, { mode = 'l2', flag }: Partial<IpvlanData>): void {
  putU16(w, 1, MODES.indexOf(mode));
  putU16(w, 2, flag === 'private' ? PRIVATE : flag === 'vepa' ? VEPA : 0);
}

export function getIpvlan(view: DataView, at: number, end: number): IpvlanData {
  const data: IpvlanData = { mode: 'l2', flag: 'bridge' };
  eachTlv(view, at, end, (id, body) => {
    const number = view.getUint16(body, LITTLE_ENDIAN);
    // A mode that a later kernel may have is none of ours.
    if (id === 1) data.mode = MODES[number] ?? (`${number}` as IpvlanMode);
    else if (id === 2 && (number & PRIVATE) !== 0) data.flag = 'private';
    else if (id === 2 && (number & VEPA) !== 0) data.flag = 'vepa';
  });
  return data;
}
