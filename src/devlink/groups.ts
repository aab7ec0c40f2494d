/** The groups of verbs of devlink, in the words of devlink(8), and what they take. */
import type { DevlinkDevInput } from './objects/devlink-dev.ts';
import type { DevlinkPortInput } from './objects/devlink-port.ts';
import type { EswitchInput } from './objects/eswitch.ts';
import type { FmsgValue } from './objects/fmsg.ts';
import type { HealthInput } from './objects/health.ts';
import type { LinecardInput } from './objects/linecard.ts';
import type { RateInput } from './objects/rate.ts';
import type { SbPoolInput, SbPortPoolInput, SbTcPoolBindInput } from './objects/shared-buffer.ts';
import type { TrapGroupInput, TrapInput, TrapPolicerInput } from './objects/trap.ts';
import type * as o from './objects.ts';
import type { DevlinkValue } from './value.ts';

/** Selects the objects of one device. */
export interface DevFilter {
  /** `pci/0000:01:00.0` */
  readonly dev?: string | undefined;
}

/** What a request changes of an object, by the words that `list` has for it. */
type Spec<I extends { attrs?: unknown }, W extends Readonly<Record<string, string>>> = o.Renaming<
  NonNullable<I['attrs']>,
  W
>;
type Attrs<I extends { attrs?: unknown }> = NonNullable<I['attrs']>;

/** How a device starts anew. */
export interface ReloadOptions {
  /** Default `driver_reinit`. */
  readonly action?: Attrs<DevlinkDevInput>['reloadAction'];
  /** What it must not do. */
  readonly limit?: 'no_reset' | undefined;
  /** The id of a namespace that it moves to. */
  readonly netnsId?: number | undefined;
  /** A process in the namespace that it moves to. */
  readonly netnsPid?: number | undefined;
}
export interface EswitchSpec extends Spec<EswitchInput, typeof o.ESWITCH> {}
/** An update of the flash memory. */
export interface FlashSpec {
  /** Below /lib/firmware. */
  readonly file: string;
  readonly component?: string | undefined;
  readonly overwrite?: readonly ('settings' | 'identifiers')[] | undefined;
}

export interface DevVerbs {
  list(): o.DevObject[];
  get(dev: string): o.DevObject;
  /** Driver, serial numbers and versions of all devices whose drivers tell them. */
  listInfo(): o.DevInfoObject[];
  /** The same of one device. EOPNOTSUPP if its driver tells none. */
  info(dev: string): o.DevInfoObject;
  /** Starts it anew; returns what was done. */
  reload(dev: string, options?: ReloadOptions): readonly string[];
  /** The switch inside a network card. EOPNOTSUPP if it has none. */
  getEswitch(dev: string): o.EswitchObject;
  setEswitch(dev: string, spec: EswitchSpec): void;
  /** Updates its flash memory; `flash` events tell how far it is. */
  flash(dev: string, spec: FlashSpec): void;
  /** The tests that it can make of itself. */
  listSelftests(dev: string): string[];
  runSelftests(dev: string, ids: readonly 'flash'[]): Record<string, string>;
}

/** What can be changed of a port. */
export interface PortSpec {
  readonly type?: Attrs<DevlinkPortInput>['portType'];
  readonly function?: Attrs<DevlinkPortInput>['portFunction'];
}
/** A port to add. */
export interface NewPortSpec {
  readonly flavour: Attrs<DevlinkPortInput>['portFlavour'];
  readonly pfnum?: number | undefined;
  readonly sfnum?: number | undefined;
  readonly controller?: number | undefined;
}

/** A port is named as `pci/0000:01:00.0/1`, or by its link. */
export interface PortVerbs {
  list(filter?: DevFilter): o.PortObject[];
  /** ENODEV if there is no such port. */
  get(port: string): o.PortObject;
  set(port: string, spec: PortSpec): void;
  /** Splits it into `count` ports. */
  split(port: string, count: number): void;
  unsplit(port: string): void;
  /** Adds a port for a function. */
  add(dev: string, spec: NewPortSpec): o.PortObject;
  delete(port: string): void;
}

/** When a value takes effect: at once, at the next reload, or at the next start. */
export type ParamMode = 'runtime' | 'driverinit' | 'permanent';

export interface ParamVerbs {
  list(filter?: DevFilter): o.ParamObject[];
  get(dev: string, name: string): o.ParamObject;
  /** Sets it in one mode, `runtime` by default. Its type is asked for first. */
  set(dev: string, name: string, value: DevlinkValue, cmode?: ParamMode): void;
}

export interface HealthSpec extends Omit<Spec<HealthInput, typeof o.HEALTH>, 'reporter'> {}

/** A reporter belongs to a device, or to one of its ports. */
export interface HealthVerbs {
  list(filter?: DevFilter): o.HealthObject[];
  get(dev: string, reporter: string): o.HealthObject;
  set(dev: string, reporter: string, spec: HealthSpec): void;
  recover(dev: string, reporter: string): void;
  diagnose(dev: string, reporter: string): FmsgValue;
  /** The dump of the last error; it is made now if there is none. */
  dump(dev: string, reporter: string): FmsgValue;
  clearDump(dev: string, reporter: string): void;
  /** Makes an error, to try the reporter. */
  test(dev: string, reporter: string): void;
}

/** What is read of a region. */
export interface RegionReadOptions {
  /** The snapshot; without it the memory itself is read, where the driver can do that. */
  readonly snapshot?: number | undefined;
  /** Offset of the first byte; default 0. */
  readonly address?: number | bigint | undefined;
  /** Bytes to read; default all. */
  readonly length?: number | bigint | undefined;
}

/** A region is named as `pci/0000:01:00.0/cr-space`. */
export interface RegionVerbs {
  list(filter?: DevFilter): o.RegionObject[];
  get(region: string): o.RegionObject;
  /** Makes a snapshot, whose number the kernel chooses if it is left out. Returns the number. */
  add(region: string, snapshot?: number): number;
  /** Deletes a snapshot. */
  delete(region: string, snapshot: number): void;
  read(region: string, options?: RegionReadOptions): Uint8Array;
}

export interface TrapSpec extends Pick<Spec<TrapInput, typeof o.TRAP>, 'action'> {}
export interface TrapVerbs {
  list(filter?: DevFilter): o.TrapObject[];
  get(dev: string, name: string): o.TrapObject;
  set(dev: string, name: string, spec: TrapSpec): void;
}
export interface TrapGroupSpec extends Pick<
  Spec<TrapGroupInput, typeof o.TRAP_GROUP>,
  'action' | 'policer'
> {}
export interface TrapGroupVerbs {
  list(filter?: DevFilter): o.TrapGroupObject[];
  get(dev: string, name: string): o.TrapGroupObject;
  set(dev: string, name: string, spec: TrapGroupSpec): void;
}
export interface TrapPolicerSpec extends Pick<
  Spec<TrapPolicerInput, typeof o.TRAP_POLICER>,
  'rate' | 'burst'
> {}
export interface TrapPolicerVerbs {
  list(filter?: DevFilter): o.TrapPolicerObject[];
  get(dev: string, policer: number): o.TrapPolicerObject;
  set(dev: string, policer: number, spec: TrapPolicerSpec): void;
}

export interface RateSpec extends Omit<Spec<RateInput, typeof o.RATE>, 'type'> {}
/** A port is named as `pci/0000:01:00.0/1`, a node as `pci/0000:01:00.0/group1`. */
export interface RateVerbs {
  list(filter?: DevFilter): o.RateObject[];
  get(rate: string): o.RateObject;
  /** An empty `parent` takes it out of its node. */
  set(rate: string, spec: RateSpec): void;
  /** Adds a node. */
  add(rate: string, spec?: RateSpec): void;
  /** Deletes a node. */
  delete(rate: string): void;
}

export interface LinecardSpec extends Pick<Spec<LinecardInput, typeof o.LINECARD>, 'type'> {}
export interface LinecardVerbs {
  list(filter?: DevFilter): o.LinecardObject[];
  get(dev: string, lc: number): o.LinecardObject;
  /** An empty `type` takes the line card out of use. */
  set(dev: string, lc: number, spec: LinecardSpec): void;
}

export interface SbPoolSpec extends Omit<Spec<SbPoolInput, typeof o.SB_POOL>, 'type' | 'cellSize'> {
  readonly pool: number;
}
export interface SbPortPoolSpec extends Omit<
  Spec<SbPortPoolInput, typeof o.SB_PORT>,
  'occCur' | 'occMax'
> {
  readonly pool: number;
}
export interface SbTcPoolBindSpec extends Omit<
  Spec<SbTcPoolBindInput, typeof o.SB_PORT>,
  'occCur' | 'occMax'
> {
  readonly tc: number;
  readonly pool: number;
  readonly type: 'ingress' | 'egress';
}
/** Buffers that ports share. Without `sb` it is the first one. */
export interface SbVerbs {
  list(filter?: DevFilter): o.SbObject[];
  listPools(filter?: DevFilter): o.SbPoolObject[];
  setPool(dev: string, spec: SbPoolSpec): void;
  listPortPools(filter?: DevFilter): o.SbPortPoolObject[];
  setPortPool(port: string, spec: SbPortPoolSpec): void;
  listTcPoolBinds(filter?: DevFilter): o.SbTcPoolBindObject[];
  setTcPoolBind(port: string, spec: SbTcPoolBindSpec): void;
  /** Records what is in use, for the lists of pools. */
  snapshot(dev: string, sb?: number): void;
  /** Forgets the most that was in use. */
  clearMax(dev: string, sb?: number): void;
}

export interface ResourceVerbs {
  /** The resources of a device, as a tree. EOPNOTSUPP if it has none. */
  list(dev: string): o.ResourceObject[];
  /** Sets the size of `/IPv4/fib`, from the next reload on. */
  set(dev: string, path: string, size: number | bigint): void;
}

/** The verbs by object. */
export interface DevlinkVerbs {
  readonly devs: DevVerbs;
  readonly ports: PortVerbs;
  readonly params: ParamVerbs;
  readonly health: HealthVerbs;
  readonly regions: RegionVerbs;
  readonly traps: TrapVerbs;
  readonly trapGroups: TrapGroupVerbs;
  readonly trapPolicers: TrapPolicerVerbs;
  readonly rates: RateVerbs;
  readonly linecards: LinecardVerbs;
  /** Shared buffers. */
  readonly sbs: SbVerbs;
  readonly resources: ResourceVerbs;
}
