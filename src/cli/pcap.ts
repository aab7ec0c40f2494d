/**
 * Netlink datagrams in a capture of an nlmon device, as written by tcpdump and Wireshark: pcap with
 * time stamps in micro- or nanoseconds, and pcapng, in either byte order.
 *
 * Each packet has a cooked header of sixteen bytes in network order (LINKTYPE_NETLINK, 253): packet
 * type, ARPHRD_NETLINK, eight unused bytes, and the netlink protocol.
 * https://www.tcpdump.org/linktypes/LINKTYPE_NETLINK.html, draft-ietf-opsawg-pcap,
 * draft-ietf-opsawg-pcapng.
 */
import { viewOf } from '../netlink/codec/bytes.ts';
import { familyByNumber } from './families.ts';
import type { Capture, Datagram } from './captured.ts';

const LINKTYPE_NETLINK = 253;
const COOKED = 16;
/** include/uapi/linux/if_packet.h */
const DIRECTIONS: Readonly<Record<number, string>> = { 6: 'received', 7: 'sent' };

const PCAP = [0xa1b2c3d4, 0xa1b23c4d];
const PCAP_HEADER = 24;
const PCAP_RECORD = 16;

const SECTION = 0x0a0d0d0a;
const BYTE_ORDER = 0x1a2b3c4d;
const INTERFACE = 1;
const PACKET = 2;
const SIMPLE = 3;
const ENHANCED = 6;

/** A packet with the link type of its device. `missing` bytes of it were not captured. */
interface Packet {
  readonly linkType: number;
  readonly bytes: Uint8Array;
  readonly missing: number;
}

/** The datagrams of a capture; undefined if the bytes are not a capture. */
export function readCapture(bytes: Uint8Array): Capture | undefined {
  if (bytes.length < PCAP_RECORD) return undefined;
  const view = viewOf(bytes);
  const magic = [view.getUint32(0, true), view.getUint32(0)];
  const little = PCAP.includes(magic[0]!);
  if (little || PCAP.includes(magic[1]!)) return gather(pcapPackets(bytes, view, little));
  return magic[0] === SECTION ? gather(pcapngPackets(bytes, view)) : undefined;
}

function gather(packets: Iterable<Packet | string>): Capture {
  const datagrams: Datagram[] = [];
  const notes: string[] = [];
  const alien = new Map<number, number>();
  let incomplete = 0;
  let number = 0;
  for (const packet of packets) {
    if (typeof packet === 'string') {
      notes.push(packet);
      continue;
    }
    const { linkType, bytes, missing } = packet;
    number++;
    if (linkType !== LINKTYPE_NETLINK) alien.set(linkType, (alien.get(linkType) ?? 0) + 1);
    else if (missing > 0 || bytes.length < COOKED) incomplete++;
    else {
      const view = viewOf(bytes);
      const protocol = familyByNumber(view.getUint16(14));
      const direction = DIRECTIONS[view.getUint16(0)];
      const title = `packet ${number}: ${protocol.name}${direction === undefined ? '' : `, ${direction}`}`;
      datagrams.push({ title, protocol, bytes: bytes.subarray(COOKED) });
    }
  }
  for (const [linkType, count] of alien) {
    notes.push(
      `${count} packets left out: their link type is ${linkType}, not ${LINKTYPE_NETLINK} of an nlmon device`,
    );
  }
  if (incomplete > 0) {
    notes.push(`${incomplete} datagrams left out: they were not captured completely`);
  }
  return { datagrams, notes };
}

const CUT = 'the capture ends inside a packet';

function* pcapPackets(
  bytes: Uint8Array,
  view: DataView,
  little: boolean,
): Generator<Packet | string> {
  if (bytes.length < PCAP_HEADER) return yield CUT;
  // The upper bits say whether a checksum follows each frame.
  const linkType = view.getUint32(20, little) & 0xffff;
  for (let at = PCAP_HEADER; at < bytes.length;) {
    if (bytes.length - at < PCAP_RECORD) return yield CUT;
    const captured = view.getUint32(at + 8, little);
    const missing = view.getUint32(at + 12, little) - captured;
    const start = at + PCAP_RECORD;
    if (captured > bytes.length - start) return yield CUT;
    at = start + captured;
    yield { linkType, bytes: bytes.subarray(start, at), missing };
  }
}

function* pcapngPackets(bytes: Uint8Array, view: DataView): Generator<Packet | string> {
  let little = true;
  let linkTypes: number[] = [];
  for (let at = 0; at < bytes.length;) {
    if (bytes.length - at < 12) return yield CUT;
    if (view.getUint32(at, true) === SECTION) {
      little = view.getUint32(at + 8, true) === BYTE_ORDER;
      linkTypes = [];
    }
    const type = view.getUint32(at, little);
    const length = view.getUint32(at + 4, little);
    if (length < 12 || length % 4 !== 0 || length > bytes.length - at) return yield CUT;
    const body = at + 8;
    const end = at + length - 4;
    at += length;
    const packet = (start: number, captured: number, whole: number, device: number): Packet => ({
      linkType: linkTypes[device] ?? -1,
      bytes: bytes.subarray(start, Math.min(start + captured, end)),
      missing: whole - captured,
    });
    const room = end - body;
    if (type === INTERFACE && room >= 8) linkTypes.push(view.getUint16(body, little));
    else if (type === ENHANCED && room >= 20) {
      const captured = view.getUint32(body + 12, little);
      const whole = view.getUint32(body + 16, little);
      yield packet(body + 20, captured, whole, view.getUint32(body, little));
    } else if (type === PACKET && room >= 20) {
      const captured = view.getUint32(body + 12, little);
      const whole = view.getUint32(body + 16, little);
      yield packet(body + 20, captured, whole, view.getUint16(body, little));
    } else if (type === SIMPLE && room >= 4) {
      const whole = view.getUint32(body, little);
      yield packet(body + 4, Math.min(whole, room - 4), whole, 0);
    }
  }
}
