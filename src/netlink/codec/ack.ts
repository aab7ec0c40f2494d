/**
 * The kernel's control answers: `NLMSG_ERROR` (which also acknowledges success) and `NLMSG_DONE`,
 * with the extended acknowledgement that says what was wrong and where.
 *
 * include/uapi/linux/netlink.h, `struct nlmsgerr` and `enum nlmsgerr_attrs`; netlink(7).
 */
import { attr, attrs } from './attributes.ts';
import { align4, type Writer } from './bytes.ts';
import {
  bytes,
  cstr,
  s32,
  s64,
  u16,
  u32,
  u64,
  type Codec,
  type Input,
  type Static,
} from './codec.ts';
import { NLM_F_ACK_TLVS, NLM_F_CAPPED, NLMSG_ERROR, NLMSG_HDRLEN } from '../constants.ts';
import { enumOf } from './enums.ts';
import { CodecError } from '../../errors.ts';
import { nested } from './nested.ts';
import { struct } from './struct.ts';

/** `struct nlmsghdr`, the header of every message. `len` includes its own sixteen bytes. */
export const nlmsghdr = struct('nlmsghdr', { len: u32, type: u16, flags: u16, seq: u32, pid: u32 });
export type Nlmsghdr = Omit<Static<typeof nlmsghdr>, 'rest'>;

/** `enum netlink_attribute_type`. */
export const policyType = enumOf(u32, {
  invalid: 0,
  flag: 1,
  u8: 2,
  u16: 3,
  u32: 4,
  u64: 5,
  s8: 6,
  s16: 7,
  s32: 8,
  s64: 9,
  binary: 10,
  string: 11,
  'nul-string': 12,
  nested: 13,
  'nested-array': 14,
  bitfield32: 15,
  sint: 16,
  uint: 17,
});

export const policy = attrs({
  type: attr('NL_POLICY_TYPE_ATTR_TYPE', 1, policyType, 'type of the attribute'),
  minValueS: attr('NL_POLICY_TYPE_ATTR_MIN_VALUE_S', 2, s64, 'smallest value, signed'),
  maxValueS: attr('NL_POLICY_TYPE_ATTR_MAX_VALUE_S', 3, s64, 'largest value, signed'),
  minValueU: attr('NL_POLICY_TYPE_ATTR_MIN_VALUE_U', 4, u64, 'smallest value'),
  maxValueU: attr('NL_POLICY_TYPE_ATTR_MAX_VALUE_U', 5, u64, 'largest value'),
  minLength: attr('NL_POLICY_TYPE_ATTR_MIN_LENGTH', 6, u32, 'minimum payload length'),
  maxLength: attr('NL_POLICY_TYPE_ATTR_MAX_LENGTH', 7, u32, 'maximum payload length'),
  policyIdx: attr('NL_POLICY_TYPE_ATTR_POLICY_IDX', 8, u32, 'index of the nested policy'),
  policyMaxtype: attr('NL_POLICY_TYPE_ATTR_POLICY_MAXTYPE', 9, u32, 'largest nested type'),
  bitfield32Mask: attr('NL_POLICY_TYPE_ATTR_BITFIELD32_MASK', 10, u32, 'accepted bits'),
  mask: attr('NL_POLICY_TYPE_ATTR_MASK', 12, u64, 'accepted bits'),
});

export const nlmsgerrAttrs = attrs({
  msg: attr('NLMSGERR_ATTR_MSG', 1, cstr, "the kernel's error message"),
  offs: attr('NLMSGERR_ATTR_OFFS', 2, u32, 'offset of the offending attribute in the request'),
  cookie: attr('NLMSGERR_ATTR_COOKIE', 3, bytes, "the subsystem's cookie"),
  policy: attr('NLMSGERR_ATTR_POLICY', 4, nested(policy), 'policy of the rejected attribute'),
  missType: attr('NLMSGERR_ATTR_MISS_TYPE', 5, u32, 'type of the missing attribute'),
  missNest: attr('NLMSGERR_ATTR_MISS_NEST', 6, u32, 'offset of the nest that lacks it'),
});

/** A decoded `NLMSG_ERROR` or `NLMSG_DONE`. `error` is zero or a negated errno. */
export interface Ack {
  error: number;
  /** The header of the request that is answered; `NLMSG_DONE` has none. */
  request?: Nlmsghdr;
  /** The request's payload, which the kernel echoes unless the acknowledgement is capped. */
  payload?: Uint8Array;
  attrs: Static<typeof nlmsgerrAttrs>;
}
export type AckInput = Omit<Ack, 'attrs' | 'payload'> & {
  attrs?: Input<typeof nlmsgerrAttrs>;
  payload?: Uint8Array | string;
};

/** The payload of `NLMSG_ERROR`; its form depends on the flags in the message header. */
export const nlmsgerr = (flags: number): Codec<Ack, AckInput> => ({
  type: 'struct nlmsgerr and attributes',
  get(view, at, end) {
    if (end - at < 4 + NLMSG_HDRLEN) {
      throw new CodecError(`${end - at} bytes, ${4 + NLMSG_HDRLEN} needed`).within('NLMSG_ERROR');
    }
    const error = s32.read(view, at);
    const request = nlmsghdr.read(view, at + 4);
    let next = at + 4 + NLMSG_HDRLEN;
    const ack: Ack = { error, request, attrs: {} };
    if ((flags & NLM_F_CAPPED) === 0 && error !== 0) {
      const stop = at + 4 + request.len;
      if (stop > end || request.len < NLMSG_HDRLEN) {
        throw new CodecError(`the request has length ${request.len}`).within('NLMSG_ERROR');
      }
      ack.payload = bytes.get(view, next, stop);
      next = at + 4 + align4(request.len);
    }
    if ((flags & NLM_F_ACK_TLVS) !== 0)
      ack.attrs = nlmsgerrAttrs.get(view, Math.min(next, end), end);
    return ack;
  },
  put(writer, ack) {
    s32.put(writer, ack.error);
    nlmsghdr.write(writer, ack.request ?? {});
    if (ack.payload !== undefined) bytes.put(writer, ack.payload);
    writer.pad();
    if (ack.attrs !== undefined) nlmsgerrAttrs.put(writer, ack.attrs);
  },
  show: (ack) => `error=${ack.error} ${nlmsgerrAttrs.show(ack.attrs)}`.trimEnd(),
  walk(view, at, end, visit, depth) {
    if ((flags & NLM_F_ACK_TLVS) === 0) return;
    const { len } = nlmsghdr.read(view, at + 4);
    const capped = (flags & NLM_F_CAPPED) !== 0 || s32.read(view, at) === 0;
    const next = at + 4 + (capped ? NLMSG_HDRLEN : align4(len));
    nlmsgerrAttrs.walk(view, Math.min(next, end), end, visit, depth);
  },
});

/** The payload of `NLMSG_DONE`: the result of the dump, and attributes. */
export const nlmsgdone = (flags: number): Codec<Ack, AckInput> => ({
  type: 'error number and attributes',
  get(view, at, end) {
    // Some subsystems end a dump with a bare header.
    if (end === at) return { error: 0, attrs: {} };
    if (end - at < 4) throw new CodecError(`${end - at} bytes, 4 needed`).within('NLMSG_DONE');
    const attributes = (flags & NLM_F_ACK_TLVS) === 0 ? {} : nlmsgerrAttrs.get(view, at + 4, end);
    return { error: s32.read(view, at), attrs: attributes };
  },
  put(writer: Writer, ack) {
    s32.put(writer, ack.error);
    if (ack.attrs !== undefined) nlmsgerrAttrs.put(writer, ack.attrs);
  },
  show: (ack) => `error=${ack.error} ${nlmsgerrAttrs.show(ack.attrs)}`.trimEnd(),
  walk(view, at, end, visit, depth) {
    if ((flags & NLM_F_ACK_TLVS) !== 0 && end - at >= 4) {
      nlmsgerrAttrs.walk(view, at + 4, end, visit, depth);
    }
  },
});

/** Reads the payload `[at, end)` of an `NLMSG_ERROR` or `NLMSG_DONE`. */
export const readDeclaredAck = (
  view: DataView,
  type: number,
  flags: number,
  at: number,
  end: number,
): Ack => (type === NLMSG_ERROR ? nlmsgerr(flags) : nlmsgdone(flags)).get(view, at, end);
