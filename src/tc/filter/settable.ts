/** What can be written of filters and actions that were listed. */
import type { FilterAttrsInput } from './tca-filter.ts';

type Values = Record<string, unknown>;

/** Keys of options, and of actions, that the kernel tells and is not told. */
const TOLD = ['stats', 'usedHwStats', 'inHwCount', 'tm', 'pcnt', 'tag'];
/** Flags that the kernel adds. */
const FOUND = ['in_hw', 'not_in_hw'];

/** An action without what the kernel alone knows of it. */
export function settableAction(action: object): object {
  const { nlaNotes: _, ...rest } = withoutTold(action);
  return typeof rest['options'] === 'object' && rest['options'] !== null
    ? { ...rest, options: withoutTold(rest['options']) }
    : rest;
}

/** The same of the options of a filter. */
export function settableOptions(options: unknown): FilterAttrsInput['options'] {
  if (typeof options !== 'object' || options === null) return options as undefined;
  const rest = withoutTold(options);
  const { act, flags } = rest;
  if (Array.isArray(act)) rest['act'] = act.map((each: object) => settableAction(each));
  if (Array.isArray(flags)) rest['flags'] = flags.filter((flag) => !FOUND.includes(String(flag)));
  // The kernel tells what is inside of PPP as the protocol, and wants to be told of PPPoE.
  if (rest['keyPppoeSid'] !== undefined || rest['keyPppProto'] !== undefined) {
    rest['keyEthType'] = 'ppp_ses';
  }
  return withoutNotes(rest) as FilterAttrsInput['options'];
}

const withoutTold = (value: object): Values =>
  Object.fromEntries(
    Object.entries(value).filter(([key]) => !TOLD.includes(key) && !/^nla\d/.test(key)),
  );

/** The forms of the kernel's answer, which it does not take in a request, are left out. */
function withoutNotes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNotes);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const { nlaNotes: _, ...rest } = value as Values;
  return Object.fromEntries(Object.entries(rest).map(([key, each]) => [key, withoutNotes(each)]));
}
