/** A netlink datagram from a trace, a capture or a file. */
import type { Protocol } from '../netlink/codec/protocol.ts';

export interface Datagram {
  /** `sent` or `received`, and by which call; empty if the origin is unknown. */
  readonly title: string;
  /** The protocol, if the trace or the capture contains it. */
  readonly protocol?: Protocol | undefined;
  readonly bytes: Uint8Array;
}

export interface Capture {
  readonly datagrams: readonly Datagram[];
  /** Notes for the user: what was left out, and why. */
  readonly notes: readonly string[];
}
