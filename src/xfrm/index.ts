/**
 * `netlink-ts/xfrm`: IPsec, as `ip xfrm` shows and sets it: states with their keys, policies, and
 * the kernel's requests to a key manager.
 *
 * @example
 * using xfrm = openXfrm();
 * for await (const event of xfrm.monitor()) {
 *   if (event.type === 'acquire') console.log('a state is needed:', event.value.sel);
 * }
 */
export type { AeadObject, AlgorithmObject, AuthObject } from './algorithm.ts';
export * from './constants.ts';
export {
  sadinfo,
  spdinfo,
  type Sadinfo,
  type SadinfoInput,
  type Spdinfo,
  type SpdinfoInput,
} from './info/message.ts';
export { ipsec } from './ipsec.ts';
export type { LifetimeObject, LifetimeSpec } from './lifetime.ts';
export {
  openXfrm,
  type AcquireObject,
  type AeventObject,
  type ExpireObject,
  type MappingObject,
  type MonitorOptions,
  type OpenOptions,
  type Xfrm,
  type XfrmEvent,
} from './open.ts';
export {
  acquire,
  migrate,
  policy,
  policyDefault,
  policyExpire,
  policyFlush,
  policyId,
  policyList,
  report,
  type Acquire,
  type AcquireInput,
  type Migrate,
  type MigrateInput,
  type Policy,
  type PolicyDefault,
  type PolicyDefaultInput,
  type PolicyExpire,
  type PolicyExpireInput,
  type PolicyFlush,
  type PolicyFlushInput,
  type PolicyId,
  type PolicyIdInput,
  type PolicyInput,
  type PolicyList,
  type PolicyListInput,
  type Report,
  type ReportInput,
} from './policy/message.ts';
export {
  addPolicy,
  deletePolicy,
  flushPolicies,
  getPolicy,
  getPolicyDefault,
  listPolicies,
  migratePolicy,
  replacePolicy,
  setPolicyDefault,
  type MigrationSpec,
  type PolicyDefaults,
  type PolicyFilter,
  type PolicyName,
  type PolicyObject,
  type PolicySpec,
  type PolicyType,
  type TmplObject,
  type TmplSpec,
} from './policy/requests.ts';
export type { PolicyVerbs } from './policy/verbs.ts';
export type { SelectorObject, SelectorSpec } from './selector.ts';
export {
  aevent,
  expire,
  mapping,
  spi,
  state,
  stateFlush,
  stateId,
  stateList,
  type Aevent,
  type AeventInput,
  type Expire,
  type ExpireInput,
  type Mapping,
  type MappingInput,
  type Spi,
  type SpiInput,
  type State,
  type StateFlush,
  type StateFlushInput,
  type StateId,
  type StateIdInput,
  type StateInput,
  type StateList,
  type StateListInput,
} from './state/message.ts';
export {
  addState,
  allocSpi,
  deleteState,
  flushStates,
  getState,
  listStates,
  replaceState,
  type EncapObject,
  type SpiSpec,
  type StateFilter,
  type StateName,
  type StateObject,
  type StateSpec,
} from './state/requests.ts';
export type { StateVerbs } from './state/verbs.ts';
export type * from '../netlink/named.ts';
