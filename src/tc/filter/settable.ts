/** The part of listed filters and actions that can be written. */
import { CodecError } from '../../errors.ts';
import { NLA_F_NESTED } from '../../netlink/constants.ts';
import { withRateTables } from '../shape.ts';
import { withGeneve } from './geneve-options.ts';
import type { FilterAttrsInput } from './tca-filter.ts';

type Values = Record<string, unknown>;
type Police = Parameters<typeof withRateTables>[0];

/** Keys of options and of actions that only the kernel sets. */
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

/** What else a kind requires or refuses. */
const SETTABLE: Readonly<Record<string, (options: Values) => object>> = {
  bpf: withLength,
  police: (options) => withRateTables(options as Police),
  mpls: withoutProto,
};

/** The kernel requires the number of instructions as well. */
function withLength(options: Values): Values {
  const { ops } = options;
  return Array.isArray(ops) ? { ...options, opsLen: ops.length } : options;
}

/**
 * The kernel reports a protocol in any case, and accepts it only when a label is pushed or popped.
 */
function withoutProto(options: Values): Values {
  const { proto, ...rest } = options;
  const { mAction } = (options['parms'] ?? {}) as { mAction?: unknown };
  const isChange = mAction === 'modify' || mAction === 'dec_ttl';
  return isChange && proto === 'mpls_uc' ? rest : options;
}

/**
 * An action without the keys that only the kernel sets. Its options are marked as nested, which
 * newer kinds insist on, although the kernel's answers are not.
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

/** The same for the options of a filter. */
export function settableOptions(options: unknown): FilterAttrsInput['options'] {
  if (typeof options !== 'object' || options === null) return options as undefined;
  const { act, ...rest } = withoutTold(options);
  for (const key of ['flags', 'flagsGen']) {
    const flags = rest[key];
    if (Array.isArray(flags)) rest[key] = flags.filter((flag) => !FOUND.includes(String(flag)));
  }
  // The kernel reports the protocol inside PPP as the EtherType, and expects that of PPPoE.
  if (rest['keyPppoeSid'] !== undefined || rest['keyPppProto'] !== undefined) {
    rest['keyEthType'] = 'ppp_ses';
  }
  const own = withLength(withMatches(withPolice(withoutNotes(rest) as Values)));
  if (act === undefined) return own as FilterAttrsInput['options'];
  const actions = Array.isArray(act) ? act.map(withKind) : act;
  return { ...own, act: actions } as FilterAttrsInput['options'];
}

/** One of a list of actions. */
function withKind(each: { readonly kind?: unknown }, index: number): object {
  if (typeof each === 'object' && each !== null && each.kind === undefined) {
    throw new CodecError('an action has a kind').within(`act[${index}]`);
  }
  return settableAction(each);
}

/** Extended matches, with the number of them. */
function withMatches(options: Values): Values {
  const { ematches } = options as { ematches?: { hdr?: object; list?: unknown } };
  if (!Array.isArray(ematches?.list)) return options;
  const hdr = { ...ematches.hdr, nmatches: ematches.list.length };
  return { ...options, ematches: { hdr, list: ematches.list } };
}

/** A policer outside of the actions, whose options are those of an action. */
function withPolice(options: Values): Values {
  const { police } = options;
  if (typeof police !== 'object' || police === null) return options;
  return { ...options, police: withRateTables(withoutTold(police) as Police) };
}

const withoutTold = (value: object): Values =>
  Object.fromEntries(
    Object.entries(value).filter(([key]) => !TOLD.includes(key) && !/^nla\d/.test(key)),
  );

/** Leaves out the encodings of the kernel's answer, which it refuses in a request. */
function withoutNotes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNotes);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const { nlaNotes: _, ...rest } = value as Values;
  return Object.fromEntries(Object.entries(rest).map(([key, each]) => [key, withoutNotes(each)]));
}
