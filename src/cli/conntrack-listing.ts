/** `netlink-ts dump conntrack` and `netlink-ts monitor conntrack`: what conntrack(8) shows. */
import { openConntrack } from '../conntrack/open.ts';
import type { TupleObject } from '../conntrack/connection/tuple.ts';
import type { Columns } from './columns.ts';
import type { Watched } from './watched.ts';

/** What connections have, and expectations. */
interface Row {
  readonly orig?: TupleObject;
  readonly reply?: TupleObject;
  readonly tuple?: TupleObject;
  readonly status?: readonly unknown[];
  readonly timeout?: number;
  readonly mark?: number;
  readonly protoinfo?: { readonly tcp?: { readonly state?: unknown } };
  readonly countersOrig?: { readonly bytes?: bigint };
  readonly countersReply?: { readonly bytes?: bigint };
}

const end = (address = '', port?: number): string =>
  port === undefined ? address : `${address.includes(':') ? `[${address}]` : address}:${port}`;

const columns: Columns<Row> = {
  PROTO: ({ orig, tuple }) => (orig ?? tuple)?.protonum,
  SRC: ({ orig, tuple }) => end((orig ?? tuple)?.src, (orig ?? tuple)?.sport),
  DST: ({ orig, tuple }) => end((orig ?? tuple)?.dst, (orig ?? tuple)?.dport),
  'REPLY-SRC': ({ reply }) => end(reply?.src, reply?.sport),
  'REPLY-DST': ({ reply }) => end(reply?.dst, reply?.dport),
  STATE: ({ protoinfo }) => protoinfo?.tcp?.state,
  STATUS: ({ status }) => status,
  MARK: ({ mark = 0 }) => (mark === 0 ? '' : mark),
  BYTES: ({ countersOrig }) => countersOrig?.bytes,
  'REPLY-BYTES': ({ countersReply }) => countersReply?.bytes,
  TIMEOUT: ({ timeout }) => (timeout === undefined ? '' : `${timeout}s`),
};

export const conntrackListing = (netns: string | undefined) => ({
  by: [],
  columns,
  *list() {
    using conntrack = openConntrack({ netns });
    yield* conntrack.connections.dump();
  },
});

export function watchConntrack(netns: string | undefined, signal: AbortSignal): Watched {
  const conntrack = openConntrack({ netns });
  return { columns, events: conntrack.monitor({ signal }), close: () => conntrack.close() };
}
