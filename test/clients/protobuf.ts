/**
 * As much of the Protocol Buffers wire format as the requests of a CRI client need: integers,
 * strings and messages in fields that are named by their numbers.
 * https://protobuf.dev/programming-guides/encoding/
 */
export type Value = number | string | Message;
export interface Message {
  readonly [field: number]: Value | readonly Value[];
}
/** Of each field, its values in order: integers, and the bytes of everything else. */
export type Fields = ReadonlyMap<number, readonly (number | Buffer)[]>;

const VARINT = 0;
const BYTES = 2;

export function encodeMessage(message: Message): Buffer {
  const parts: Buffer[] = [];
  for (const [field, value] of Object.entries(message)) {
    for (const each of (Array.isArray(value) ? value : [value]) as Value[]) {
      const tag = Number(field) << 3;
      if (typeof each === 'number') {
        parts.push(varint(tag | VARINT), varint(each));
      } else {
        const bytes = typeof each === 'string' ? Buffer.from(each) : encodeMessage(each);
        parts.push(varint(tag | BYTES), varint(bytes.length), bytes);
      }
    }
  }
  return Buffer.concat(parts);
}

function varint(value: number): Buffer {
  const bytes = [];
  for (; value > 0x7f; value = Math.floor(value / 0x80)) bytes.push((value & 0x7f) | 0x80);
  return Buffer.from([...bytes, value]);
}

export function decodeMessage(bytes: Buffer): Fields {
  const fields = new Map<number, (number | Buffer)[]>();
  let at = 0;
  const read = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = bytes.readUInt8(at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = read();
    const wire = tag & 7;
    if (wire !== VARINT && wire !== BYTES) throw new Error(`wire type ${wire} at byte ${at}`);
    const value = read();
    const field = tag >>> 3;
    const values = fields.get(field) ?? [];
    fields.set(field, values);
    values.push(wire === VARINT ? value : bytes.subarray(at, (at += value)));
  }
  return fields;
}
