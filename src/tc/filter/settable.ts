/** What can be written of filters and actions that were listed. */
import { NLA_F_NESTED } from '../../netlink/constants.ts';
import { withRateTables } from '../shape.ts';
import { withGeneve } from './geneve-options.ts';
import type { FilterAttrsInput } from './tca-filter.ts';

type Values = Record<string, unknown>;
type Police = Parameters<typeof withRateTables>[0];

/** Keys of options, and of actions, that the kernel tells and is not told. */
const TOLD = [
  'stats',
  'usedHwStats',
  'inHwCount',
  'tm',
  'pcnt',
  'tag',
  'statsDscpSet',
  'statsDscpError',
  'statsCpmarkSet',
];
/** Flags that the kernel adds. */
const FOUND = ['in_hw', 'not_in_hw'];

/** What else a kind wants, or does not take. */
const SETTABLE: Readonly<Record<string, (options: Values) => object>> = {
  police: (options) => withRateTables(options as Police),
  mpls: withoutProto,
};

/** The kernel tells a protocol of all, and takes it only with a label that is pushed or popped. */
function withoutProto(options: Values): Values {
  const { proto, ...rest } = options;
  const { mAction } = (options['parms'] ?? {}) as { mAction?: unknown };
  const isChange = mAction === 'modify' || mAction === 'dec_ttl';
  return isChange && proto === 'mpls_uc' ? rest : options;
}

/**
 * An action without what the kernel alone knows of it. Its options are marked as nested, which
 * newer kinds insist on; the kernel's answers are not.
 */
export function settableAction(action: object): object {
  const { nlaNotes: _, ...rest } = withoutTold(action);
  const { kind, options } = rest;
  if (typeof options !== 'object' || options === null) return rest;
  const own = withoutNotes(withoutTold(withGeneve(options) as object)) as Values;
  return {
    ...rest,
    options: SETTABLE[String(kind)]?.(own) ?? own,
    nlaNotes: { options: NLA_F_NESTED },
  };
}

/** The same of the options of a filter. */
export function settableOptions(options: unknown): FilterAttrsInput['options'] {
  if (typeof options !== 'object' || options === null) return options as undefined;
  const { act, ...rest } = withoutTold(options);
  const { flags } = rest;
  if (Array.isArray(flags)) rest['flags'] = flags.filter((flag) => !FOUND.includes(String(flag)));
  // The kernel tells what is inside of PPP as the protocol, and wants to be told of PPPoE.
  if (rest['keyPppoeSid'] !== undefined || rest['keyPppProto'] !== undefined) {
    rest['keyEthType'] = 'ppp_ses';
  }
  const own = withoutNotes(rest) as Values;
  if (act === undefined) return own as FilterAttrsInput['options'];
  const actions = Array.isArray(act) ? act.map((each: object) => settableAction(each)) : act;
  return { ...own, act: actions } as FilterAttrsInput['options'];
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
