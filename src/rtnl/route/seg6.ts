/**
 * Segment routing over IPv6: the header in `SEG6_LOCAL_SRH`, and in `SEG6_IPTUNNEL_SRH`, where the
 * mode precedes it.
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
import { struct, type Struct } from '../../netlink/codec/struct.ts';

/** `SEG6_IPTUN_MODE_*`. */
const mode = enumOf(s32, { inline: 0, encap: 1, l2encap: 2, 'encap.red': 3, 'l2encap.red': 4 });
const flags = flagsOf(u8, { hmac: 0x08, alert: 0x10, oam: 0x20, protected: 0x40 });

const IPV6_SRCRT_TYPE_4 = 4;

const header = {
  nexthdr: u8,
  hdrlen: u8,
  type: u8,
  segmentsLeft: u8,
  firstSegment: u8,
  flags,
  tag: be16,
} as const;
export const ipv6SrHdr = struct('ipv6_sr_hdr', header);
export const seg6Encap = struct('seg6_iptunnel_encap', { mode, ...header });

/**
 * `segments` in the order of travel (reversed on the wire); `tlvs` are the bytes that follow them.
 */
export interface Segments {
  segments: string[];
  tlvs?: Uint8Array;
}
export interface SegmentsInput {
  segments: readonly string[];
  tlvs?: Uint8Array | string | undefined;
}
export type SrHdr = Omit<Static<typeof ipv6SrHdr>, 'rest'> & Segments;
export type SrHdrInput = Omit<Input<typeof ipv6SrHdr>, 'rest'> & SegmentsInput;
export type Seg6Srh = Omit<Static<typeof seg6Encap>, 'rest'> & Segments;
export type Seg6SrhInput = Omit<Input<typeof seg6Encap>, 'rest'> & SegmentsInput;

/** What is written for each head: the keys of `header`, and those before it. */
type Fixed = Struct<SrHdr, Omit<SrHdrInput, 'segments' | 'tlvs'>>;

/** `before` is the number of bytes before the header. */
const withSegments = (head: Fixed, before: number): Codec<SrHdr, SrHdrInput> => ({
  get type() {
    return `${head.type} and segments`;
  },
  get(view, at, end) {
    const start = at + head.span;
    if (end < start) throw new CodecError(`${end - at} bytes, ${head.span} needed`);
    const value: SrHdr = { ...head.read(view, at), segments: [] };
    const stop = start + 16 * (value.firstSegment + 1);
    if (stop > end) {
      throw new CodecError(
        `${value.firstSegment + 1} segments, there is room for ${(end - start) >> 4}`,
      );
    }
    for (let each = stop - 16; each >= start; each -= 16) {
      value.segments.push(ipv6.read(view, each));
    }
    if (stop < end) value.tlvs = bytes.get(view, stop, end);
    return value;
  },
  /** Missing lengths and counts follow from the segments. */
  put(writer, { segments, tlvs, ...fields }) {
    if (segments.length === 0) throw new CodecError('segments are missing');
    const last = segments.length - 1;
    const at = writer.at;
    head.put(writer, {
      type: IPV6_SRCRT_TYPE_4,
      segmentsLeft: last,
      firstSegment: last,
      ...fields,
    });
    segments.toReversed().forEach((segment, i) => {
      try {
        ipv6.put(writer, segment);
      } catch (error) {
        rethrowWithin(error, `segments[${last - i}]`);
      }
    });
    if (tlvs !== undefined) bytes.put(writer, tlvs);
    if (fields.hdrlen === undefined) {
      const length = writer.at - at - before;
      writer.view.setUint8(at + before + 1, (length >> 3) - 1);
    }
  },
  show({ segments, tlvs, ...fields }) {
    const tail = tlvs === undefined ? '' : ` tlvs=${bytes.show(tlvs)}`;
    return `${head.show(fields as SrHdr)} segments=${segments.join(',')}${tail}`;
  },
});

export const srHdr: Codec<SrHdr, SrHdrInput> = withSegments(ipv6SrHdr as unknown as Fixed, 0);
export const seg6Srh = withSegments(seg6Encap as unknown as Fixed, 4) as Codec<
  Seg6Srh,
  Seg6SrhInput
>;
