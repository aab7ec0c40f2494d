/** The link of an object in a spec. */
import type { Dev } from '../rtnl/dev.ts';

/** The link by name or index. */
export type On<T> = Omit<T, 'ifindex'> & {
  readonly ifindex?: number | undefined;
  readonly dev?: Dev | undefined;
};
