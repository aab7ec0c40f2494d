/** Algorithms with their keys, in the terms of ip-xfrm(8). */
import { CodecError } from '../errors.ts';
import { fromHex, toHex } from '../netlink/codec/bytes.ts';

/** An algorithm by the kernel's name, `cbc(aes)`, and its key in hexadecimal digits. */
export interface AlgorithmObject {
  readonly name: string;
  readonly key: string;
}
/** With the length of the integrity check value (ICV), in bits. */
export interface AeadObject extends AlgorithmObject {
  readonly icvLen: number;
}
/** With the length to which the integrity check value is truncated, in bits. */
export interface AuthObject extends AlgorithmObject {
  readonly truncLen: number;
}

interface Raw {
  readonly algName: string;
  readonly algKeyLen: number;
  readonly rest?: Uint8Array;
}

export const algorithmObject = ({ algName, rest }: Raw): AlgorithmObject => ({
  name: algName,
  key: rest === undefined ? '' : toHex(rest),
});

/** A key is hexadecimal digits, with or without `0x` before them. */
export function algorithmMessage({ name, key }: AlgorithmObject): {
  algName: string;
  algKeyLen: number;
  rest: Uint8Array;
} {
  if (typeof key !== 'string') throw new CodecError(`the key of ${name} is not text`);
  let rest: Uint8Array;
  try {
    rest = fromHex(key.replace(/^0x/, ''));
  } catch {
    // Keys must not appear in error messages.
    throw new CodecError(`the key of ${name} is not hexadecimal text`);
  }
  return { algName: name, algKeyLen: 8 * rest.length, rest };
}
