/**
 * From messages to flat objects and back: family and attributes side by side, the comment taken out
 * of the user data, and unknown attributes under their keys.
 */
import type { Userdata, UserdataInput } from './messages/userdata.ts';

/** What an object has in place of its user data. */
export interface Described {
  comment?: string;
  /** The user data besides the comment. */
  userdata?: Userdata;
}
export interface DescribedInput {
  readonly comment?: string | undefined;
  readonly userdata?: UserdataInput | undefined;
}

export function described(userdata: Userdata | undefined): Described {
  if (userdata === undefined) return {};
  const { comment, ...others } = userdata;
  return {
    ...(comment === undefined ? {} : { comment }),
    ...(Object.keys(others).length === 0 ? {} : { userdata: others }),
  };
}

export function userdataOf({ comment, userdata }: DescribedInput): UserdataInput | undefined {
  if (comment === undefined) return userdata;
  return { ...userdata, comment };
}

/** The unknown attributes of a set whose known ones have keys of their own in the object. */
export function unknownIn(attrs: object | undefined): Record<`nla${number}`, Uint8Array> {
  const unknown = Object.entries(attrs ?? {}).filter(([key]) => /^nla\d/.test(key));
  return Object.fromEntries(unknown);
}

/** The object without undefined values, so that it has exactly what the kernel reported. */
export function known<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}

/** A spec without the keys that the kernel assigns: what a list returns may be given to `add`. */
export function without<T extends object, K extends PropertyKey>(
  spec: T,
  ...keys: readonly K[]
): Omit<T, K> {
  const rest = { ...spec } as Record<PropertyKey, unknown>;
  for (const key of keys) delete rest[key];
  return rest as Omit<T, K>;
}
