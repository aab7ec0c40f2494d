/** Flat objects of devlink, with the words of `devlink -j`, and what they are made of. */
import { CodecError } from '../errors.ts';
import { handleText } from './declare.ts';
import type { DevInfo } from './objects/dev-info.ts';
import type { DevlinkDev } from './objects/devlink-dev.ts';
import type { DevlinkPort } from './objects/devlink-port.ts';
import type { Eswitch } from './objects/eswitch.ts';
import type { Flash } from './objects/flash.ts';
import type { Health } from './objects/health.ts';
import type { Linecard } from './objects/linecard.ts';
import type { Param } from './objects/param.ts';
import type { Rate } from './objects/rate.ts';
import type { Region } from './objects/region.ts';
import type { ResourceEntry } from './objects/resource.ts';
import type { Sb, SbPool, SbPortPool, SbTcPoolBind } from './objects/shared-buffer.ts';
import type { Trap, TrapGroup, TrapPolicer } from './objects/trap.ts';
import { valueOf, type DevlinkValue } from './value.ts';

type Handle = 'busName' | 'devName' | 'portIndex';
type Words = Readonly<Record<string, string>>;

/** Attributes under the words of `devlink -j`, without the handle. */
export type Renamed<A, R extends Words> = {
  readonly [K in Exclude<keyof A, Handle> as K extends keyof R ? R[K] : K]: A[K];
};

/** The other way round, for what is written. */
export type Renaming<A, R extends Words> = {
  readonly [K in Exclude<keyof A, Handle> as K extends keyof R ? R[K] : never]?: A[K] | undefined;
};

export const PORT = {
  portType: 'type',
  portDesiredType: 'desiredType',
  portNetdevIfindex: 'ifindex',
  portNetdevName: 'netdev',
  portIbdevName: 'ibdev',
  portSplitCount: 'splitCount',
  portSplitGroup: 'splitGroup',
  portFlavour: 'flavour',
  portNumber: 'number',
  portSplitSubportNumber: 'subport',
  portPciPfNumber: 'pfnum',
  portPciVfNumber: 'vfnum',
  portPciSfNumber: 'sfnum',
  portFunction: 'function',
  portLanes: 'lanes',
  portSplittable: 'splittable',
  portExternal: 'external',
  portControllerNumber: 'controller',
  linecardIndex: 'lc',
} as const;
export const ESWITCH = {
  eswitchMode: 'mode',
  eswitchInlineMode: 'inlineMode',
  eswitchEncapMode: 'encapMode',
} as const;
export const HEALTH = {
  healthReporterName: 'reporter',
  healthReporterState: 'state',
  healthReporterErrCount: 'error',
  healthReporterRecoverCount: 'recover',
  healthReporterDumpTs: 'dumpTs',
  healthReporterDumpTsNs: 'dumpTsNs',
  healthReporterGracefulPeriod: 'gracePeriod',
  healthReporterAutoRecover: 'autoRecover',
  healthReporterAutoDump: 'autoDump',
} as const;
export const TRAP = {
  trapName: 'name',
  trapAction: 'action',
  trapType: 'type',
  trapGeneric: 'generic',
  trapGroupName: 'group',
  trapMetadata: 'metadata',
} as const;
export const TRAP_GROUP = {
  trapGroupName: 'name',
  trapAction: 'action',
  trapGeneric: 'generic',
  trapPolicerId: 'policer',
} as const;
export const TRAP_POLICER = {
  trapPolicerId: 'policer',
  trapPolicerRate: 'rate',
  trapPolicerBurst: 'burst',
} as const;
export const RATE = {
  rateType: 'type',
  rateTxShare: 'txShare',
  rateTxMax: 'txMax',
  rateTxPriority: 'txPriority',
  rateTxWeight: 'txWeight',
  rateParentNodeName: 'parent',
} as const;
export const LINECARD = {
  linecardIndex: 'lc',
  linecardState: 'state',
  linecardType: 'type',
} as const;
export const SB = {
  sbIndex: 'sb',
  sbSize: 'size',
  sbIngressPoolCount: 'ingressPools',
  sbEgressPoolCount: 'egressPools',
  sbIngressTcCount: 'ingressTcs',
  sbEgressTcCount: 'egressTcs',
} as const;
export const SB_POOL = {
  sbIndex: 'sb',
  sbPoolIndex: 'pool',
  sbPoolType: 'type',
  sbPoolSize: 'size',
  sbPoolThresholdType: 'thtype',
  sbPoolCellSize: 'cellSize',
} as const;
export const SB_PORT = {
  sbIndex: 'sb',
  sbPoolIndex: 'pool',
  sbPoolType: 'type',
  sbTcIndex: 'tc',
  sbThreshold: 'threshold',
  sbOccCur: 'occCur',
  sbOccMax: 'occMax',
} as const;
const FLASH = {
  flashUpdateStatusMsg: 'msg',
  flashUpdateComponent: 'component',
  flashUpdateStatusDone: 'done',
  flashUpdateStatusTotal: 'total',
  flashUpdateStatusTimeout: 'timeout',
} as const;
const RESOURCE = {
  resourceName: 'name',
  resourceId: 'id',
  resourceSize: 'size',
  resourceSizeNew: 'sizeNew',
  resourceSizeValid: 'sizeValid',
  resourceSizeMin: 'sizeMin',
  resourceSizeMax: 'sizeMax',
  resourceSizeGran: 'sizeGran',
  resourceUnit: 'unit',
  resourceOcc: 'occ',
} as const;

/** Of a device. */
interface OfDev {
  /** `pci/0000:01:00.0` */
  readonly dev: string;
}
/** Of a device, or of one of its ports. */
interface OfDevOrPort extends OfDev {
  /** `pci/0000:01:00.0/1` */
  readonly port?: string;
}

export interface DevObject extends Renamed<DevlinkDev['attrs'], {}>, OfDev {}
export interface PortObject extends Renamed<DevlinkPort['attrs'], typeof PORT>, OfDev {
  /** `pci/0000:01:00.0/1` */
  readonly port: string;
}
export interface DevInfoObject extends OfDev {
  readonly driver?: string;
  readonly serialNumber?: string;
  readonly boardSerialNumber?: string;
  /** By name. */
  readonly versions: {
    readonly fixed: Readonly<Record<string, string>>;
    readonly running: Readonly<Record<string, string>>;
    readonly stored: Readonly<Record<string, string>>;
  };
}
export interface EswitchObject extends Renamed<Eswitch['attrs'], typeof ESWITCH>, OfDev {}
export interface FlashObject extends Renamed<Flash['attrs'], typeof FLASH>, OfDev {}
export interface ParamObject extends OfDevOrPort {
  readonly name: string;
  /** Whether it is one of all drivers. */
  readonly generic: boolean;
  readonly type: NonNullable<Param['attrs']['paramType']>;
  readonly values: readonly {
    readonly cmode: NonNullable<Param['attrs']['paramValueCmode']>;
    readonly value: DevlinkValue;
  }[];
}
export interface HealthObject
  extends Renamed<NonNullable<Health['attrs']['healthReporter']>, typeof HEALTH>, OfDevOrPort {}
export interface RegionObject extends OfDevOrPort {
  /** `pci/0000:01:00.0/cr-space` */
  readonly region: string;
  readonly size: bigint;
  readonly maxSnapshots?: number;
  /** Numbers of the snapshots. */
  readonly snapshots: readonly number[];
}
/** Packets that were trapped. */
export interface TrapStats {
  readonly rxPackets?: bigint;
  readonly rxBytes?: bigint;
  readonly rxDropped?: bigint;
}
export interface TrapObject
  extends Omit<Renamed<Trap['attrs'], typeof TRAP>, 'stats' | 'metadata'>, OfDev {
  readonly stats?: TrapStats;
  /** What is told of packets. */
  readonly metadata: readonly ('input_port' | 'flow_action_cookie')[];
}
export interface TrapGroupObject
  extends Omit<Renamed<TrapGroup['attrs'], typeof TRAP_GROUP>, 'stats'>, OfDev {
  readonly stats?: TrapStats;
}
export interface TrapPolicerObject
  extends Omit<Renamed<TrapPolicer['attrs'], typeof TRAP_POLICER>, 'stats'>, OfDev {
  readonly stats?: TrapStats;
}
export interface RateObject
  extends Omit<Renamed<Rate['attrs'], typeof RATE>, 'rateNodeName'>, OfDev {
  /** `pci/0000:01:00.0/1` for a port, `pci/0000:01:00.0/group1` for a node. */
  readonly rate: string;
}
export interface LinecardObject
  extends
    Omit<Renamed<Linecard['attrs'], typeof LINECARD>, 'linecardSupportedTypes' | 'nestedDevlink'>,
    OfDev {
  readonly supportedTypes: readonly string[];
  /** Its own device. */
  readonly nestedDevlink?: string;
}
export interface SbObject extends Renamed<Sb['attrs'], typeof SB>, OfDev {}
export interface SbPoolObject extends Renamed<SbPool['attrs'], typeof SB_POOL>, OfDev {}
export interface SbPortPoolObject
  extends Renamed<SbPortPool['attrs'], typeof SB_PORT>, OfDevOrPort {}
export interface SbTcPoolBindObject
  extends Renamed<SbTcPoolBind['attrs'], typeof SB_PORT>, OfDevOrPort {}
export interface ResourceObject extends Omit<
  Renamed<ResourceEntry, typeof RESOURCE>,
  'resourceList'
> {
  /** Those that it is divided into. */
  readonly resources: readonly ResourceObject[];
}

interface Handled {
  readonly busName?: string | undefined;
  readonly devName?: string | undefined;
  readonly portIndex?: number | undefined;
}

/** `DEVLINK_ATTR_PAD`, 61, before numbers of 64 bits. */
const PADDING = /^nla61(\.\d+)?$/;

/** Attributes under other words. */
export function renamed(attrs: object, words: Words): Record<string, unknown> {
  const entries = Object.entries(attrs).filter(([key]) => !PADDING.test(key));
  return Object.fromEntries(entries.map(([key, value]) => [words[key] ?? key, value]));
}

/** Throws CodecError for a key that is none of these. */
export function refuseOthers(spec: object, keys: readonly string[]): void {
  const other = Object.keys(spec).find((key) => !keys.includes(key));
  if (other !== undefined) throw new CodecError(`"${other}" is none of ${keys.join(', ')}`);
}

/** What is written, under the keys of its attributes. */
export function attributesOf(spec: object, words: Words): Record<string, unknown> {
  refuseOthers(spec, Object.values(words));
  const given = spec as Record<string, unknown>;
  return Object.fromEntries(Object.entries(words).map(([key, word]) => [key, given[word]]));
}

function handleOf({ busName, devName, portIndex }: Handled): OfDevOrPort {
  const dev = handleText({ busName, devName }) ?? '';
  return portIndex === undefined ? { dev } : { dev, port: `${dev}/${portIndex}` };
}

/** An object of a device with these words. */
const flat =
  (words: Words) =>
  ({ attrs }: { readonly attrs: Handled & object }): any => {
    const { busName, devName, portIndex, ...rest } = attrs;
    return { ...handleOf({ busName, devName, portIndex }), ...renamed(rest, words) };
  };

export const devObject: (message: DevlinkDev) => DevObject = flat({});
export const portObject: (message: DevlinkPort) => PortObject = flat(PORT);
export const eswitchObject: (message: Eswitch) => EswitchObject = flat(ESWITCH);
export const flashObject: (message: Flash) => FlashObject = flat(FLASH);
export const sbObject: (message: Sb) => SbObject = flat(SB);
export const sbPoolObject: (message: SbPool) => SbPoolObject = flat(SB_POOL);
export const sbPortPoolObject: (message: SbPortPool) => SbPortPoolObject = flat(SB_PORT);
export const sbTcPoolBindObject: (message: SbTcPoolBind) => SbTcPoolBindObject = flat(SB_PORT);

export function devInfoObject({ attrs }: DevInfo): DevInfoObject {
  const { infoDriverName, infoSerialNumber, infoBoardSerialNumber } = attrs;
  const byName = (versions: DevInfo['attrs']['infoVersionFixed'] = []) =>
    Object.fromEntries(
      versions.map((each) => [each.infoVersionName ?? '', each.infoVersionValue ?? '']),
    );
  return {
    ...handleOf(attrs),
    ...(infoDriverName !== undefined && { driver: infoDriverName }),
    ...(infoSerialNumber !== undefined && { serialNumber: infoSerialNumber }),
    ...(infoBoardSerialNumber !== undefined && { boardSerialNumber: infoBoardSerialNumber }),
    versions: {
      fixed: byName(attrs.infoVersionFixed),
      running: byName(attrs.infoVersionRunning),
      stored: byName(attrs.infoVersionStored),
    },
  };
}

export function paramObject({ attrs }: Param): ParamObject {
  const { paramName = '', paramGeneric, paramType = 0, paramValuesList } = attrs.param ?? {};
  return {
    ...handleOf(attrs),
    name: paramName,
    generic: paramGeneric === true,
    type: paramType,
    values: (paramValuesList?.paramValue ?? []).map(({ paramValueCmode, paramValueData }) => ({
      cmode: paramValueCmode ?? 0,
      value: valueOf(paramType, paramValueData),
    })),
  };
}

export const healthObject = ({ attrs }: Health): HealthObject => ({
  ...handleOf(attrs),
  ...(renamed(attrs.healthReporter ?? {}, HEALTH) as Omit<HealthObject, keyof OfDevOrPort>),
});

export function regionObject({ attrs }: Region): RegionObject {
  const { regionName = '', regionSize = 0n, regionMaxSnapshots, regionSnapshots } = attrs;
  const handle = handleOf(attrs);
  return {
    ...handle,
    region: `${handle.port ?? handle.dev}/${regionName}`,
    size: regionSize,
    ...(regionMaxSnapshots !== undefined && { maxSnapshots: regionMaxSnapshots }),
    snapshots: (regionSnapshots?.regionSnapshot ?? []).flatMap(
      ({ regionSnapshotId }) => regionSnapshotId ?? [],
    ),
  };
}

const STATS = {
  statsRxPackets: 'rxPackets',
  statsRxBytes: 'rxBytes',
  statsRxDropped: 'rxDropped',
} as const;

const counted =
  (words: Words) =>
  (message: { readonly attrs: Handled & { readonly stats?: object } }): any => {
    const { stats, ...object } = flat(words)(message);
    return stats === undefined ? object : { ...object, stats: renamed(stats, STATS) };
  };

export function trapObject(message: Trap): TrapObject {
  const { trapMetadataTypeInPort, trapMetadataTypeFaCookie } = message.attrs.trapMetadata ?? {};
  return {
    ...counted(TRAP)(message),
    metadata: [
      ...(trapMetadataTypeInPort === true ? ['input_port'] : []),
      ...(trapMetadataTypeFaCookie === true ? ['flow_action_cookie'] : []),
    ],
  };
}
export const trapGroupObject: (message: TrapGroup) => TrapGroupObject = counted(TRAP_GROUP);
export const trapPolicerObject: (message: TrapPolicer) => TrapPolicerObject = counted(TRAP_POLICER);

export function rateObject({ attrs }: Rate): RateObject {
  const { rateNodeName, busName, devName, portIndex, ...rest } = attrs;
  const { dev } = handleOf({ busName, devName });
  return { ...renamed(rest, RATE), dev, rate: `${dev}/${rateNodeName ?? portIndex}` } as RateObject;
}

export function linecardObject({ attrs }: Linecard): LinecardObject {
  const { linecardSupportedTypes, nestedDevlink, ...rest } = attrs;
  const nested = nestedDevlink && handleText(nestedDevlink);
  return {
    ...flat(LINECARD)({ attrs: rest }),
    supportedTypes: linecardSupportedTypes?.linecardType ?? [],
    ...(nested !== undefined && { nestedDevlink: nested }),
  };
}

export function resourceObject({ resourceList, ...rest }: ResourceEntry): ResourceObject {
  return {
    ...(renamed(rest, RESOURCE) as Omit<ResourceObject, 'resources'>),
    resources: (resourceList?.resource ?? []).map(resourceObject),
  };
}
