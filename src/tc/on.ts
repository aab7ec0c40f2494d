/** The link of an object in a spec. */
import { CodecError } from '../errors.ts';
import { describe } from '../netlink/codec/given.ts';
import type { Dev } from '../rtnl/dev.ts';

/** The link by name or index. */
export type On<T> = Omit<T, 'ifindex'> & {
  readonly ifindex?: number | undefined;
  readonly dev?: Dev | undefined;
};

/** The index of a link in a request. Index 0 and those below it are no link, but mean others. */
export function linkIndex(ifindex: number | undefined, others = ''): number {
  if (ifindex === undefined) throw new CodecError(`name a link by dev or ifindex${others}`);
  if (Number.isInteger(ifindex) && ifindex > 0 && ifindex < 2 ** 31) return ifindex;
  throw new CodecError(`ifindex: ${describe(ifindex)} is not the index of a link`);
}
