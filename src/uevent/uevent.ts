/**
 * A uevent: what the kernel reports about a device, as text. `ACTION@DEVPATH`, then lines
 * `KEY=VALUE`, each ending with a NUL. The events of udev, in a group of their own, have another
 * form.
 *
 * lib/kobject_uevent.c; Documentation/ABI/testing/sysfs-uevent.
 */
import { checkedFunction } from '../netlink/codec/arguments.ts';
import { bytesText } from '../netlink/codec/text.ts';
import { CodecError } from '../errors.ts';
import { jsonText } from '../printable.ts';

/** `kobject_actions`; an action of a newer kernel is its text. */
export type UeventAction =
  'add' | 'remove' | 'change' | 'move' | 'online' | 'offline' | 'bind' | 'unbind' | (string & {});

export interface Uevent {
  readonly action: UeventAction;
  /** The device's directory below `/sys`: `/devices/virtual/net/eth0`. */
  readonly devpath: string;
  /** `net`, `block`, `usb`, … */
  readonly subsystem: string;
  /** Counts the events of the machine; each namespace receives only some of them. */
  readonly seqnum: bigint;
  /** All keys with their values, including those above: `INTERFACE`, `IFINDEX`, `DEVTYPE`, … */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Reads a datagram from the kernel. Bytes that are not UTF-8 are kept in the text, as everywhere in
 * this library.
 *
 * @throws CodecError for one that is not a uevent: `uevent/SEQNUM: "x" is not a number`
 */
export const decodeUevent = checkedFunction(
  'decodeUevent',
  'bytes: Uint8Array',
  function decodeUevent(bytes: Uint8Array): Uevent {
    if (bytes.at(-1) !== 0) throw malformed('does not end with a NUL');
    const [first = '', ...lines] = bytesText(bytes.subarray(0, -1)).split('\0');
    const [, action, devpath] = /^([^@]+)@(\/.*)$/s.exec(first) ?? [];
    if (action === undefined || devpath === undefined) {
      throw malformed(`${jsonText(first)} is not ACTION@DEVPATH`);
    }
    const pairs = lines.map((line): [string, string] => {
      const sign = line.indexOf('=');
      if (sign < 1) throw malformed(`${jsonText(line)} is not KEY=VALUE`);
      return [line.slice(0, sign), line.slice(sign + 1)];
    });
    const values = new Map(pairs);
    const valueOf = (key: string): string => {
      const value = values.get(key);
      if (value === undefined) throw malformed('is missing', key);
      return value;
    };
    for (const [key, told] of Object.entries({ ACTION: action, DEVPATH: devpath })) {
      const value = valueOf(key);
      if (value !== told) throw malformed(`is ${jsonText(value)} after ${jsonText(first)}`, key);
    }
    const subsystem = valueOf('SUBSYSTEM');
    const seqnum = numberOf(valueOf('SEQNUM'));
    return { action, devpath, subsystem, seqnum, env: Object.fromEntries(values) };
  },
);

/** `%llu` */
function numberOf(text: string): bigint {
  const number = /^\d{1,20}$/.test(text) ? BigInt(text) : -1n;
  if (BigInt.asUintN(64, number) === number) return number;
  throw malformed(`${jsonText(text)} is not a number`, 'SEQNUM');
}

function malformed(reason: string, key?: string): CodecError {
  const error = new CodecError(reason);
  return (key === undefined ? error : error.within(key)).within('uevent');
}
