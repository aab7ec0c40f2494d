/** A netlink datagram out of a trace, a capture or a file. */
import type { Protocol } from '../netlink/codec/protocol.ts';

export interface Datagram {
  /** `sent` or `received`, and by which call; empty when it comes from nowhere in particular. */
  readonly title: string;
  /** Where the trace or the capture tells. */
  readonly protocol?: Protocol | undefined;
  readonly bytes: Uint8Array;
}

export interface Capture {
  readonly datagrams: readonly Datagram[];
  /** What the user should know: what was left out, and why. */
  readonly notes: readonly string[];
}
