/**
 * The handle of a filter, as tc(8) writes it. For `u32` it has three parts, `800:12:801`: hash
 * table, bucket and filter; for all other kinds it is a number, `0x1`.
 *
 * include/uapi/linux/pkt_cls.h, `TC_U32_*`; tc-u32(8), "HANDLES".
 */
import { CodecError } from '../../errors.ts';
import { mapped, u32, type Scalar } from '../../netlink/codec/codec.ts';
import { describe } from '../../netlink/codec/given.ts';
import { hex } from '../units.ts';

const u32Text = (handle: number): string => {
  const [table, bucket, node] = [handle >>> 20, (handle >>> 12) & 0xff, handle & 0xfff];
  const tail = bucket || node ? `${bucket ? bucket.toString(16) : ''}` : '';
  return `${table.toString(16)}:${tail}${node ? `:${node.toString(16)}` : ''}`;
};

const PARTS = /^([0-9a-f]{0,3}):([0-9a-f]{0,2})(?::([0-9a-f]{0,3}))?$/i;

/** The number of a handle, in either form. */
export function handleNumber(value: string | number): number {
  const number = typeof value === 'number' ? value : textNumber(value);
  if (Number.isInteger(number) && number >= 0 && number < 2 ** 32) return number;
  throw new CodecError(`${describe(value)} is not a handle like 0x1, or 800::801 of u32`);
}

function textNumber(text: string): number {
  if (typeof text !== 'string') return NaN;
  const parts = PARTS.exec(text);
  if (parts === null) return /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : NaN;
  const [table, bucket, node] = parts.slice(1).map((part) => parseInt(part || '0', 16)) as [
    number,
    number,
    number,
  ];
  return ((table << 20) | (bucket << 12) | node) >>> 0;
}

/** The text of a handle. */
export const handleText = (kind: string | undefined, handle: number): string =>
  kind === 'u32' ? u32Text(handle) : hex(handle);

/** A handle of `u32`, in its options. */
export const u32Handle: Scalar<string, string | number> = mapped<string, string | number>(u32, {
  type: 'handle of u32',
  map: u32Text,
  number: handleNumber,
  show: (value) => value,
});
