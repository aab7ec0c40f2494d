/**
 * What a tunnel takes over from the packets that it carries.
 *
 * include/uapi/linux/if_link.h, `IFLA_VXLAN_*`, `IFLA_GENEVE_*`.
 */
import { bool8, flag, u8, type Codec } from '../../../netlink/codec/codec.ts';
import { enumOf } from '../../../netlink/codec/enums.ts';

/** `VXLAN_DF_*`, `GENEVE_DF_*`: the don't-fragment bit of the outer header. */
export const df = enumOf(u8, { unset: 0, set: 1, inherit: 2 });

const BYTE = 'byte';

/**
 * A boolean that the kernel reports as a byte and takes as a flag: `IFLA_VXLAN_TTL_INHERIT`. Its
 * policy refuses the byte, so `true` is written as the flag; leave the key out for off.
 */
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
