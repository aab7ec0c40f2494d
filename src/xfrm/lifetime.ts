/** Limits of states and policies. */
import type { Input, Static } from '../netlink/codec/codec.ts';
import { XFRM_INF } from './constants.ts';
import type { lifetimeCfg } from './structs.ts';

type Limits = Static<typeof lifetimeCfg>;

/** Limits; a limit that is left out does not apply. */
export type LifetimeObject = Partial<Limits>;
export type LifetimeSpec = Input<typeof lifetimeCfg>;

/** 0 seconds mean no limit; for bytes and packets the maximum does. */
const isNone = (key: string, value: unknown): boolean =>
  key.endsWith('Seconds') ? value === 0n || value === XFRM_INF : value === XFRM_INF;

export const lifetimeObject = (limits: Limits): LifetimeObject =>
  Object.fromEntries(Object.entries(limits).filter(([key, value]) => !isNone(key, value)));

export const lifetimeMessage = (spec: LifetimeSpec = {}): LifetimeSpec => ({
  ...spec,
  softByteLimit: spec.softByteLimit ?? XFRM_INF,
  hardByteLimit: spec.hardByteLimit ?? XFRM_INF,
  softPacketLimit: spec.softPacketLimit ?? XFRM_INF,
  hardPacketLimit: spec.hardPacketLimit ?? XFRM_INF,
});
