/**
 * `netlink-ts/devlink`: devices, ports, parameters, health, regions, traps and whatever else
 * devlink(8) shows and sets.
 *
 * @example
 * using dl = openDevlink();
 * for (const { port, netdev, flavour } of dl.ports.list()) console.log(port, netdev, flavour);
 */
export * from './constants.ts';
export { devlink } from './devlink.ts';
export type {
  DevFilter,
  DevlinkVerbs,
  DevVerbs,
  EswitchSpec,
  FlashSpec,
  HealthSpec,
  HealthVerbs,
  LinecardSpec,
  LinecardVerbs,
  NewPortSpec,
  ParamMode,
  ParamVerbs,
  PortSpec,
  PortVerbs,
  RateSpec,
  RateVerbs,
  RegionReadOptions,
  RegionVerbs,
  ReloadOptions,
  ResourceVerbs,
  SbPoolSpec,
  SbPortPoolSpec,
  SbTcPoolBindSpec,
  SbVerbs,
  TrapGroupSpec,
  TrapGroupVerbs,
  TrapPolicerSpec,
  TrapPolicerVerbs,
  TrapSpec,
  TrapVerbs,
} from './groups.ts';
export type {
  DevInfoObject,
  DevObject,
  EswitchObject,
  FlashObject,
  HealthObject,
  LinecardObject,
  ParamObject,
  PortObject,
  RateObject,
  RegionObject,
  ResourceObject,
  SbObject,
  SbPoolObject,
  SbPortPoolObject,
  SbTcPoolBindObject,
  TrapGroupObject,
  TrapObject,
  TrapPolicerObject,
  TrapStats,
} from './objects.ts';
export { devInfo, type DevInfo, type DevInfoInput } from './objects/dev-info.ts';
export { devlinkDev, type DevlinkDev, type DevlinkDevInput } from './objects/devlink-dev.ts';
export { devlinkPort, type DevlinkPort, type DevlinkPortInput } from './objects/devlink-port.ts';
export { dpipe, type Dpipe, type DpipeInput } from './objects/dpipe.ts';
export { eswitch, type Eswitch, type EswitchInput } from './objects/eswitch.ts';
export { flash, type Flash, type FlashInput } from './objects/flash.ts';
export { fmsgValue, type FmsgItem, type FmsgItemInput, type FmsgValue } from './objects/fmsg.ts';
export { health, type Health, type HealthInput } from './objects/health.ts';
export { linecard, type Linecard, type LinecardInput } from './objects/linecard.ts';
export { param, portParam, type Param, type ParamInput } from './objects/param.ts';
export type { PortParam, PortParamInput } from './objects/param.ts';
export { rate, type Rate, type RateInput } from './objects/rate.ts';
export { region, type Region, type RegionInput } from './objects/region.ts';
export { resource, type Resource, type ResourceInput } from './objects/resource.ts';
export type { ResourceEntry } from './objects/resource.ts';
export { selftestResults, selftests, selftestsRun } from './objects/selftests.ts';
export type {
  SelftestResults,
  SelftestResultsInput,
  Selftests,
  SelftestsInput,
  SelftestsRun,
  SelftestsRunInput,
} from './objects/selftests.ts';
export { sb, sbPool, sbPortPool, sbTcPoolBind } from './objects/shared-buffer.ts';
export type {
  Sb,
  SbInput,
  SbPool,
  SbPoolInput,
  SbPortPool,
  SbPortPoolInput,
  SbTcPoolBind,
  SbTcPoolBindInput,
} from './objects/shared-buffer.ts';
export { trap, trapGroup, trapPolicer } from './objects/trap.ts';
export type {
  Trap,
  TrapGroup,
  TrapGroupInput,
  TrapInput,
  TrapPolicer,
  TrapPolicerInput,
} from './objects/trap.ts';
export {
  openDevlink,
  type Devlink,
  type DevlinkEvent,
  type DevlinkObjects,
  type MonitorOptions,
  type OpenOptions,
} from './open.ts';
export type { DevlinkValue } from './value.ts';
export type { FamilyConnection } from '../genl/open.ts';
export type * from '../netlink/named.ts';
