/**
 * MPLS labels: a destination (`RTA_DST` of family mpls), or a stack to push or to swap in
 * (`RTA_NEWDST`, `MPLS_IPTUNNEL_DST`).
 *
 * RFC 3032, section 2.1; include/uapi/linux/mpls.h, `struct mpls_label`. In network order:
 *
 *     | 20 bits: label | 3 bits: traffic class | 1 bit: bottom of stack | 8 bits: time to live |
 */
import { be32, type Codec } from '../netlink/codec/codec.ts';
import { CodecError } from '../errors.ts';

const LABEL_SHIFT = 12;
const BOTTOM = 1 << 8;
const MAX_LABEL = 2 ** 20 - 1;

/**
 * A stack of labels, outermost first. The kernel and iproute2 leave traffic class and time to live
 * at zero; other bits are noted, entry by entry.
 */
export const labels: Codec<number[], readonly number[]> = {
  type: 'mpls label stack',
  notes: true,
  get(view, at, end, remark) {
    if (end === at || (end - at) % 4 !== 0) {
      throw new CodecError(`${end - at} bytes, a multiple of 4 needed`);
    }
    const stack: number[] = [];
    const rest: number[] = [];
    let plain = true;
    for (; at < end; at += 4) {
      const entry = be32.read(view, at);
      stack.push(entry >>> LABEL_SHIFT);
      const low = entry & ((1 << LABEL_SHIFT) - 1);
      rest.push(low);
      plain &&= low === (at + 4 === end ? BOTTOM : 0);
    }
    if (remark && !plain) remark.form = rest.join(' ');
    return stack;
  },
  put(writer, stack, note) {
    const noted = note?.split(' ').map(Number);
    stack.forEach((label, i) => {
      if (!Number.isInteger(label) || label < 0 || label > MAX_LABEL) {
        throw new CodecError(`${label} is not a label, 0 to ${MAX_LABEL}`);
      }
      const low = noted?.length === stack.length ? noted[i]! : i === stack.length - 1 ? BOTTOM : 0;
      be32.put(writer, ((label << LABEL_SHIFT) | low) >>> 0);
    });
  },
  show: (stack) => stack.join('/'),
};
