/**
 * Segment routing over IPv6: the header in `SEG6_IPTUNNEL_SRH`, preceded by the mode.
 *
 * include/uapi/linux/seg6_iptunnel.h, `struct seg6_iptunnel_encap`; seg6.h, `struct ipv6_sr_hdr`;
 * RFC 8754, section 2.
 */
import { ipv6 } from '../../netlink/codec/address.ts';
import {
  be16,
  bytes,
  s32,
  u8,
  type Codec,
  type Input,
  type Static,
} from '../../netlink/codec/codec.ts';
import { enumOf, flagsOf } from '../../netlink/codec/enums.ts';
import { CodecError, rethrowWithin } from '../../errors.ts';
import { struct } from '../../netlink/codec/struct.ts';

/** `SEG6_IPTUN_MODE_*`. */
const mode = enumOf(s32, { inline: 0, encap: 1, l2encap: 2, 'encap.red': 3, 'l2encap.red': 4 });
const flags = flagsOf(u8, { hmac: 0x08, alert: 0x10, oam: 0x20, protected: 0x40 });

const ROUTING_TYPE = 4;

export const seg6Encap = struct('seg6_iptunnel_encap', {
  mode,
  nexthdr: u8,
  hdrlen: u8,
  type: u8,
  segmentsLeft: u8,
  firstSegment: u8,
  flags,
  tag: be16,
});

type Head = Omit<Static<typeof seg6Encap>, 'rest'>;
type HeadInput = Omit<Input<typeof seg6Encap>, 'rest'>;

/**
 * `segments` in the order of travel (reversed on the wire); `tlvs` are the bytes that follow them.
 */
export type Seg6Srh = Head & { segments: string[]; tlvs?: Uint8Array };
export type Seg6SrhInput = HeadInput & {
  segments: readonly string[];
  tlvs?: Uint8Array | string | undefined;
};

export const seg6Srh: Codec<Seg6Srh, Seg6SrhInput> = {
  type: 'struct seg6_iptunnel_encap and segments',
  get(view, at, end) {
    const start = at + seg6Encap.span;
    if (end < start) throw new CodecError(`${end - at} bytes, ${seg6Encap.span} needed`);
    const head = seg6Encap.read(view, at);
    const stop = start + 16 * (head.firstSegment + 1);
    if (stop > end) {
      throw new CodecError(
        `${head.firstSegment + 1} segments, there is room for ${(end - start) >> 4}`,
      );
    }
    const value: Seg6Srh = { ...head, segments: [] };
    for (let each = stop - 16; each >= start; each -= 16) {
      value.segments.push(ipv6.read(view, each));
    }
    if (stop < end) value.tlvs = bytes.get(view, stop, end);
    return value;
  },
  /** Missing lengths and counts follow from the segments. */
  put(writer, { segments, tlvs, ...head }) {
    if (segments.length === 0) throw new CodecError('segments are missing');
    const last = segments.length - 1;
    const at = writer.at;
    seg6Encap.write(writer, {
      type: ROUTING_TYPE,
      segmentsLeft: last,
      firstSegment: last,
      ...head,
    });
    segments.toReversed().forEach((segment, i) => {
      try {
        ipv6.put(writer, segment);
      } catch (error) {
        rethrowWithin(error, `segments[${last - i}]`);
      }
    });
    if (tlvs !== undefined) bytes.put(writer, tlvs);
    if (head.hdrlen === undefined) {
      const header = writer.at - at - 4;
      writer.view.setUint8(at + 5, (header >> 3) - 1);
    }
  },
  show({ segments, tlvs, ...head }) {
    const tail = tlvs === undefined ? '' : ` tlvs=${bytes.show(tlvs)}`;
    return `${seg6Encap.show(head)} segments=${segments.join(',')}${tail}`;
  },
};
