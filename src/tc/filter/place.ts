/**
 * Where filters and chains are: on a qdisc or class of a link, or in a block shared by links.
 *
 * include/uapi/linux/rtnetlink.h, `TCM_IFINDEX_MAGIC_BLOCK`; tc(8), "block".
 */
import { CodecError } from '../../errors.ts';
import { onInterface, type Dev, type Target } from '../../rtnl/dev.ts';
import { TCM_IFINDEX_MAGIC_BLOCK } from '../constants.ts';
import { linkIndex } from '../on.ts';
import { filterParent } from '../units.ts';
import type { Filter, FilterInput } from './message.ts';

/** A link with its qdisc or class, or a block. */
export interface Place {
  readonly ifindex?: number | undefined;
  /** `ingress` or `egress` of clsact, `1:`, `1:10`; `none`, the default, is the root qdisc. */
  readonly parent?: string | undefined;
  /** The number of a block, instead of a link. */
  readonly block?: number | undefined;
}

/** The same, with the link by name or index. */
export type OnPlace<T> = T & { readonly dev?: Dev | undefined };

/** A spec with the link's index in place of its name. */
export const onPlace = <T>(target: Target, spec: object): T =>
  onInterface<T>(target, 'ifindex', spec);

type Head = Omit<FilterInput, 'attrs' | 'handle'>;

/** The header of a message about a place. Protocol 0 means any. */
export function headOf({
  ifindex,
  parent,
  block,
  protocol,
  pref,
}: Place & Pick<FilterInput, 'protocol' | 'pref'>): Head {
  const info = { protocol, pref };
  if (block === undefined) {
    return { ifindex: linkIndex(ifindex, ', or a block'), parent, ...info };
  }
  if (ifindex !== undefined || parent !== undefined) {
    throw new CodecError('a filter is on a link or in a block, not both');
  }
  if (!Number.isInteger(block) || block < 1 || block >= 2 ** 32) {
    throw new CodecError(`block: ${String(block)} is not the number of a block`);
  }
  return { ifindex: TCM_IFINDEX_MAGIC_BLOCK, parent: filterParent.map!(block), ...info };
}

/** The place that a message is about. */
export const placeOf = ({ ifindex, parent }: Pick<Filter, 'ifindex' | 'parent'>): Place =>
  ifindex === TCM_IFINDEX_MAGIC_BLOCK
    ? { block: filterParent.number!(parent) }
    : { ifindex, parent };
