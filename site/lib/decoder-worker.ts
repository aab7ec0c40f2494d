/** The decoder's work, off the page's thread: reading captures, taking messages apart, encoding. */
import { guess, isForeign, readDatagrams } from '../../src/cli/input.ts';
import { familyByNumber, familyOf, FAMILIES } from '../../src/cli/families.ts';
import { DECLARED_FAMILIES, nameWithIds, withFamilies } from '../../src/cli/genl-families.ts';
import { CodecError } from '../../src/errors.ts';
import { GENL_ID_CTRL } from '../../src/genl/constants.ts';
import { genericProtocol } from '../../src/genl/generic.ts';
import { fromHex, toHex, viewOf } from '../../src/netlink/codec/bytes.ts';
import { familyAt } from '../../src/netlink/codec/datagram.ts';
import { encode, frames, typeName, type Frame } from '../../src/netlink/codec/frame.ts';
import { annotate, show } from '../../src/netlink/codec/print.ts';
import type { Protocol } from '../../src/netlink/codec/protocol.ts';
import { NLMSG_HDRLEN } from '../../src/netlink/constants.ts';
import { dissect, know } from './dissect.ts';
import type { Answer, Decoded, Question, Row } from './decoder-protocol.ts';

for (const word of FAMILIES) know(familyOf(word)!);
// Where the declarations are, whatever the ids.
know(genericProtocol(DECLARED_FAMILIES.map((family, i) => [family, GENL_ID_CTRL + 1 + i])));

/** How many messages are read between two reports of progress. */
const STRIDE = 500;
const SUMMARY = 120;

const post = (answer: Answer): void => globalThis.postMessage(answer);

globalThis.onmessage = ({ data }: MessageEvent<Question>): void => {
  const { id } = data;
  try {
    if (data.ask === 'read') post({ id, read: read(data.input, data.protocol, id) });
    else if (data.ask === 'decode') post({ id, decoded: decoded(data.hex, data.protocol) });
    else post({ id, hex: toHex(encode(protocolOf(data.protocol), data.frame as Frame)) });
  } catch (error) {
    post({ id, error: (error as Error).message });
  }
};

const protocolOf = (word: string): Protocol => familyOf(word) ?? familyByNumber(-1);

function read(
  input: string | Uint8Array,
  word: string | undefined,
  id: number,
): { rows: Row[]; notes: string[]; guessed: boolean } {
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input;
  const { datagrams, notes } = readDatagrams(bytes);
  const rows: Row[] = [];
  let guessed = false;
  withFamilies(datagrams).forEach(({ title, protocol: told, bytes: datagram }, i) => {
    if (i % STRIDE === STRIDE - 1) post({ id, progress: i / datagrams.length });
    const protocol = (word === undefined ? told : protocolOf(word)) ?? guess(datagram);
    guessed ||= word === undefined && told === undefined;
    if (isForeign(datagram)) {
      rows.push(whole(title, protocol, datagram, 'messages in the other byte order'));
      return;
    }
    let done = 0;
    try {
      const view = viewOf(datagram);
      for (const { header, at, end } of frames(view)) {
        const message = datagram.subarray(at, end);
        const first = familyAt(view, at + NLMSG_HDRLEN, end);
        const type = String(typeName(protocol, header, first));
        const common = { title, protocol: nameWithIds(protocol), type, hex: toHex(message) };
        rows.push({ ...common, ...summaryOf(protocol, message, type) });
        done = Math.min((end + 3) & ~3, datagram.length);
      }
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      rows.push(whole(title, protocol, datagram.subarray(done), error.message));
    }
  });
  return { rows, notes: [...notes], guessed };
}

const whole = (title: string, protocol: Protocol, bytes: Uint8Array, fault: string): Row => ({
  title,
  protocol: nameWithIds(protocol),
  type: 'no message',
  hex: toHex(bytes),
  summary: fault,
  faulty: true,
});

function summaryOf(
  protocol: Protocol,
  message: Uint8Array,
  type: string,
): { summary: string; faulty: boolean } {
  try {
    const text = show(protocol, message).slice(type.length).trim();
    return { summary: text.length > SUMMARY ? `${text.slice(0, SUMMARY)}…` : text, faulty: false };
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    return { summary: error.message, faulty: true };
  }
}

function decoded(hex: string, word: string): Decoded {
  const protocol = protocolOf(word);
  const bytes = fromHex(hex);
  let annotated = '';
  try {
    annotated = annotate(protocol, bytes, () => {});
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
  }
  return {
    hex: toHex(bytes),
    protocol: nameWithIds(protocol),
    dissection: dissect(protocol, bytes),
    annotated,
  };
}
