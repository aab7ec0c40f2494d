/** The link of an object in a spec. */
import { CodecError } from '../errors.ts';
import type { Attributes } from '../netlink/codec/attributes.ts';
import { describe } from '../netlink/codec/given.ts';
import { unknownId } from '../netlink/codec/nla-notes.ts';
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

/**
 * Refuses a key that neither names an object nor is in one that was listed: a name without it may
 * stand for other objects, or for more of them.
 */
export function checkName(
  name: object,
  what: string,
  own: readonly string[],
  attributes: Attributes,
): void {
  for (const [key, value] of Object.entries(name)) {
    const isKnown = own.includes(key) || Object.hasOwn(attributes, key) || key === 'nlaNotes';
    if (value === undefined || isKnown || unknownId(key) !== undefined) continue;
    throw new CodecError(`"${key}" is not a key of a ${what}`);
  }
}
