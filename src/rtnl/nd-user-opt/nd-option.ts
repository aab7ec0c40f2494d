/**
 * An option of neighbour discovery, as in a router advertisement. Values are in network order, and
 * the length is in units of eight bytes.
 *
 * RFC 4861, section 4.6; RFC 8106 (RDNSS, DNSSL), RFC 8910 (captive portal).
 */
import { ipv6 } from '../../netlink/codec/address.ts';
import { bytesOf, copyOf, Writer } from '../../netlink/codec/bytes.ts';
import { bytes, u8, type Codec } from '../../netlink/codec/codec.ts';
import { enumOf, type Word } from '../../netlink/codec/enums.ts';
import { CodecError, rethrowWithin } from '../../errors.ts';

const type = enumOf(u8, { prefix_info: 3, rdnss: 25, dnssl: 31, captive_portal: 37, pref64: 38 });

/** An option. An unknown or malformed option is kept in `data`. */
export interface NdOption {
  readonly type: Word<'prefix_info' | 'rdnss' | 'dnssl' | 'captive_portal' | 'pref64'>;
  /** Seconds for which servers or domains may be used; 0xffffffff means forever. */
  readonly lifetime?: number;
  /** Addresses of DNS servers. */
  readonly servers?: readonly string[];
  /** Domains to search for names. */
  readonly domains?: readonly string[];
  /** Address of the page of a captive portal. */
  readonly uri?: string;
  /** All bytes after type and length. */
  readonly data?: Uint8Array;
}

/** An option to write. */
export interface NdOptionInput extends Omit<NdOption, 'data'> {
  readonly data?: Uint8Array | string;
}

/** The unit of the length, and the size of type and length. */
const UNIT = 8;
const HEAD = 2;
/** Two reserved bytes and the lifetime, before servers or domains. */
const TIMED = 8;

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

/** The end of the option at `at`; `at` if there is none. */
export function endOfOption(view: DataView, at: number, end: number): number {
  if (end - at < HEAD) return at;
  const length = view.getUint8(at + 1) * UNIT;
  if (length === 0 || at + length > end) {
    throw new CodecError(`an option of ${length} bytes, ${end - at} are left`).within('option');
  }
  return at + length;
}

export const ndOption: Codec<NdOption, NdOptionInput> = {
  type: 'option of neighbour discovery',
  get(view, at, end) {
    const value = known(view, at, end);
    // Reserved bytes and padding may have held anything.
    if (value !== undefined && isEqual(written(value), bytesOf(view, at, end))) return value;
    return { type: type.read(view, at), data: copyOf(view, at + HEAD, end) };
  },
  put(writer, value) {
    const at = writer.reserve(HEAD);
    type.write(writer.view, at, value.type);
    putContent(writer, value);
    while ((writer.at - at) % UNIT !== 0) writer.append(new Uint8Array(1));
    const units = (writer.at - at) / UNIT;
    if (units > 255) throw new CodecError(`${writer.at - at} bytes, 2040 at most`);
    writer.view.setUint8(at + 1, units);
  },
  show({ type: word, data, ...rest }) {
    const words = Object.entries(rest).map(([key, value]) => `${key}=${String(value)}`);
    if (data !== undefined) words.push(`data=${bytes.show(data)}`);
    return [`type=${word}`, ...words].join(' ');
  },
};

function known(view: DataView, at: number, end: number): NdOption | undefined {
  const word = type.read(view, at);
  if (word === 'captive_portal') return portal(view, at, end);
  if ((word !== 'rdnss' && word !== 'dnssl') || end - at < TIMED) return undefined;
  const lifetime = view.getUint32(at + 4);
  if (word === 'dnssl') {
    const domains = domainsOf(bytesOf(view, at + TIMED, end));
    return domains && { type: word, lifetime, domains };
  }
  const servers: string[] = [];
  for (let each = at + TIMED; each + 16 <= end; each += 16) servers.push(ipv6.read(view, each));
  return { type: word, lifetime, servers };
}

function portal(view: DataView, at: number, end: number): NdOption | undefined {
  try {
    const uri = decoder.decode(bytesOf(view, at + HEAD, end)).replace(/\0+$/, '');
    return { type: 'captive_portal', uri };
  } catch {
    return undefined;
  }
}

/** Names of DNS, RFC 1035, section 3.1; undefined if they are not well-formed. */
function domainsOf(content: Uint8Array): string[] | undefined {
  const domains: string[] = [];
  let labels: string[] = [];
  for (let at = 0; at < content.length;) {
    const length = content[at++]!;
    if (length === 0) {
      if (labels.length > 0) domains.push(labels.join('.'));
      labels = [];
      continue;
    }
    const label = content.subarray(at, at + length);
    // A dot would be read as the end of the label.
    if (!label.every((byte) => byte > 0x20 && byte < 0x7f && byte !== 0x2e)) return undefined;
    labels.push(String.fromCharCode(...label));
    at += length;
  }
  return labels.length === 0 ? domains : undefined;
}

function putContent(
  writer: Writer,
  { lifetime, servers, domains, uri, data }: NdOptionInput,
): void {
  if (data !== undefined) return bytes.put(writer, data);
  if (uri !== undefined) return writer.append(encoder.encode(uri));
  const at = writer.reserve(TIMED - HEAD);
  writer.view.setUint16(at, 0);
  writer.view.setUint32(at + 2, lifetime ?? 0);
  servers?.forEach((server, i) => {
    try {
      ipv6.put(writer, server);
    } catch (error) {
      rethrowWithin(error, `servers[${i}]`);
    }
  });
  for (const domain of domains ?? []) {
    for (const label of domain.split('.')) {
      if (label === '' || label.length > 63) {
        throw new CodecError(`"${domain}" is not a domain`).within('domains');
      }
      writer.append(Uint8Array.of(label.length));
      writer.append(encoder.encode(label));
    }
    writer.append(Uint8Array.of(0));
  }
}

function written(value: NdOption): Uint8Array | undefined {
  const writer = new Writer(64);
  try {
    ndOption.put(writer, value);
  } catch (error) {
    if (error instanceof CodecError) return undefined;
    throw error;
  }
  return writer.finish();
}

const isEqual = (one: Uint8Array | undefined, other: Uint8Array): boolean =>
  one?.length === other.length && one.every((byte, i) => byte === other[i]);
