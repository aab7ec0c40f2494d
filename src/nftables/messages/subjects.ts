/** What a message is about, for errors: of declared messages, and of those of the plugins. */
import type { BigInput } from '../../netlink/codec/codec.ts';

type Value<K extends string, H extends string = never> = {
  readonly family?: string | number | undefined;
  readonly attrs?:
    | ({ readonly [A in K]?: string | undefined } & { readonly [A in H]?: BigInput | undefined })
    | undefined;
};

export const tableSubject = ({ family, attrs }: Value<'name'>): string =>
  `${family} ${attrs?.name}`;

export const chainSubject = ({ family, attrs }: Value<'table' | 'name', 'handle'>): string =>
  `${family} ${attrs?.table} ${attrs?.name ?? attrs?.handle ?? ''}`.trimEnd();

export const ruleSubject = ({ family, attrs }: Value<'table' | 'chain', 'handle'>): string =>
  `${family} ${attrs?.table} ${attrs?.chain ?? ''}${attrs?.handle === undefined ? '' : ` handle ${attrs.handle}`}`;

export const setSubject = ({ family, attrs }: Value<'table' | 'name'>): string =>
  `${family} ${attrs?.table} ${attrs?.name ?? ''}`.trimEnd();

export const elementSubject = ({ family, attrs }: Value<'table' | 'set'>): string =>
  `${family} ${attrs?.table} ${attrs?.set}`;
