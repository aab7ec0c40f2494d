/**
 * The changes that a link still needs to match a spec. Both are compared in the kernel's form: the
 * spec is encoded and decoded first.
 */
import { viewOf, Writer } from '../../netlink/codec/bytes.ts';
import { EEXIST, EOPNOTSUPP } from '../../sys/errno.ts';
import { CodecError, netlinkError } from '../../errors.ts';
import { toJson } from '../../netlink/codec/json.ts';
import { link } from './message.ts';
import { linkMessage, linkObject, type LinkObject, type LinkSpec } from './object.ts';

/**
 * Keys that occur only in requests: they are not compared, and have no effect on an existing link.
 */
const ONLY_IN_REQUESTS = ['extMask', 'change', 'type', 'family', 'index'];
/** The same in `data`: the other end of a pair, which is created together with this one. */
const OTHER_END = ['peer', 'peerInfo'];
/** Settings of which only the part under a neighbouring mask applies. */
const MASKED = [
  ['flags', 'mask'],
  ['value', 'mask'],
  ['optval', 'optmask'],
] as const;

/** Keys that would create or find the link in another namespace than that of the connection. */
const ELSEWHERE = ['netns', 'netNsFd', 'netNsPid', 'targetNetnsid'] as const;
type InOther = { readonly [K in (typeof ELSEWHERE)[number]]?: undefined };
/** Keys that must not put the link into another namespace. */
export interface Here extends InOther {}

/** Throws CodecError for the spec of a link in another namespace. */
export function requireHere(spec: Here): void {
  const key = ELSEWHERE.find((each) => spec[each] !== undefined);
  if (key === undefined) return;
  throw new CodecError(`${key}: ensure works in the connection's namespace: use open({ netns })`);
}

/**
 * The part of a spec that a link does not match; undefined if it matches. Throws EEXIST for a link
 * of another kind.
 */
export function differences(there: LinkObject, spec: LinkSpec): LinkSpec | undefined {
  const { kind, data, slaveKind, slaveData, flags, ...rest } = canonical(spec);
  if (kind !== undefined && kind !== there.kind) {
    throw netlinkError(EEXIST, 'RTM_NEWLINK', {
      subject: there.ifname,
      advice: `a link of kind ${there.kind ?? 'none'} has this name`,
    });
  }
  const change = differing(rest, there) ?? {};
  const ownData = differing(data, there.data);
  if (ownData !== undefined) Object.assign(change, { kind, data: ownData });
  const portData = differing(slaveData, there.slaveData);
  if (portData !== undefined) Object.assign(change, { slaveKind, slaveData: portData });
  // Flags that the spec does not contain stay as they are, and so do those it cannot change.
  const meant = spec.change ?? flags;
  if (!agree(flags, meant, there.flags)) Object.assign(change, { flags, change: meant });
  return Object.keys(change).length === 0 ? undefined : (change as LinkSpec);
}

/**
 * Throws EOPNOTSUPP for settings that the kernel silently did not change. Settings that it does not
 * report, and flags that it may add to, cannot be checked.
 */
export function requireChanged(there: LinkObject, change: LinkSpec): void {
  const { data, slaveData, flags: _, ...rest } = canonical(change);
  const kept = [
    ...keptOf('', rest, there),
    ...keptOf('data.', data, there.data),
    ...keptOf('slaveData.', slaveData, there.slaveData),
  ];
  if (kept.length === 0) return;
  throw netlinkError(EOPNOTSUPP, 'RTM_NEWLINK', {
    subject: there.ifname,
    advice: `the kernel keeps ${kept.join(', ')}; ask for that, or delete the link first`,
  });
}

function keptOf(path: string, wanted: object | undefined, there: object | undefined): string[] {
  const values = (there ?? {}) as Values;
  return Object.keys(differing(wanted, values, false) ?? {}).map(
    (key) => `${path}${key} at ${JSON.stringify(toJson(values[key]))}`,
  );
}

type Values = Readonly<Record<string, unknown>>;

function differing(
  wanted: object | undefined,
  there: object | undefined,
  strict = true,
): Record<string, unknown> | undefined {
  const values = (there ?? {}) as Values;
  const left = Object.entries(wanted ?? {}).filter(
    ([key, value]) =>
      !ONLY_IN_REQUESTS.includes(key) &&
      !OTHER_END.includes(key) &&
      !fulfils(value, values[key], strict),
  );
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

/**
 * Whether a value contains everything wanted. If `strict`, it must be reported, and lists of names
 * may have no others.
 */
function fulfils(wanted: unknown, there: unknown, strict: boolean): boolean {
  if (there === undefined) return !strict;
  if (Array.isArray(wanted) && Array.isArray(there)) {
    const isExact = strict && typeof wanted[0] !== 'object';
    if (isExact && wanted.length !== there.length) return false;
    return wanted.every((each) => there.some((other) => fulfils(each, other, strict)));
  }
  if (!isRecord(wanted) || !isRecord(there)) return same(wanted, there);
  const masked = MASKED.find(([on, mask]) => on in wanted && mask in wanted);
  if (masked !== undefined) {
    const [on, mask] = masked;
    return agree(wanted[on], wanted[mask], there[on]);
  }
  return Object.entries(wanted).every(([key, value]) => fulfils(value, there[key], strict));
}

const isRecord = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array);

/** Whether the part under the mask, names or bits, is the same in both. */
function agree(one: any, mask: any, other: any): boolean {
  if (typeof mask === 'number') return ((one ^ other) & mask) === 0;
  return (mask as string[]).every((word) => one.includes(word) === other.includes(word));
}

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(toJson(one)) === JSON.stringify(toJson(other));

function canonical(spec: LinkSpec): LinkObject {
  const writer = new Writer();
  link.put(writer, linkMessage(spec));
  return linkObject(link.get(viewOf(writer.finish()), 0, writer.at));
}
