/** WireGuard keys: 32 bytes, in base64 as in wg(8). */
import { bytesOf, type Writer } from '../../netlink/codec/bytes.ts';
import type { Codec } from '../../netlink/codec/codec.ts';
import { CodecError } from '../../errors.ts';
import { describe } from '../../netlink/codec/given.ts';

/** `WG_KEY_LEN` */
const LENGTH = 32;
/** The last character holds four bits of the key, and two that are zero. */
const BASE64 = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** What the kernel reports for a key that is not set. */
export const NO_KEY = `${'A'.repeat(43)}=`;

export const key: Codec<string> = {
  type: 'base64 key',
  get(view, at, end) {
    if (end - at !== LENGTH) throw new CodecError(`${end - at} bytes, ${LENGTH} needed`);
    return btoa(String.fromCharCode(...bytesOf(view, at, end)));
  },
  put(writer: Writer, value) {
    if (typeof value !== 'string' || !BASE64.test(value)) {
      // The text may be most of a secret, so it is not shown.
      const given =
        typeof value === 'string' ? `text of ${value.length} characters` : describe(value);
      throw new CodecError(`${given} is not a key: 32 bytes as 44 characters of base64`);
    }
    writer.append(Uint8Array.from(atob(value), (character) => character.charCodeAt(0)));
  },
  show: (value) => value,
};
