/** Opens devlink: the verbs of its objects, and notifications. */
import { openFamily } from '../genl/open.ts';
import { checked, type Signature } from '../netlink/codec/arguments.ts';
import type { MonitorOptions, OpenOptions } from '../netlink/handle.ts';
import { mappedEvents } from '../netlink/mapped-events.ts';
import type { Monitor, Unreadable } from '../netlink/monitor.ts';
import { DEVLINK_GENL_MCGRP_CONFIG_NAME } from './constants.ts';
import { devlink } from './devlink.ts';
import * as o from './objects.ts';
import type { DevlinkVerbs } from './groups.ts';
import { devlinkVerbs, type DevlinkConnection } from './verbs.ts';

export type { MonitorOptions, OpenOptions } from '../netlink/handle.ts';

/** The values of events, by the type of object. */
export interface DevlinkObjects {
  devs: o.DevObject;
  ports: o.PortObject;
  params: o.ParamObject;
  health: o.HealthObject;
  regions: o.RegionObject;
  traps: o.TrapObject;
  trapGroups: o.TrapGroupObject;
  trapPolicers: o.TrapPolicerObject;
  rates: o.RateObject;
  linecards: o.LinecardObject;
  /** How far an update is. */
  flash: o.FlashObject;
}

/**
 * An object that is new or was changed, or is gone. `lost`: the kernel dropped messages.
 * `unreadable`: a message that cannot be decoded; the monitor continues.
 */
export type DevlinkEvent =
  | {
      [K in keyof DevlinkObjects]: {
        readonly type: K;
        readonly action: 'new' | 'del';
        readonly value: DevlinkObjects[K];
      };
    }[keyof DevlinkObjects]
  | ({ readonly type: 'unreadable' } & Unreadable)
  | { readonly type: 'lost' };

/** A group of verbs for each object. */
export interface Devlink extends Omit<DevlinkConnection, 'monitor'>, DevlinkVerbs {
  /** What is registered, changed and removed, of all devices of the namespace. */
  monitor(options?: MonitorOptions): Monitor<DevlinkEvent>;
}

/**
 * Opens devlink. Reading needs no privilege but for regions and dumps, changes need CAP_NET_ADMIN.
 *
 * @throws NetlinkError ENOENT if the kernel is built without it (CONFIG_NET_DEVLINK)
 * @throws CodecError for options of the wrong type
 *
 * @example
 * using dl = openDevlink();
 * for (const { port, netdev, flavour } of dl.ports.list()) console.log(port, netdev, flavour);
 */
export const openDevlink = (options: OpenOptions = {}): Devlink =>
  openFamily('openDevlink', devlink, options, handle);

const DEV = 'dev: string';
const LIST = 'filter?: object';
const SPEC = 'spec: object';
const NAME = 'name: string';

const SIGNATURES: {
  readonly [K in keyof DevlinkVerbs]: { readonly [V in keyof DevlinkVerbs[K]]: Signature };
} = {
  devs: {
    list: '',
    get: DEV,
    listInfo: '',
    info: DEV,
    reload: `${DEV}, options?: object`,
    getEswitch: DEV,
    setEswitch: `${DEV}, ${SPEC}`,
    flash: `${DEV}, ${SPEC}`,
    listSelftests: DEV,
    runSelftests: `${DEV}, ids: array`,
  },
  ports: {
    list: LIST,
    get: 'port: string',
    set: `port: string, ${SPEC}`,
    split: 'port: string, count: number',
    unsplit: 'port: string',
    add: `${DEV}, ${SPEC}`,
    delete: 'port: string',
  },
  params: {
    list: LIST,
    get: `${DEV}, ${NAME}`,
    set: `${DEV}, ${NAME}, value: number | bigint | string | boolean | Uint8Array, cmode?: string`,
  },
  health: {
    list: LIST,
    get: `${DEV}, reporter: string`,
    set: `${DEV}, reporter: string, ${SPEC}`,
    recover: `${DEV}, reporter: string`,
    diagnose: `${DEV}, reporter: string`,
    dump: `${DEV}, reporter: string`,
    clearDump: `${DEV}, reporter: string`,
    test: `${DEV}, reporter: string`,
  },
  regions: {
    list: LIST,
    get: 'region: string',
    add: 'region: string, snapshot?: number',
    delete: 'region: string, snapshot: number',
    read: 'region: string, options?: object',
  },
  traps: { list: LIST, get: `${DEV}, ${NAME}`, set: `${DEV}, ${NAME}, ${SPEC}` },
  trapGroups: { list: LIST, get: `${DEV}, ${NAME}`, set: `${DEV}, ${NAME}, ${SPEC}` },
  trapPolicers: {
    list: LIST,
    get: `${DEV}, policer: number`,
    set: `${DEV}, policer: number, ${SPEC}`,
  },
  rates: {
    list: LIST,
    get: 'rate: string',
    set: `rate: string, ${SPEC}`,
    add: 'rate: string, spec?: object',
    delete: 'rate: string',
  },
  linecards: { list: LIST, get: `${DEV}, lc: number`, set: `${DEV}, lc: number, ${SPEC}` },
  sbs: {
    list: LIST,
    listPools: LIST,
    setPool: `${DEV}, ${SPEC}`,
    listPortPools: LIST,
    setPortPool: `port: string, ${SPEC}`,
    listTcPoolBinds: LIST,
    setTcPoolBind: `port: string, ${SPEC}`,
    snapshot: `${DEV}, sb?: number`,
    clearMax: `${DEV}, sb?: number`,
  },
  resources: { list: DEV, set: `${DEV}, path: string, size: number | bigint` },
};

function handle(connection: DevlinkConnection): Devlink {
  const verbs = devlinkVerbs(connection);
  const groups = Object.entries(verbs).map(([name, group]) => [
    name,
    checked(name, group as object, SIGNATURES[name as keyof DevlinkVerbs] as never),
  ]);
  return {
    ...connection,
    ...(Object.fromEntries(groups) as DevlinkVerbs),
    ...checked(
      'devlink',
      {
        monitor: (options?: MonitorOptions) =>
          mappedEvents(connection.monitor([DEVLINK_GENL_MCGRP_CONFIG_NAME], options), (event) =>
            event.type === 'message' ? eventOf(event.value) : event,
          ),
      },
      { monitor: 'options?: object' },
    ),
  };
}

/** The type of object, and how it is made of a message, by the command without its verb. */
const OBJECTS: Readonly<Record<string, [keyof DevlinkObjects, (message: any) => object]>> = {
  '': ['devs', o.devObject],
  PORT: ['ports', o.portObject],
  PARAM: ['params', o.paramObject],
  HEALTH_REPORTER: ['health', o.healthObject],
  REGION: ['regions', o.regionObject],
  TRAP: ['traps', o.trapObject],
  TRAP_GROUP: ['trapGroups', o.trapGroupObject],
  TRAP_POLICER: ['trapPolicers', o.trapPolicerObject],
  RATE: ['rates', o.rateObject],
  LINECARD: ['linecards', o.linecardObject],
  FLASH: ['flash', o.flashObject],
};

/** The event of a notification; undefined for one that is not about an object. */
function eventOf(message: { readonly cmd: unknown }): DevlinkEvent | undefined {
  // A reporter is reported by the command to recover it, an update by commands of its own.
  const [, command = '', verb] =
    /^DEVLINK_CMD_(?:(\w+)_)?(NEW|DEL|RECOVER|UPDATE|UPDATE_END|UPDATE_STATUS)$/.exec(
      String(message.cmd),
    ) ?? [];
  const found = verb === undefined ? undefined : OBJECTS[command];
  if (found === undefined) return undefined;
  const [type, object] = found;
  const action = verb === 'DEL' ? 'del' : 'new';
  return { type, action, value: object(message) } as DevlinkEvent;
}
