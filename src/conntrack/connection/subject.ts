/** What a message is about, for errors: of declared messages, and of those of the plugins. */
import type { Input } from '../../netlink/codec/codec.ts';
import type { ctaTuple } from './tuple.ts';

type Tuple = Input<typeof ctaTuple>;

/** `udp 192.0.2.1:5 192.0.2.2:53`. */
export function tupleText(tuple: Tuple | undefined): string | undefined {
  if (tuple === undefined) return undefined;
  const { ip = {}, proto = {} } = tuple;
  const end = (address = '', port?: number): string =>
    port === undefined ? address : `${address}:${port}`;
  const src = end(ip.v4Src ?? ip.v6Src, proto.srcPort);
  return `${proto.num ?? ''} ${src} ${end(ip.v4Dst ?? ip.v6Dst, proto.dstPort)}`.trim();
}

interface WithTuples {
  readonly attrs?: { readonly [K in 'tupleOrig' | 'tupleReply']?: Tuple | undefined } | undefined;
}

export const connectionSubject = ({ attrs }: WithTuples): string | undefined =>
  tupleText(attrs?.tupleOrig ?? attrs?.tupleReply);
