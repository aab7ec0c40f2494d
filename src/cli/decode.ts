/** `netlink-ts decode`: bytes as annotated hexadecimal, or as JSON. */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CodecError } from '../errors.ts';
import { decode as decodeFrames } from '../netlink/codec/frame.ts';
import { toJson } from '../netlink/codec/json.ts';
import { annotate, annotateStretches } from '../netlink/codec/print.ts';
import { jsonText } from '../printable.ts';
import type { Protocol } from '../netlink/codec/protocol.ts';
import { NETLINK_KOBJECT_UEVENT } from '../netlink/constants.ts';
import { bytesText } from '../netlink/codec/text.ts';
import { UsageError, type Command, type Output } from './command.ts';
import type { Capture } from './captured.ts';
import { FAMILIES, familyOf } from './families.ts';
import { withFamilies } from './genl-families.ts';
import { didYouMean } from './hint.ts';
import { guess, hex, isForeign, readDatagrams } from './input.ts';
import { styled } from './table.ts';

const HELP = `netlink-ts decode [HEX… | FILE…] [--json] [--protocol PROTOCOL]

Reads standard input if neither hexadecimal text nor a file is given. The input may be hexadecimal text (with
comments after #), raw bytes, a capture of an nlmon device (pcap or pcapng), or the output of strace:

  strace -f -e trace=network -e write=all -e read=all ip link 2>&1 | netlink-ts decode

  --json               JSON, one message per line
  --protocol PROTOCOL  overrides the protocol of the trace or the capture, and replaces a guess:
                       route, netfilter, generic, sock_diag, xfrm, audit, kobject_uevent, …;
                       with ids of families for generic netlink: generic:wireguard=26
`;

export const decode: Command = {
  summary: 'explain netlink messages: hexadecimal text, a file, a capture, or the output of strace',
  help: HELP,
  run(args, output) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean', default: false }, protocol: { type: 'string' } },
      allowPositionals: true,
    });
    const { json, protocol: word } = values;
    const chosen = word === undefined ? undefined : familyOf(word);
    if (word !== undefined && chosen === undefined) {
      throw new UsageError(
        `--protocol must be one of ${FAMILIES.join(', ')}${didYouMean(word, FAMILIES)}`,
      );
    }
    const { datagrams, notes } = read(positionals, output);
    for (const note of notes) output.note(`${note}\n`);
    if (datagrams.length === 0) output.note('no netlink messages found\n');
    let isGuess = false;
    let isTorn = false;
    for (const { title, protocol: told, bytes } of withFamilies(datagrams)) {
      const protocol = chosen ?? told ?? guess(bytes);
      isGuess ||= (chosen ?? told) === undefined;
      if (title !== '' && !json) output.write(styled(`# ${title}\n`, 'dim', output.colours));
      const torn = (error: CodecError): void => {
        isTorn = true;
        output.note(`${title === '' ? '' : `${title}: `}${error.message}\n`);
      };
      if (json) writeJson(protocol, bytes, output, torn);
      else output.write(coloured(annotated(protocol, bytes, torn), output.colours));
    }
    if (isGuess) {
      output.note(
        'the netlink protocol is guessed from the message types; set it with --protocol\n',
      );
    }
    return isTorn ? 1 : 0;
  },
};

type Torn = (error: CodecError) => void;

/** Whether its datagrams are text, not messages. */
const isText = ({ number }: Protocol): boolean => number === NETLINK_KOBJECT_UEVENT;

function annotated(protocol: Protocol, bytes: Uint8Array, torn: Torn): string {
  if (isText(protocol)) return annotateStretches(uevent(bytes));
  if (isForeign(bytes)) return annotateStretches([{ bytes, text: FOREIGN }]);
  try {
    return annotate(protocol, bytes, torn);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    torn(error);
    return annotateStretches([{ bytes, text: 'no netlink message' }]);
  }
}

function writeJson(protocol: Protocol, bytes: Uint8Array, output: Output, torn: Torn): void {
  const write = (value: unknown): void => output.write(`${jsonText(toJson(value))}\n`);
  if (isText(protocol)) {
    return write({ type: 'uevent', payload: uevent(bytes).map(({ text }) => text) });
  }
  if (isForeign(bytes)) return write({ type: FOREIGN, payload: bytes });
  try {
    for (const frame of decodeFrames(protocol, bytes)) write(frame);
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    torn(error);
    write({ type: 'torn', payload: bytes });
  }
}

/** Lines of text, each followed by a NUL; libudev prepends a header of its own. */
function uevent(bytes: Uint8Array): { bytes: Uint8Array; text: string }[] {
  const lines: { bytes: Uint8Array; text: string }[] = [];
  for (let at = 0; at < bytes.length;) {
    const stop = bytes.indexOf(0, at);
    const end = stop < 0 ? bytes.length : stop + 1;
    const line = bytes.subarray(at, end);
    lines.push({ bytes: line, text: jsonText(bytesText(line).replace(/\0$/, '')) });
    at = end;
  }
  return lines;
}

const FOREIGN = 'messages in the other byte order';

function read(words: readonly string[], output: Output): Capture {
  if (words.length === 0) return readDatagrams(output.readInput());
  if (!words.some((word) => existsSync(word))) {
    const text = words.join('');
    // A path, or a name that cannot be hexadecimal: a file was meant.
    if (!/^[\s\da-fx\\,:]*$/i.test(text)) {
      throw new UsageError(
        `there is no file ${jsonText(words[0])}, and it is not hexadecimal either`,
      );
    }
    return { datagrams: [{ title: '', bytes: hex(text) }], notes: [] };
  }
  const captures = words.map((word) => readDatagrams(contentOf(word)));
  return {
    datagrams: captures.flatMap(({ datagrams }) => datagrams),
    notes: captures.flatMap(({ notes }) => notes),
  };
}

function contentOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code === 'ENOENT'
        ? `there is no file ${jsonText(file)}`
        : `${jsonText(file)} cannot be read: ${code}`,
    );
  }
}

const coloured = (text: string, on: boolean): string =>
  on ? text.replace(/#.*$/gm, (comment) => styled(comment, 'cyan', true)) : text;
