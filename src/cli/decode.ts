/** `netlink-ts decode`: bytes as annotated hexadecimal, or as JSON. */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fromHex, toHex, viewOf } from '../netlink/bytes.ts';
import { CodecError } from '../netlink/errors.ts';
import { decode as decodeFrames, frames } from '../netlink/frame.ts';
import { toJson } from '../netlink/json.ts';
import type { Protocol } from '../netlink/protocol.ts';
import { annotate, withoutComments } from '../netlink/print.ts';
import { nftables } from '../nftables/protocol.ts';
import { RTM_NEWLINK } from '../rtnl/constants.ts';
import { rtnetlink } from '../rtnl/protocol.ts';
import { UsageError, type Command, type Output } from './command.ts';
import { isTrace, readTrace, type Datagram } from './strace.ts';
import { styled } from './table.ts';

const HELP = `netlink-ts decode [HEX… | FILE] [--json] [--protocol route|netfilter]

Reads standard input when neither hexadecimal text nor a file is given. A file, and standard input, may hold hexadecimal text (with
comments behind #), the bytes themselves, or the output of strace:

  strace -xx -e trace=network -e write=all -e read=all ip link 2>&1 | netlink-ts decode

  --json               JSON, one message in a line
  --protocol PROTOCOL  instead of guessing it from the message types
`;

const PROTOCOLS: Readonly<Record<string, Protocol>> = { route: rtnetlink, netfilter: nftables };
const BY_FAMILY: Readonly<Record<string, Protocol>> = {
  [rtnetlink.name]: rtnetlink,
  [nftables.name]: nftables,
};

/** Headers of a netlink message and of a link. */
const LINK_LENGTH = 32;

export const decode: Command = {
  summary: 'explain netlink messages: hexadecimal text, a file, or the output of strace',
  help: HELP,
  run(args, output) {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { json: { type: 'boolean', default: false }, protocol: { type: 'string' } },
      allowPositionals: true,
    });
    const chosen = values.protocol === undefined ? undefined : PROTOCOLS[values.protocol];
    if (values.protocol !== undefined && chosen === undefined) {
      throw new UsageError(`--protocol is one of ${Object.keys(PROTOCOLS).join(', ')}`);
    }
    let code = 0;
    for (const { title, family, bytes } of read(positionals, output)) {
      if (title !== '' && !values.json) output.write(styled(`# ${title}\n`, 'dim', output.colours));
      try {
        const protocol = chosen ?? BY_FAMILY[family ?? ''] ?? guess(bytes);
        if (values.json) {
          for (const frame of decodeFrames(protocol, bytes))
            output.write(`${JSON.stringify(toJson(frame))}\n`);
        } else {
          output.write(coloured(annotate(protocol, bytes), output.colours));
        }
      } catch (error) {
        if (!(error instanceof CodecError)) throw error;
        output.note(`${error.message}\n${toHex(bytes)}\n`);
        code = 1;
      }
    }
    return code;
  },
};

function read(words: readonly string[], output: Output): readonly Datagram[] {
  if (words.length === 0) return parse(output.readInput(), output);
  const [first] = words;
  if (words.length === 1 && existsSync(first!)) return parse(readFileSync(first!), output);
  return [{ title: '', bytes: hex(words.join('')) }];
}

function parse(input: Uint8Array, output: Output): readonly Datagram[] {
  const text = new TextDecoder().decode(input);
  if (isTrace(text)) {
    const { datagrams, incomplete } = readTrace(text);
    if (incomplete > 0) {
      output.note(
        `${incomplete} datagrams are left out: their bytes are not in the trace. They are with -e write=all -e read=all\n`,
      );
    }
    return datagrams;
  }
  const bytes = /[^\t\n\r -~…]/.test(text) ? input : hex(withoutComments(text));
  return [{ title: '', bytes }];
}

function hex(text: string): Uint8Array {
  try {
    return fromHex(text.replace(/\\x|0x|[,:]/g, ' '));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/**
 * include/uapi/linux/netfilter/nfnetlink.h: the upper byte of a type is the subsystem; batches begin with 16, the number of
 * RTM_NEWLINK, whose messages are longer.
 */
function guess(bytes: Uint8Array): Protocol {
  const [first] = frames(viewOf(bytes));
  if (first === undefined) return rtnetlink;
  const { type, len } = first.header;
  return type >= 0x100 || (type === RTM_NEWLINK && len < LINK_LENGTH) ? nftables : rtnetlink;
}

const coloured = (text: string, on: boolean): string =>
  on ? text.replace(/#.*$/gm, (comment) => styled(comment, 'cyan', true)) : text;
