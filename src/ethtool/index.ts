/**
 * `netlink-ts/ethtool`: rings, channels, features and whatever else ethtool(8) shows and sets.
 *
 * @example
 * using eth = openEthtool();
 * eth.rings.set('eth0', { rx: 1024 });
 */
export { bitset, type Bits, type Bitset, type BitsetInput } from './bitset.ts';
export * from './constants.ts';
export { ethtool } from './ethtool.ts';
export type {
  ChannelsObject,
  ChannelsSpec,
  CoalesceObject,
  CoalesceSpec,
  DebugMessagesObject,
  DebugMessagesSpec,
  EeeObject,
  EeeSpec,
  EthtoolObjects,
  EthtoolSpecs,
  FeaturesObject,
  FeaturesSpec,
  FecObject,
  FecSpec,
  LinkInfoObject,
  LinkInfoSpec,
  LinkModesObject,
  LinkModesSpec,
  LinkStateObject,
  PauseObject,
  PauseSpec,
  PrivateFlagsObject,
  PrivateFlagsSpec,
  RingsObject,
  RingsSpec,
  StringSetName,
  TimestampingObject,
  WakeOnLanObject,
  WakeOnLanSpec,
} from './kinds.ts';
export {
  channels,
  channelsRequest,
  type Channels,
  type ChannelsInput,
} from './objects/channels.ts';
export {
  coalesce,
  coalesceRequest,
  type Coalesce,
  type CoalesceInput,
} from './objects/coalesce.ts';
export {
  counters,
  countersRequest,
  type Counters,
  type CountersInput,
} from './objects/counters.ts';
export { eee, eeeRequest, type Eee, type EeeInput } from './objects/eee.ts';
export {
  features,
  featuresRequest,
  type Features,
  type FeaturesInput,
} from './objects/features.ts';
export { fec, fecRequest, type Fec, type FecInput } from './objects/fec.ts';
export {
  linkInfo,
  linkInfoRequest,
  type LinkInfo,
  type LinkInfoInput,
} from './objects/link-info.ts';
export {
  linkModes,
  linkModesRequest,
  type LinkModes,
  type LinkModesInput,
} from './objects/link-modes.ts';
export {
  linkState,
  linkStateRequest,
  type LinkState,
  type LinkStateInput,
} from './objects/link-state.ts';
export {
  debugMessages,
  debugMessagesRequest,
  type DebugMessages,
  type DebugMessagesInput,
} from './objects/messages.ts';
export { pause, pauseRequest, type Pause, type PauseInput } from './objects/pause.ts';
export {
  privateFlags,
  privateFlagsRequest,
  type PrivateFlags,
  type PrivateFlagsInput,
} from './objects/private-flags.ts';
export { rings, ringsRequest, type Rings, type RingsInput } from './objects/rings.ts';
export {
  stringSets,
  stringSetsRequest,
  type StringSets,
  type StringSetsInput,
} from './objects/strings.ts';
export {
  timestamping,
  timestampingRequest,
  type Timestamping,
  type TimestampingInput,
} from './objects/timestamping.ts';
export {
  wakeOnLan,
  wakeOnLanRequest,
  type WakeOnLan,
  type WakeOnLanInput,
} from './objects/wake-on-lan.ts';
export {
  openEthtool,
  type Ethtool,
  type EthtoolEvent,
  type MonitorOptions,
  type OpenOptions,
} from './open.ts';
export type {
  AskOptions,
  ChangeableVerbs,
  CountersObject,
  CounterVerbs,
  FeaturesChange,
  FeatureVerbs,
  ObjectVerbs,
  StringVerbs,
} from './verbs.ts';
export type { FamilyConnection } from '../genl/open.ts';
export type * from '../netlink/named.ts';
