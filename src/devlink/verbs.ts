/** The verbs of devlink, in the words of devlink(8). */
import type { AttrsOf, CommandOf, FamilyConnection } from '../genl/open.ts';
import { CodecError, netlinkError } from '../errors.ts';
import { describe } from '../netlink/codec/given.ts';
import { ENODEV, ENOENT } from '../sys/errno.ts';
import { handleText } from './declare.ts';
import type { devlink } from './devlink.ts';
import type { DevFilter, DevlinkVerbs } from './groups.ts';
import * as names from './handles.ts';
import * as o from './objects.ts';
import { fmsgValue, type FmsgItem, type FmsgValue } from './objects/fmsg.ts';
import type { Selftests, SelftestResults } from './objects/selftests.ts';
import { bytesOfValue } from './value.ts';

type Messages = (typeof devlink)['messages'][number];
export type DevlinkConnection = FamilyConnection<Messages>;
type Command = CommandOf<Messages>;

export function devlinkVerbs(connection: DevlinkConnection): DevlinkVerbs {
  const command = (name: Command, attrs: object = {}) =>
    connection.command(name, attrs as AttrsOf<Messages, Command>);
  const get = <M>(name: Command, attrs: object): M =>
    connection.get(command(name, attrs)) as unknown as M;
  const change = (name: Command, attrs: object): void =>
    void connection.request(command(name, attrs));
  /** The answers to a request that is no dump and has several. */
  const answers = <M>(name: Command, attrs: object): M[] =>
    connection.request(command(name, attrs)).replies as unknown as M[];
  /** Kernels before Linux 6.6 list all devices. */
  const list = <M, O extends { readonly dev: string }>(
    name: Command,
    object: (message: M) => O,
    filter: DevFilter = {},
  ): O[] => {
    const { dev } = only(filter, ['dev']);
    const attrs = dev === undefined ? {} : names.devHandle(dev);
    const all = connection.list(command(name, attrs)) as unknown as M[];
    return all.map(object).filter((each) => dev === undefined || each.dev === dev);
  };

  const ports = (filter?: DevFilter) => list('DEVLINK_CMD_PORT_GET', o.portObject, filter);
  /** A link is looked for among all ports, as devlink(8) does. */
  function portOf(text: string): names.PortHandle {
    const handle = names.portHandle(text);
    if (handle !== undefined) return handle;
    const found = ports().find(({ netdev }) => netdev === text);
    if (found === undefined) {
      throw netlinkError(ENODEV, 'DEVLINK_CMD_PORT_GET', {
        subject: text,
        advice: 'no port has this link',
      });
    }
    return names.portHandle(found.port)!;
  }
  const param = (dev: string, name: string): o.ParamObject =>
    o.paramObject(get('DEVLINK_CMD_PARAM_GET', { ...names.devHandle(dev), paramName: name }));
  const reporter = (dev: string, name: string) => ({
    ...names.devOrPortHandle(dev),
    healthReporterName: name,
  });
  const trap = (dev: string, trapName: string) => ({ ...names.devHandle(dev), trapName });
  const group = (dev: string, trapGroupName: string) => ({
    ...names.devHandle(dev),
    trapGroupName,
  });
  const policer = (dev: string, trapPolicerId: number) => ({
    ...names.devHandle(dev),
    trapPolicerId,
  });
  const card = (dev: string, linecardIndex: number) => ({ ...names.devHandle(dev), linecardIndex });
  const resources = (dev: string): o.ResourceObject[] =>
    answers<{ attrs: { resourceList?: { resource?: [] } } }>(
      'DEVLINK_CMD_RESOURCE_DUMP',
      names.devHandle(dev),
    ).flatMap(({ attrs }) => (attrs.resourceList?.resource ?? []).map(o.resourceObject));

  return {
    devs: {
      list: () => list('DEVLINK_CMD_GET', o.devObject),
      get: (dev) => o.devObject(get('DEVLINK_CMD_GET', names.devHandle(dev))),
      listInfo: () => list('DEVLINK_CMD_INFO_GET', o.devInfoObject),
      info: (dev) => o.devInfoObject(get('DEVLINK_CMD_INFO_GET', names.devHandle(dev))),
      reload(dev, options = {}) {
        const { action, limit, netnsId, netnsPid } = only(options, RELOAD_KEYS);
        const limits = limit === undefined ? undefined : { value: [limit], selector: [limit] };
        const [answer] = answers<{ attrs: { reloadActionsPerformed?: { value: string[] } } }>(
          'DEVLINK_CMD_RELOAD',
          {
            ...names.devHandle(dev),
            // Without one the kernel does not tell what was done.
            reloadAction: action ?? 'driver_reinit',
            reloadLimits: limits,
            netnsId,
            netnsPid,
          },
        );
        return answer?.attrs.reloadActionsPerformed?.value ?? [];
      },
      getEswitch: (dev) => o.eswitchObject(get('DEVLINK_CMD_ESWITCH_GET', names.devHandle(dev))),
      setEswitch: (dev, spec) =>
        change('DEVLINK_CMD_ESWITCH_SET', {
          ...names.devHandle(dev),
          ...o.attributesOf(spec, o.ESWITCH),
        }),
      flash(dev, spec) {
        const { file, component, overwrite } = only(spec, FLASH_KEYS);
        change('DEVLINK_CMD_FLASH_UPDATE', {
          ...names.devHandle(dev),
          flashUpdateFileName: file,
          flashUpdateComponent: component,
          flashUpdateOverwriteMask:
            overwrite === undefined ? undefined : { value: overwrite, selector: overwrite },
        });
      },
      listSelftests(dev) {
        const { attrs } = get<Selftests>('DEVLINK_CMD_SELFTESTS_GET', names.devHandle(dev));
        return Object.keys(attrs.selftests ?? {}).filter((key) => key !== 'nlaNotes');
      },
      runSelftests(dev, ids) {
        const chosen = Object.fromEntries(ids.map((id) => [id, true]));
        const [answer] = answers<SelftestResults>('DEVLINK_CMD_SELFTESTS_RUN', {
          ...names.devHandle(dev),
          selftests: chosen,
        });
        const results = answer?.attrs.selftests?.result ?? [];
        return Object.fromEntries(results.map(({ id, status }) => [String(id), String(status)]));
      },
    },
    ports: {
      list: ports,
      get: (port) => o.portObject(get('DEVLINK_CMD_PORT_GET', portOf(port))),
      set(port, spec) {
        const { type, function: fn } = only(spec, ['type', 'function']);
        change('DEVLINK_CMD_PORT_SET', { ...portOf(port), portType: type, portFunction: fn });
      },
      split: (port, count) =>
        change('DEVLINK_CMD_PORT_SPLIT', { ...portOf(port), portSplitCount: count }),
      unsplit: (port) => change('DEVLINK_CMD_PORT_UNSPLIT', portOf(port)),
      add(dev, spec) {
        const { flavour, pfnum, sfnum, controller } = only(spec, NEW_PORT_KEYS);
        return o.portObject(
          get('DEVLINK_CMD_PORT_NEW', {
            ...names.devHandle(dev),
            portFlavour: flavour,
            portPciPfNumber: pfnum,
            portPciSfNumber: sfnum,
            portControllerNumber: controller,
          }),
        );
      },
      delete: (port) => change('DEVLINK_CMD_PORT_DEL', portOf(port)),
    },
    params: {
      list: (filter) => list('DEVLINK_CMD_PARAM_GET', o.paramObject, filter),
      get: param,
      set(dev, name, value, cmode = 'runtime') {
        const { type } = param(dev, name);
        change('DEVLINK_CMD_PARAM_SET', {
          ...names.devHandle(dev),
          paramName: name,
          paramType: type,
          paramValueData: bytesOfValue(type, value),
          paramValueCmode: cmode,
        });
      },
    },
    health: {
      list: (filter) => list('DEVLINK_CMD_HEALTH_REPORTER_GET', o.healthObject, filter),
      get: (dev, name) =>
        o.healthObject(get('DEVLINK_CMD_HEALTH_REPORTER_GET', reporter(dev, name))),
      set: (dev, name, spec) =>
        change('DEVLINK_CMD_HEALTH_REPORTER_SET', {
          ...o.attributesOf(spec, o.HEALTH),
          ...reporter(dev, name),
        }),
      recover: (dev, name) => change('DEVLINK_CMD_HEALTH_REPORTER_RECOVER', reporter(dev, name)),
      diagnose: (dev, name) =>
        valueIn(answers('DEVLINK_CMD_HEALTH_REPORTER_DIAGNOSE', reporter(dev, name))),
      dump: (dev, name) =>
        valueIn(
          connection.list(command('DEVLINK_CMD_HEALTH_REPORTER_DUMP_GET', reporter(dev, name))),
        ),
      clearDump: (dev, name) =>
        change('DEVLINK_CMD_HEALTH_REPORTER_DUMP_CLEAR', reporter(dev, name)),
      test: (dev, name) => change('DEVLINK_CMD_HEALTH_REPORTER_TEST', reporter(dev, name)),
    },
    regions: {
      list: (filter) => list('DEVLINK_CMD_REGION_GET', o.regionObject, filter),
      get: (region) => o.regionObject(get('DEVLINK_CMD_REGION_GET', names.regionHandle(region))),
      add(region, snapshot) {
        const [answer] = answers<{ attrs: { regionSnapshotId?: number } }>(
          'DEVLINK_CMD_REGION_NEW',
          { ...names.regionHandle(region), regionSnapshotId: snapshot },
        );
        return snapshot ?? answer?.attrs.regionSnapshotId ?? 0;
      },
      delete: (region, snapshot) =>
        change('DEVLINK_CMD_REGION_DEL', {
          ...names.regionHandle(region),
          regionSnapshotId: snapshot,
        }),
      read(region, options = {}) {
        const { snapshot, address = 0, length } = only(options, READ_KEYS);
        const handle = names.regionHandle(region);
        const from = unsigned('address', address);
        const size =
          length === undefined
            ? o.regionObject(get('DEVLINK_CMD_REGION_GET', handle)).size - from
            : unsigned('length', length);
        const parts = connection.list(
          command('DEVLINK_CMD_REGION_READ', {
            ...handle,
            ...(snapshot === undefined ? { regionDirect: true } : { regionSnapshotId: snapshot }),
            regionChunkAddr: from,
            regionChunkLen: size,
          }),
        ) as unknown as { attrs: { regionChunks?: { regionChunk?: Chunk[] } } }[];
        return joined(parts.flatMap(({ attrs }) => attrs.regionChunks?.regionChunk ?? []));
      },
    },
    traps: {
      list: (filter) => list('DEVLINK_CMD_TRAP_GET', o.trapObject, filter),
      get: (dev, name) => o.trapObject(get('DEVLINK_CMD_TRAP_GET', trap(dev, name))),
      set: (dev, name, spec) =>
        change('DEVLINK_CMD_TRAP_SET', {
          ...trap(dev, name),
          trapAction: only(spec, ['action']).action,
        }),
    },
    trapGroups: {
      list: (filter) => list('DEVLINK_CMD_TRAP_GROUP_GET', o.trapGroupObject, filter),
      get: (dev, name) => o.trapGroupObject(get('DEVLINK_CMD_TRAP_GROUP_GET', group(dev, name))),
      set(dev, name, spec) {
        const { action, policer: id } = only(spec, ['action', 'policer']);
        change('DEVLINK_CMD_TRAP_GROUP_SET', {
          ...group(dev, name),
          trapAction: action,
          trapPolicerId: id,
        });
      },
    },
    trapPolicers: {
      list: (filter) => list('DEVLINK_CMD_TRAP_POLICER_GET', o.trapPolicerObject, filter),
      get: (dev, id) => o.trapPolicerObject(get('DEVLINK_CMD_TRAP_POLICER_GET', policer(dev, id))),
      set(dev, id, spec) {
        const { rate, burst } = only(spec, ['rate', 'burst']);
        change('DEVLINK_CMD_TRAP_POLICER_SET', {
          ...policer(dev, id),
          trapPolicerRate: rate,
          trapPolicerBurst: burst,
        });
      },
    },
    rates: {
      list: (filter) => list('DEVLINK_CMD_RATE_GET', o.rateObject, filter),
      get: (rate) => o.rateObject(get('DEVLINK_CMD_RATE_GET', names.rateHandle(rate))),
      set: (rate, spec) =>
        change('DEVLINK_CMD_RATE_SET', {
          ...names.rateHandle(rate),
          ...o.attributesOf(spec, o.RATE),
        }),
      add: (rate, spec = {}) =>
        change('DEVLINK_CMD_RATE_NEW', { ...nodeOf(rate), ...o.attributesOf(spec, o.RATE) }),
      delete: (rate) => change('DEVLINK_CMD_RATE_DEL', nodeOf(rate)),
    },
    linecards: {
      list: (filter) => list('DEVLINK_CMD_LINECARD_GET', o.linecardObject, filter),
      get: (dev, lc) => o.linecardObject(get('DEVLINK_CMD_LINECARD_GET', card(dev, lc))),
      set: (dev, lc, spec) =>
        change('DEVLINK_CMD_LINECARD_SET', {
          ...card(dev, lc),
          linecardType: only(spec, ['type']).type,
        }),
    },
    sbs: {
      list: (filter) => list('DEVLINK_CMD_SB_GET', o.sbObject, filter),
      listPools: (filter) => list('DEVLINK_CMD_SB_POOL_GET', o.sbPoolObject, filter),
      setPool: (dev, spec) =>
        change('DEVLINK_CMD_SB_POOL_SET', {
          sbIndex: 0,
          ...names.devHandle(dev),
          ...o.attributesOf(spec, o.SB_POOL),
        }),
      listPortPools: (filter) => list('DEVLINK_CMD_SB_PORT_POOL_GET', o.sbPortPoolObject, filter),
      setPortPool: (port, spec) =>
        change('DEVLINK_CMD_SB_PORT_POOL_SET', {
          sbIndex: 0,
          ...portOf(port),
          ...o.attributesOf(spec, o.SB_PORT),
        }),
      listTcPoolBinds: (filter) =>
        list('DEVLINK_CMD_SB_TC_POOL_BIND_GET', o.sbTcPoolBindObject, filter),
      setTcPoolBind: (port, spec) =>
        change('DEVLINK_CMD_SB_TC_POOL_BIND_SET', {
          sbIndex: 0,
          ...portOf(port),
          ...o.attributesOf(spec, o.SB_PORT),
        }),
      snapshot: (dev, sb = 0) =>
        change('DEVLINK_CMD_SB_OCC_SNAPSHOT', { ...names.devHandle(dev), sbIndex: sb }),
      clearMax: (dev, sb = 0) =>
        change('DEVLINK_CMD_SB_OCC_MAX_CLEAR', { ...names.devHandle(dev), sbIndex: sb }),
    },
    resources: {
      list: resources,
      set(dev, path, size) {
        const wanted = unsigned('size', size);
        const found = path
          .split('/')
          .filter((part) => part !== '')
          .reduce<Tree | undefined>(
            (at, name) => at?.resources.find((each) => each.name === name),
            { resources: resources(dev) },
          );
        if (found?.id === undefined) {
          throw netlinkError(ENOENT, 'DEVLINK_CMD_RESOURCE_SET', {
            subject: path,
            advice: 'the device has no such resource',
          });
        }
        change('DEVLINK_CMD_RESOURCE_SET', {
          ...names.devHandle(dev),
          resourceId: found.id,
          resourceSize: wanted,
        });
      },
    },
  };
}

const RELOAD_KEYS = ['action', 'limit', 'netnsId', 'netnsPid'] as const;
const FLASH_KEYS = ['file', 'component', 'overwrite'] as const;
const NEW_PORT_KEYS = ['flavour', 'pfnum', 'sfnum', 'controller'] as const;
const READ_KEYS = ['snapshot', 'address', 'length'] as const;

/** A spec that has no other keys than these: a misspelt one would change nothing. */
function only<S extends object>(spec: S, keys: readonly (keyof S & string)[]): S {
  o.refuseOthers(spec, keys);
  return spec;
}

/** A resource, or the device that has the first ones. */
interface Tree {
  readonly id?: bigint | undefined;
  readonly resources: readonly o.ResourceObject[];
}

interface Chunk {
  readonly regionChunkData?: Uint8Array;
}

function joined(chunks: readonly Chunk[]): Uint8Array {
  const parts = chunks.flatMap(({ regionChunkData }) => regionChunkData ?? []);
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** The value in the streams of several messages, which the kernel divides anywhere. */
const valueIn = (messages: readonly unknown[]): FmsgValue =>
  fmsgValue(
    (messages as { attrs: { fmsg?: FmsgItem[] } }[]).flatMap(({ attrs }) => attrs.fmsg ?? []),
  );

function unsigned(key: string, value: number | bigint): bigint {
  const isNumber = typeof value === 'bigint' || Number.isSafeInteger(value);
  if (!isNumber || value < 0) {
    throw new CodecError(`${key} must be a number of bytes or units, not ${describe(value)}`);
  }
  return BigInt(value);
}

function nodeOf(rate: string) {
  const handle = names.rateHandle(rate);
  if ('rateNodeName' in handle) return handle;
  throw new CodecError(`"${rate}" is the port ${handleText(handle)}, not the name of a node`);
}
