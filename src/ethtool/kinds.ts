/**
 * The objects of ethtool as flat values: an attribute by its key, a set of bits as a record by
 * name.
 */
import type { Bits } from './bitset.ts';
import { linkInfoAttrs, type LinkInfo, type LinkInfoInput } from './objects/link-info.ts';
import { linkModesAttrs, type LinkModes, type LinkModesInput } from './objects/link-modes.ts';
import { linkStateAttrs, type LinkState } from './objects/link-state.ts';
import {
  debugMessagesAttrs,
  type DebugMessages,
  type DebugMessagesInput,
} from './objects/messages.ts';
import { wakeOnLanAttrs, type WakeOnLan, type WakeOnLanInput } from './objects/wake-on-lan.ts';
import { featuresAttrs, type Features, type FeaturesInput } from './objects/features.ts';
import {
  privateFlagsAttrs,
  type PrivateFlags,
  type PrivateFlagsInput,
} from './objects/private-flags.ts';
import { ringsAttrs, type Rings, type RingsInput } from './objects/rings.ts';
import { channelsAttrs, type Channels, type ChannelsInput } from './objects/channels.ts';
import { coalesceAttrs, type Coalesce, type CoalesceInput } from './objects/coalesce.ts';
import { pauseAttrs, type Pause, type PauseInput } from './objects/pause.ts';
import { eeeAttrs, type Eee, type EeeInput } from './objects/eee.ts';
import { fecAttrs, type Fec, type FecInput } from './objects/fec.ts';
import { timestampingAttrs, type Timestamping } from './objects/timestamping.ts';
import type { stringSet } from './objects/strings.ts';
import type { Attributes } from '../netlink/codec/attributes.ts';

/** A set of strings by its name. */
export type StringSetName = keyof (typeof stringSet)['numbers'];

/** Attributes that are not part of a flat value. */
type Hidden = 'header' | 'nlaNotes' | `nla${number}`;

/** What the kernel reports about a link; `B` are the attributes with bits. */
type Flat<A, B extends string = never> = {
  readonly index: number;
  readonly dev: string;
} & { readonly [K in keyof A as K extends B | Hidden ? never : K]: A[K] } & {
  readonly [K in B]?: Bits;
};

/** What can be changed: everything but `T`, which is read-only. */
type Changes<I, B extends string = never, T extends string = never> = {
  readonly [K in keyof I as K extends B | T | Hidden ? never : K]?: I[K] | undefined;
} & { readonly [K in Exclude<B, T>]?: Bits | undefined };

export interface LinkInfoObject extends Flat<LinkInfo['attrs'], never> {}
export interface LinkInfoSpec extends Changes<
  NonNullable<LinkInfoInput['attrs']>,
  never,
  'phyaddr' | 'tpMdix' | 'transceiver'
> {}
export interface LinkModesObject extends Flat<LinkModes['attrs'], 'ours' | 'peer'> {}
export interface LinkModesSpec extends Changes<
  NonNullable<LinkModesInput['attrs']>,
  'ours' | 'peer',
  'peer' | 'masterSlaveState' | 'rateMatching'
> {}
export interface LinkStateObject extends Flat<LinkState['attrs'], never> {}
export interface DebugMessagesObject extends Flat<DebugMessages['attrs'], 'msgmask'> {}
export interface DebugMessagesSpec extends Changes<
  NonNullable<DebugMessagesInput['attrs']>,
  'msgmask',
  never
> {}
export interface WakeOnLanObject extends Flat<WakeOnLan['attrs'], 'modes'> {}
export interface WakeOnLanSpec extends Changes<
  NonNullable<WakeOnLanInput['attrs']>,
  'modes',
  never
> {}
export interface FeaturesObject extends Flat<
  Features['attrs'],
  'hw' | 'wanted' | 'active' | 'nochange'
> {}
export interface FeaturesSpec extends Changes<
  NonNullable<FeaturesInput['attrs']>,
  'hw' | 'wanted' | 'active' | 'nochange',
  'hw' | 'active' | 'nochange'
> {}
export interface PrivateFlagsObject extends Flat<PrivateFlags['attrs'], 'flags'> {}
export interface PrivateFlagsSpec extends Changes<
  NonNullable<PrivateFlagsInput['attrs']>,
  'flags',
  never
> {}
export interface RingsObject extends Flat<Rings['attrs'], never> {}
export interface RingsSpec extends Changes<
  NonNullable<RingsInput['attrs']>,
  never,
  'rxMax' | 'rxMiniMax' | 'rxJumboMax' | 'txMax' | 'txPushBufLenMax' | 'hdsThreshMax'
> {}
export interface ChannelsObject extends Flat<Channels['attrs'], never> {}
export interface ChannelsSpec extends Changes<
  NonNullable<ChannelsInput['attrs']>,
  never,
  'rxMax' | 'txMax' | 'otherMax' | 'combinedMax'
> {}
export interface CoalesceObject extends Flat<Coalesce['attrs'], never> {}
export interface CoalesceSpec extends Changes<NonNullable<CoalesceInput['attrs']>, never, never> {}
export interface PauseObject extends Flat<Pause['attrs'], never> {}
export interface PauseSpec extends Changes<
  NonNullable<PauseInput['attrs']>,
  never,
  'stats' | 'statsSrc'
> {}
export interface EeeObject extends Flat<Eee['attrs'], 'modesOurs' | 'modesPeer'> {}
export interface EeeSpec extends Changes<
  NonNullable<EeeInput['attrs']>,
  'modesOurs' | 'modesPeer',
  'modesPeer' | 'active'
> {}
export interface FecObject extends Flat<Fec['attrs'], 'modes'> {}
export interface FecSpec extends Changes<
  NonNullable<FecInput['attrs']>,
  'modes',
  'active' | 'stats'
> {}
export interface TimestampingObject extends Flat<
  Timestamping['attrs'],
  'timestamping' | 'txTypes' | 'rxFilters'
> {}

/** The objects by the names of their groups. */
export interface EthtoolObjects {
  /** Port and transceiver. */
  linkInfo: LinkInfoObject;
  /** Speeds and modes. */
  linkModes: LinkModesObject;
  /** Carrier. */
  linkState: LinkStateObject;
  /** Messages that the driver logs. */
  debug: DebugMessagesObject;
  /** Packets that wake the machine. */
  wol: WakeOnLanObject;
  /** What the device does in place of the kernel. */
  features: FeaturesObject;
  /** Switches of the driver. */
  privateFlags: PrivateFlagsObject;
  /** Descriptors. */
  rings: RingsObject;
  /** Queues. */
  channels: ChannelsObject;
  /** Packets of an interrupt. */
  coalesce: CoalesceObject;
  /** Flow control. */
  pause: PauseObject;
  /** Energy-Efficient Ethernet. */
  eee: EeeObject;
  /** Forward error correction. */
  fec: FecObject;
  /** Time stamps. */
  timestamping: TimestampingObject;
}

/** What changes those that can be changed. */
export interface EthtoolSpecs {
  linkInfo: LinkInfoSpec;
  linkModes: LinkModesSpec;
  debug: DebugMessagesSpec;
  wol: WakeOnLanSpec;
  features: FeaturesSpec;
  privateFlags: PrivateFlagsSpec;
  rings: RingsSpec;
  channels: ChannelsSpec;
  coalesce: CoalesceSpec;
  pause: PauseSpec;
  eee: EeeSpec;
  fec: FecSpec;
}

/** How an object is asked for, and what is flat about it. */
export interface Kind {
  /** Of the commands: `RINGS` of `ETHTOOL_MSG_RINGS_GET`. */
  readonly command: string;
  readonly attributes: Attributes;
  /** The attributes with bits, and the sets of strings with their names. */
  readonly bits: Readonly<Record<string, StringSetName>>;
  /** Read-only attributes. */
  readonly told: readonly string[];
}

export const KINDS: Readonly<Record<keyof EthtoolObjects, Kind>> = {
  linkInfo: {
    command: 'LINKINFO',
    attributes: linkInfoAttrs.attributes,
    bits: {},
    told: ['phyaddr', 'tpMdix', 'transceiver'],
  },
  linkModes: {
    command: 'LINKMODES',
    attributes: linkModesAttrs.attributes,
    bits: { ours: 'link_modes', peer: 'link_modes' },
    told: ['peer', 'masterSlaveState', 'rateMatching'],
  },
  linkState: { command: 'LINKSTATE', attributes: linkStateAttrs.attributes, bits: {}, told: [] },
  debug: {
    command: 'DEBUG',
    attributes: debugMessagesAttrs.attributes,
    bits: { msgmask: 'msg_classes' },
    told: [],
  },
  wol: {
    command: 'WOL',
    attributes: wakeOnLanAttrs.attributes,
    bits: { modes: 'wol_modes' },
    told: [],
  },
  features: {
    command: 'FEATURES',
    attributes: featuresAttrs.attributes,
    bits: { hw: 'features', wanted: 'features', active: 'features', nochange: 'features' },
    told: ['hw', 'active', 'nochange'],
  },
  privateFlags: {
    command: 'PRIVFLAGS',
    attributes: privateFlagsAttrs.attributes,
    bits: { flags: 'priv_flags' },
    told: [],
  },
  rings: {
    command: 'RINGS',
    attributes: ringsAttrs.attributes,
    bits: {},
    told: ['rxMax', 'rxMiniMax', 'rxJumboMax', 'txMax', 'txPushBufLenMax', 'hdsThreshMax'],
  },
  channels: {
    command: 'CHANNELS',
    attributes: channelsAttrs.attributes,
    bits: {},
    told: ['rxMax', 'txMax', 'otherMax', 'combinedMax'],
  },
  coalesce: { command: 'COALESCE', attributes: coalesceAttrs.attributes, bits: {}, told: [] },
  pause: {
    command: 'PAUSE',
    attributes: pauseAttrs.attributes,
    bits: {},
    told: ['stats', 'statsSrc'],
  },
  eee: {
    command: 'EEE',
    attributes: eeeAttrs.attributes,
    bits: { modesOurs: 'link_modes', modesPeer: 'link_modes' },
    told: ['modesPeer', 'active'],
  },
  fec: {
    command: 'FEC',
    attributes: fecAttrs.attributes,
    bits: { modes: 'link_modes' },
    told: ['active', 'stats'],
  },
  timestamping: {
    command: 'TSINFO',
    attributes: timestampingAttrs.attributes,
    bits: { timestamping: 'sof_timestamping', txTypes: 'ts_tx_types', rxFilters: 'ts_rx_filters' },
    told: [],
  },
};
