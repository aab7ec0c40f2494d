/** Opens ethtool: the verbs of its objects, and notifications. */
import { openFamily } from '../genl/open.ts';
import { checked } from '../netlink/codec/arguments.ts';
import type { MonitorOptions, OpenOptions } from '../netlink/handle.ts';
import { mappedEvents } from '../netlink/mapped-events.ts';
import type { Monitor, Unreadable } from '../netlink/monitor.ts';
import { ETHTOOL_MCGRP_MONITOR_NAME } from './constants.ts';
import { ethtool } from './ethtool.ts';
import { KINDS, type EthtoolObjects, type EthtoolSpecs } from './kinds.ts';
import {
  counterVerbs,
  objectOf,
  objectVerbs,
  stringVerbs,
  type ChangeableVerbs,
  type CounterVerbs,
  type EthtoolConnection,
  type FeatureVerbs,
  type NamesOf,
  type ObjectVerbs,
  type StringVerbs,
} from './verbs.ts';

export type { MonitorOptions, OpenOptions } from '../netlink/handle.ts';

/**
 * An object that was changed, as it is now. `lost`: the kernel dropped messages. `unreadable`: a
 * message that cannot be decoded; the monitor continues.
 */
export type EthtoolEvent =
  | {
      [K in keyof EthtoolObjects]: {
        readonly type: K;
        readonly action: 'set';
        readonly value: EthtoolObjects[K];
      };
    }[keyof EthtoolObjects]
  | ({ readonly type: 'unreadable' } & Unreadable)
  | { readonly type: 'lost' };

type Groups = {
  readonly [K in keyof EthtoolObjects]: K extends 'features'
    ? FeatureVerbs<EthtoolObjects[K], EthtoolSpecs['features']>
    : K extends keyof EthtoolSpecs
      ? ChangeableVerbs<EthtoolObjects[K], EthtoolSpecs[K]>
      : ObjectVerbs<EthtoolObjects[K]>;
};

/** A group of verbs for each object. */
export interface Ethtool extends Omit<EthtoolConnection, 'monitor'>, Groups {
  readonly strings: StringVerbs;
  readonly counters: CounterVerbs;
  /**
   * Changes made through ethtool, for all links of the namespace; drivers report nothing on their
   * own.
   */
  monitor(options?: MonitorOptions): Monitor<EthtoolEvent>;
}

/**
 * Opens ethtool. Reading needs no privilege, changes need CAP_NET_ADMIN.
 *
 * @throws NetlinkError ENOENT if the kernel is built without it (CONFIG_ETHTOOL_NETLINK)
 * @throws CodecError for options of the wrong type
 *
 * @example
 * using eth = openEthtool();
 * for (const { dev, rx, rxMax } of eth.rings.list()) console.log(dev, rx, rxMax);
 */
export const openEthtool = (options: OpenOptions = {}): Ethtool =>
  openFamily('openEthtool', ethtool, options, handle);

const DEV = 'dev: string | number';
const ASK = 'options?: object';

function handle(connection: EthtoolConnection): Ethtool {
  const strings = stringVerbs(connection);
  const known = new Map<string, readonly string[]>();
  /** The names of a set never change, but each device has its own. */
  const names: NamesOf = (set, { devIndex }) => {
    const ofDevice = set === 'priv_flags' || set === 'stats';
    const key = ofDevice ? `${set} ${devIndex}` : set;
    const found = known.get(key) ?? strings.get(set, ofDevice ? devIndex : undefined);
    known.set(key, found);
    return found;
  };
  const groups = Object.keys(KINDS).map((name) => {
    const { set, ...rest } = objectVerbs(connection, name as keyof EthtoolObjects, names);
    const read = { get: `${DEV}, ${ASK}`, find: `${DEV}, ${ASK}`, list: ASK };
    const verbs = CHANGEABLE.has(name)
      ? checked(name, { ...rest, set }, { ...read, set: `${DEV}, spec: object` })
      : checked(name, rest, read);
    return [name, verbs];
  });
  return {
    ...connection,
    ...(Object.fromEntries(groups) as Groups),
    strings: checked('strings', strings, { get: 'set: string, dev?: string | number' }),
    counters: checked('counters', counterVerbs(connection, names), { get: DEV }),
    ...checked(
      'ethtool',
      {
        monitor: (options?: MonitorOptions) =>
          mappedEvents(connection.monitor([ETHTOOL_MCGRP_MONITOR_NAME], options), (event) =>
            event.type === 'message' ? eventOf(event.value, names) : event,
          ),
      },
      { monitor: ASK },
    ),
  };
}

const CHANGEABLE = new Set(
  Object.keys(KINDS).filter((name) => name !== 'linkState' && name !== 'timestamping'),
);

const BY_COMMAND = new Map(
  Object.entries(KINDS).map(([name, { command }]) => [command, name as keyof EthtoolObjects]),
);

/** The event of a notification; undefined for one of an object that is not declared. */
function eventOf(value: { cmd: unknown; attrs: object }, names: NamesOf): EthtoolEvent | undefined {
  const [, command] = /^ETHTOOL_MSG_(\w+)_NTF$/.exec(String(value.cmd)) ?? [];
  const type = BY_COMMAND.get(command ?? '');
  if (type === undefined) return undefined;
  return { type, action: 'set', value: objectOf(KINDS[type], value, names) };
}
