/** Compares dumps of a real kernel with iproute2's output. */
import type { ExecutionContext } from 'ava';
import { decode, encode } from '../../src/netlink/codec/frame.ts';
import { rtnetlink } from '../../src/rtnl/rtnetlink.ts';
import { freshNamespace, type Namespace, type Row } from './namespace.ts';
import { rawDump } from './raw-dump.ts';

/** A namespace in which these shell commands have run. */
export function prepared(t: ExecutionContext, ...commands: readonly string[]): Namespace {
  const here = freshNamespace(t);
  for (const command of commands) here.exec('sh', '-c', command);
  return here;
}

/** All payloads of a dump. Checks that each one encodes to the bytes that it was decoded from. */
export function dump<T>(t: ExecutionContext, here: Namespace, type: string, payload: object): T[] {
  return rawDump(here, type, payload).map((bytes) => {
    const [frame] = decode(rtnetlink, bytes);
    t.deepEqual(encode(rtnetlink, frame!), bytes, type);
    return frame!.payload as T;
  });
}

/** Names of interfaces by index, as iproute2 prints them. */
export const namesIn = (here: Namespace): ReadonlyMap<number | undefined, string> =>
  new Map(here.ip('link').map(({ ifindex, ifname }) => [ifindex as number, ifname as string]));

/**
 * Compares row by row, so that a failure shows one object; only keys that iproute2 prints are
 * compared.
 */
export function agree(t: ExecutionContext, ours: readonly Row[], theirs: readonly Row[]): void {
  for (const [i, row] of theirs.entries()) {
    const found = Object.entries(ours[i] ?? {}).filter(([key]) => key in row);
    t.deepEqual(Object.fromEntries(found), row);
  }
  t.is(ours.length, theirs.length);
}
