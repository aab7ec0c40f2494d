/**
 * What is left to do to a link until it is as a spec says. Both are compared in the form in which the kernel gives them back: the spec is
 * encoded and decoded first.
 */
import { viewOf, Writer } from '../netlink/bytes.ts';
import { EEXIST } from '../netlink/errno.ts';
import { NetlinkError } from '../netlink/errors.ts';
import { toJson } from '../netlink/json.ts';
import { link } from './link.ts';
import { linkMessage, linkObject, type LinkObject, type LinkSpec } from './link-object.ts';

/** What a request says, but no answer: compared with nothing, and of no effect on a link that is there. */
const ONLY_IN_REQUESTS = ['netNsFd', 'netNsPid', 'extMask', 'change', 'type', 'family', 'index'];

/**
 * The part of a spec that a link does not fulfil; undefined when there is none. Throws EEXIST for a link of another kind.
 */
export function differences(there: LinkObject, spec: LinkSpec): LinkSpec | undefined {
  const { kind, data, slaveKind, slaveData, flags, ...rest } = canonical(spec);
  if (kind !== undefined && kind !== there.kind) {
    throw new NetlinkError(EEXIST, 'RTM_NEWLINK', {
      subject: there.ifname,
      advice: `a link of kind ${there.kind ?? 'none'} has this name`,
    });
  }
  const change: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(rest)) {
    if (ONLY_IN_REQUESTS.includes(key)) continue;
    if (!same(value, there[key as keyof LinkObject])) change[key] = value;
  }
  const ownData = differing(data, there.data);
  if (ownData !== undefined) Object.assign(change, { kind, data: ownData });
  const portData = differing(slaveData, there.slaveData);
  if (portData !== undefined) Object.assign(change, { slaveKind, slaveData: portData });
  // Flags that the spec does not name stay as they are, and so do those it cannot change.
  const meant = spec.change ?? flags;
  if (meant.some((flag) => flags.includes(flag) !== there.flags.includes(flag as never))) {
    Object.assign(change, { flags, change: meant });
  }
  return Object.keys(change).length === 0 ? undefined : (change as LinkSpec);
}

type Values = Readonly<Record<string, unknown>>;

function differing(wanted: object | undefined, there: object | undefined): Values | undefined {
  const values = (there ?? {}) as Values;
  const left = Object.entries(wanted ?? {}).filter(([key, value]) => !same(value, values[key]));
  return left.length === 0 ? undefined : Object.fromEntries(left);
}

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(toJson(one)) === JSON.stringify(toJson(other));

function canonical(spec: LinkSpec): LinkObject {
  const writer = new Writer();
  link.put(writer, linkMessage(spec));
  return linkObject(link.get(viewOf(writer.finish()), 0, writer.at));
}
