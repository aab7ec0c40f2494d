/**
 * Sets of bits with names. The kernel sends them verbose, each bit with its name, or compact, as
 * words whose names are a set of strings.
 *
 * include/uapi/linux/ethtool_netlink.h; Documentation/networking/ethtool-netlink.rst, "Bit sets".
 */
import { attr, attrs } from '../netlink/codec/attributes.ts';
import { LITTLE_ENDIAN, viewOf } from '../netlink/codec/bytes.ts';
import { bytes, cstr, flag, u32, type Input, type Static } from '../netlink/codec/codec.ts';
import { describe } from '../netlink/codec/given.ts';
import { list } from '../netlink/codec/list.ts';
import { nested } from '../netlink/codec/nested.ts';
import { CodecError } from '../errors.ts';

export const bitsetBit = attrs({
  index: attr('ETHTOOL_A_BITSET_BIT_INDEX', 1, u32, 'number of the bit'),
  name: attr('ETHTOOL_A_BITSET_BIT_NAME', 2, cstr, 'name of the bit'),
  value: attr('ETHTOOL_A_BITSET_BIT_VALUE', 3, flag, 'whether the bit is set'),
});

export const bitset = nested(
  attrs({
    nomask: attr('ETHTOOL_A_BITSET_NOMASK', 1, flag, 'only the bits that are set are listed'),
    size: attr('ETHTOOL_A_BITSET_SIZE', 2, u32, 'number of bits'),
    bits: attr(
      'ETHTOOL_A_BITSET_BITS',
      3,
      nested(list('ETHTOOL_A_BITSET_BITS', nested(bitsetBit), { id: 1 })),
      'verbose: the bits one by one',
    ),
    value: attr('ETHTOOL_A_BITSET_VALUE', 4, bytes, 'compact: words with the bits'),
    mask: attr('ETHTOOL_A_BITSET_MASK', 5, bytes, 'compact: words with the mask'),
  }),
);

export type Bitset = Static<typeof bitset>;
export type BitsetInput = Input<typeof bitset>;

/**
 * Bits by their names: those under the mask, and whether they are set. Without a mask the kernel
 * lists only those that are set.
 */
export type Bits = Readonly<Record<string, boolean>>;

const isSet = (words: Uint8Array, index: number): boolean => {
  const at = 4 * (index >> 5);
  if (at + 4 > words.length) return false;
  return ((viewOf(words).getUint32(at, LITTLE_ENDIAN) >>> (index & 31)) & 1) === 1;
};

/** Some bits of features have an empty name. */
const nameOf = (name: string | undefined, index: number): string =>
  name === undefined || name === '' ? String(index) : name;

/** The bits of a set; `names` are those of a compact one, by index. */
export function bitsOf(set: Bitset, names: readonly string[] = []): Bits {
  const bits: [string, boolean][] = [];
  for (const { index = 0, name, value } of set.bits ?? []) {
    bits.push([nameOf(name ?? names[index], index), value === true || set.nomask === true]);
  }
  const { value, mask, size = 0 } = set;
  if (value !== undefined) {
    // The size is not to be trusted: there cannot be more bits than the words hold.
    for (let index = 0; index < Math.min(size, 8 * value.length); index++) {
      const isOn = isSet(value, index);
      if (mask === undefined ? isOn : isSet(mask, index)) {
        bits.push([nameOf(names[index], index), isOn]);
      }
    }
  }
  return Object.fromEntries(bits);
}

/** The bits to change. The kernel knows them by name, and refuses one that it does not. */
export function bitsetOf(bits: Bits): BitsetInput {
  if (typeof bits !== 'object' || bits === null || Array.isArray(bits)) {
    throw new CodecError(`${describe(bits)} is not a record of bits by name`);
  }
  return {
    bits: Object.entries(bits).map(([name, value]) => {
      if (typeof value !== 'boolean') throw new CodecError(`bit ${name} must be true or false`);
      return value ? { name, value } : { name };
    }),
  };
}
