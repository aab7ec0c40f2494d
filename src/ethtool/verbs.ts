/** The verbs of ethtool: the same for each object. */
import type { FamilyConnection } from '../genl/open.ts';
import type { AttrsOf } from '../genl/open.ts';
import { jsonText } from '../printable.ts';
import { ENODEV, EOPNOTSUPP } from '../sys/errno.ts';
import { CodecError, NetlinkError, netlinkError } from '../errors.ts';
import { bitsetOf, bitsOf, type Bits, type Bitset } from './bitset.ts';
import type { ethtool } from './ethtool.ts';
import { KINDS, type EthtoolObjects, type Kind, type StringSetName } from './kinds.ts';
import type { Counters } from './objects/counters.ts';
import type { StringSets } from './objects/strings.ts';

export type EthtoolConnection = FamilyConnection<(typeof ethtool)['messages'][number]>;

export interface AskOptions {
  /**
   * Whether the kernel sends bits as words instead of one by one with their names, which are then
   * fetched once. The objects are the same.
   */
  readonly compact?: boolean | undefined;
  /** Whether to include counters, for objects that have some (`pause`, `fec`). */
  readonly stats?: boolean | undefined;
}

/** A link is given by name or index. */
export interface ObjectVerbs<O> {
  /**
   * The object of one link.
   *
   * @throws NetlinkError ENODEV if there is no such link, EOPNOTSUPP if its driver lacks this
   */
  get(dev: string | number, options?: AskOptions): O;
  /** The same, or undefined if there is no such link or its driver lacks this. */
  find(dev: string | number, options?: AskOptions): O | undefined;
  /** The objects of all links whose drivers support them. */
  list(options?: AskOptions): O[];
}

export interface ChangeableVerbs<O, S> extends ObjectVerbs<O> {
  /** Changes the given keys, and leaves the rest. */
  set(dev: string | number, spec: S): void;
}

/** The outcome of a change of features. */
export interface FeaturesChange {
  /** Features that could not be set, with the requested value. */
  readonly wanted: Bits;
  /** Features that have changed, including those that depend on others. */
  readonly active: Bits;
}

export interface FeatureVerbs<O, S> extends ObjectVerbs<O> {
  /** Changes features by name, as far as the device can: what it cannot is not an error. */
  set(dev: string | number, spec: S): FeaturesChange;
}

export interface StringVerbs {
  /** The strings of a set: of the kernel, or of a device (`stats`, `priv_flags`, …). */
  get(set: StringSetName, dev?: string | number): string[];
}

/** Counters of a standard, by group and name. */
export interface CountersObject {
  readonly index: number;
  readonly dev: string;
  readonly groups: Readonly<Record<string, Readonly<Record<string, bigint>>>>;
  /** Frames by length, of RMON. */
  readonly histograms: {
    readonly rx: readonly Bucket[];
    readonly tx: readonly Bucket[];
  };
}
interface Bucket {
  readonly low: number;
  readonly high: number;
  readonly frames: bigint;
}

export interface CounterVerbs {
  /** The counters of one link. EOPNOTSUPP if its driver has none. */
  get(dev: string | number): CountersObject;
}

const ADVICE: Readonly<Record<number, string>> = {
  [ENODEV]: 'there is no such link',
  [EOPNOTSUPP]: 'the driver of the link lacks this',
};

/**
 * Runs a request and explains its errors, because the kernel says little about what is wrong with a
 * link.
 */
function explained<T>(dev: string | number, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof NetlinkError)) throw error;
    const { errno, operation, ack } = error;
    // The kernel's own text is better, such as for an unknown bit.
    if (ADVICE[errno] === undefined || (errno === EOPNOTSUPP && ack.text !== undefined))
      throw error;
    throw netlinkError(errno, operation, { subject: String(dev), ack, advice: ADVICE[errno] });
  }
}

const headerOf = (dev: string | number): { devIndex: number } | { devName: string } =>
  typeof dev === 'number' ? { devIndex: dev } : { devName: dev };

type Link = { readonly devIndex?: number; readonly devName?: string };
/** The names of the bits of a compact set. */
export type NamesOf = (set: StringSetName, link: Link) => readonly string[];

interface Reply {
  readonly attrs: { readonly header?: Link };
}

const hasNames = ({ value }: Bitset): boolean => value === undefined;

/** The flat value of a reply. */
export function objectOf({ bits }: Kind, { attrs }: Reply, names: NamesOf): any {
  const { header = {}, ...rest } = attrs;
  const { devIndex: index = 0, devName: dev = '' } = header;
  const object: Record<string, unknown> = { index, dev };
  for (const [key, value] of Object.entries(rest)) {
    if (key === 'nlaNotes') continue;
    const set = bits[key];
    if (set === undefined) object[key] = value;
    else {
      const given = value as Bitset;
      object[key] = hasNames(given) ? bitsOf(given) : bitsOf(given, names(set, header));
    }
  }
  return object;
}

/** The attributes of a change. */
function changeOf({ bits, told, attributes }: Kind, spec: object): Record<string, unknown> {
  const attrs: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(spec)) {
    // An object that was read may be passed back.
    if (key === 'index' || key === 'dev' || told.includes(key)) continue;
    if (attributes[key] === undefined && !key.startsWith('nla')) {
      throw new CodecError(`there is no ${jsonText(key)} to set`);
    }
    attrs[key] = bits[key] === undefined || value === undefined ? value : bitsetOf(value as Bits);
  }
  return attrs;
}

type Command = Parameters<EthtoolConnection['command']>[0];

const isAbsent = (error: unknown): boolean =>
  error instanceof NetlinkError && (error.errno === ENODEV || error.errno === EOPNOTSUPP);

/** The verbs of one object. */
export function objectVerbs<K extends keyof EthtoolObjects>(
  connection: EthtoolConnection,
  name: K,
  names: NamesOf,
): FeatureVerbs<EthtoolObjects[K], object> {
  const kind = KINDS[name];
  const asked = (verb: 'GET' | 'SET', header: object, rest: object = {}) =>
    connection.command(
      `ETHTOOL_MSG_${kind.command}_${verb}` as Command,
      { header, ...rest } as AttrsOf<any, any>,
    );
  const flags = ({ compact, stats }: AskOptions = {}): object => {
    const wanted = [
      ...(compact === true ? ['compact_bitsets'] : []),
      ...(stats === true ? ['stats'] : []),
    ];
    return wanted.length === 0 ? {} : { flags: wanted };
  };
  const flat = (value: unknown): EthtoolObjects[K] => objectOf(kind, value as Reply, names);
  const get = (dev: string | number, options?: AskOptions): EthtoolObjects[K] =>
    explained(dev, () =>
      flat(connection.get(asked('GET', { ...headerOf(dev), ...flags(options) }))),
    );
  return {
    get,
    find(dev, options) {
      try {
        return get(dev, options);
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },
    list: (options) => connection.list(asked('GET', flags(options))).map(flat),
    set(dev, spec) {
      const request = asked('SET', headerOf(dev), changeOf(kind, spec));
      const { replies } = explained(dev, () => connection.request(request));
      const [reply] = replies.map(flat) as { wanted?: Bits; active?: Bits }[];
      return { wanted: reply?.wanted ?? {}, active: reply?.active ?? {} };
    },
  };
}

/** The names of one set, by index. */
function namesIn({ attrs }: StringSets): string[] {
  const found: string[] = [];
  for (const { strings = [] } of attrs.stringsets ?? []) {
    for (const { index = found.length, value = '' } of strings) found[index] = value;
  }
  return found;
}

export const stringVerbs = (connection: EthtoolConnection): StringVerbs => ({
  get(set, dev) {
    const request = connection.command('ETHTOOL_MSG_STRSET_GET', {
      // The kernel wants a header, although its own sets belong to no link.
      header: dev === undefined ? {} : headerOf(dev),
      stringsets: [{ id: set }],
    });
    return explained(dev ?? set, () => namesIn(connection.get(request) as StringSets));
  },
});

const GROUPS = ['eth-phy', 'eth-mac', 'eth-ctrl', 'rmon'];

export function counterVerbs(connection: EthtoolConnection, names: NamesOf): CounterVerbs {
  const object = ({ attrs }: Counters): CountersObject => {
    const { header = {}, grp = [] } = attrs;
    const buckets = (key: 'histRx' | 'histTx'): Bucket[] =>
      grp.flatMap((each) =>
        (each[key] ?? []).map(({ low = 0, hi: high = 0, val: frames = 0n }) => ({
          low,
          high,
          frames,
        })),
      );
    return {
      index: header.devIndex ?? 0,
      dev: header.devName ?? '',
      groups: Object.fromEntries(
        grp.map(({ id, ssId, stat = [] }) => {
          const named = typeof ssId === 'string' ? names(ssId, {}) : [];
          const values = stat.flat().map((each) => [named[each.id] ?? each.id, each.value]);
          return [String(id), Object.fromEntries(values) as Record<string, bigint>];
        }),
      ),
      histograms: { rx: buckets('histRx'), tx: buckets('histTx') },
    };
  };
  return {
    get(dev) {
      const groups = bitsetOf(Object.fromEntries(GROUPS.map((name) => [name, true])));
      const request = connection.command('ETHTOOL_MSG_STATS_GET', {
        header: headerOf(dev),
        groups,
      });
      return explained(dev, () => object(connection.get(request) as Counters));
    },
  };
}
