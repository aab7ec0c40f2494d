/** What `decode` reads, as datagrams. It needs no files, so the site's decoder reads by it too. */
import { nlmsghdr } from '../netlink/codec/ack.ts';
import { fromHex, LITTLE_ENDIAN, viewOf } from '../netlink/codec/bytes.ts';
import { withoutComments } from '../netlink/codec/print.ts';
import { protocolOf, type Protocol } from '../netlink/codec/protocol.ts';
import { NLMSG_HDRLEN, NLMSG_MIN_TYPE } from '../netlink/constants.ts';
import { nftables } from '../nftables/nf-tables.ts';
import { RTM_NEWLINK } from '../rtnl/constants.ts';
import { rtnetlink } from '../rtnl/rtnetlink.ts';
import { UsageError } from './command.ts';
import type { Capture, Datagram } from './captured.ts';
import { readCapture } from './pcap.ts';
import { isTrace, readTrace } from './strace.ts';

/** The size of the headers of a netlink message and a link. */
const LINK_LENGTH = 32;

/** The datagrams in a capture, the output of strace, hexadecimal text, or raw bytes. */
export function readDatagrams(input: Uint8Array): Capture {
  const capture = readCapture(input);
  if (capture !== undefined) return capture;
  const text = new TextDecoder().decode(input);
  if (isTrace(text)) return readTrace(text);
  const bytes = /[^\t\n\r -~…]/.test(text) ? input : hex(withoutComments(text));
  const datagram: Datagram = { title: '', bytes };
  return { datagrams: bytes.length === 0 ? [] : [datagram], notes: [] };
}

export function hex(text: string): Uint8Array {
  try {
    return fromHex(text.replace(/\\x|0x|[,:]/g, ' '));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/**
 * The protocol that the first message belongs to, by its type.
 *
 * include/uapi/linux/netfilter/nfnetlink.h: the upper byte of a type is the subsystem. Batches
 * begin with type 16, the number of RTM_NEWLINK, whose messages are longer. Types that neither
 * protocol declares are left undecoded.
 */
export function guess(bytes: Uint8Array): Protocol {
  const none = protocolOf('netlink', -1, []);
  if (bytes.length < NLMSG_HDRLEN) return none;
  const { type, len } = nlmsghdr.read(viewOf(bytes), 0);
  const isBatch = type === RTM_NEWLINK && len < LINK_LENGTH;
  const likely = type >= 0x100 || isBatch ? nftables : rtnetlink;
  return type < NLMSG_MIN_TYPE || likely.find(type, undefined) !== undefined ? likely : none;
}

/** Netlink is in the byte order of the host it was captured on. */
export function isForeign(bytes: Uint8Array): boolean {
  if (bytes.length < NLMSG_HDRLEN) return false;
  const view = viewOf(bytes);
  const fits = (length: number): boolean => length >= NLMSG_HDRLEN && length <= bytes.length;
  return !fits(view.getUint32(0, LITTLE_ENDIAN)) && fits(view.getUint32(0, !LITTLE_ENDIAN));
}
