/**
 * Source routes of low-power networks, RFC 6554: the encapsulation `rpl`.
 *
 * include/uapi/linux/rpl_iptunnel.h; rpl.h, `struct ipv6_rpl_sr_hdr`; ip-route(8), "rpl";
 * `ip -6 route add 2001:db8::3 encap rpl segs 2001:db8::1,2001:db8::2 dev eth0`.
 */
import { CodecError, rethrowWithin } from '../../errors.ts';
import { ipv6 } from '../../netlink/codec/address.ts';
import { attr, attrs } from '../../netlink/codec/attributes.ts';
import { bytes, u16, u8, type Codec, type Input, type Static } from '../../netlink/codec/codec.ts';
import { struct } from '../../netlink/codec/struct.ts';

const IPV6_SRCRT_TYPE_3 = 3;

/**
 * `cmpr`: how many bytes of each address (upper four bits) and of the last one are left out, which
 * Linux refuses; `pad`: bytes of padding, in the upper four bits.
 */
export const rplSrHdr = struct('ipv6_rpl_sr_hdr', {
  nexthdr: u8,
  hdrlen: u8,
  type: u8,
  segmentsLeft: u8,
  cmpr: u8,
  pad: u8,
  _reserved: u16,
});

/**
 * `segments` in the order of `ip route`, reversed on the wire; `tail`: bytes that are no complete
 * address.
 */
export type RplSrh = Omit<Static<typeof rplSrHdr>, 'rest'> & {
  segments: string[];
  tail?: Uint8Array;
};
export type RplSrhInput = Omit<Input<typeof rplSrHdr>, 'rest'> & {
  segments: readonly string[];
  tail?: Uint8Array | string | undefined;
};

const srh: Codec<RplSrh, RplSrhInput> = {
  type: 'struct ipv6_rpl_sr_hdr and segments',
  get(view, at, end) {
    const start = at + rplSrHdr.span;
    if (end < start) throw new CodecError(`${end - at} bytes, ${rplSrHdr.span} needed`);
    const value: RplSrh = { ...rplSrHdr.read(view, at), segments: [] };
    let each = start;
    for (; each + 16 <= end; each += 16) value.segments.unshift(ipv6.read(view, each));
    if (each < end) value.tail = bytes.get(view, each, end);
    return value;
  },
  /** Missing lengths and counts follow from the segments. */
  put(writer, { segments, tail, ...head }) {
    const at = writer.at;
    rplSrHdr.put(writer, { type: IPV6_SRCRT_TYPE_3, segmentsLeft: segments.length, ...head });
    segments.toReversed().forEach((segment, i) => {
      try {
        ipv6.put(writer, segment);
      } catch (error) {
        rethrowWithin(error, `segments[${segments.length - 1 - i}]`);
      }
    });
    if (tail !== undefined) bytes.put(writer, tail);
    if (head.hdrlen === undefined) writer.view.setUint8(at + 1, ((writer.at - at) >> 3) - 1);
  },
  show({ segments, tail, ...head }) {
    const rest = tail === undefined ? '' : ` tail=${bytes.show(tail)}`;
    return `${rplSrHdr.show(head)} segments=${segments.join(',')}${rest}`;
  },
};

export const encapRpl = attrs({
  srh: attr('RPL_IPTUNNEL_SRH', 1, srh, 'routing header'),
});
