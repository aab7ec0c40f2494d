/**
 * The form of a recording: which messages with which attributes, in which order, and what the
 * namespaces contain in the end. Sequence numbers, MAC addresses and notifications are not part of
 * it, as they differ from one run to the next.
 */
import { familyOf } from '../../src/cli/families.ts';
import { fromHex } from '../../src/netlink/codec/bytes.ts';
import { decode } from '../../src/netlink/codec/frame.ts';
import type { Protocol } from '../../src/netlink/codec/protocol.ts';
import type { Recording, Step } from '../lib/recording.ts';

export const protocolOf = (name: string): Protocol => familyOf(name)!;

export const formOf = ({ calls }: Recording): string =>
  calls
    .flatMap(({ command, steps }) => [
      command,
      ...steps.flatMap(lineOf),
      JSON.stringify(steps.findLast(({ state }) => state !== undefined)?.state),
    ])
    .join('\n');

function lineOf(step: Step): string[] {
  if (step.kind === 'notification') return [];
  if (step.kind !== 'message') return [`${step.side} ${step.kind} ${step.subject}`];
  const protocol = protocolOf(step.protocol);
  const [frame] = decode(protocol, fromHex(step.hex));
  const { attrs } = frame!.payload as { attrs?: object };
  return [`${step.side} ${step.datagram} ${frame!.type} ${keysOf(attrs).join(' ')}`];
}

const keysOf = (value: unknown): string[] =>
  typeof value !== 'object' || value === null || ArrayBuffer.isView(value)
    ? []
    : Object.entries(value).flatMap(([key, inside]) => [
        key,
        ...keysOf(inside).map((each) => `${key}.${each}`),
      ]);
