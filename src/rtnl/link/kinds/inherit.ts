/**
 * A boolean that the kernel reports as a byte and takes as a flag: `IFLA_VXLAN_TTL_INHERIT`. Its
 * policy refuses the byte, so `true` is written as the flag; leave the key out for off.
 */
import { bool8, flag, type Codec } from '../../../netlink/codec/codec.ts';

const BYTE = 'byte';

export const flagOrByte: Codec<boolean> = {
  type: 'flag in requests, bool in u8 in reports',
  notes: true,
  get(view, at, end, remark) {
    if (end === at) return true;
    const value = bool8.get(view, at, end);
    if (value && remark) remark.form = BYTE;
    return value;
  },
  put(writer, value, note) {
    if (value && note !== BYTE) flag.put(writer, value);
    else bool8.put(writer, value);
  },
  show: bool8.show,
};
