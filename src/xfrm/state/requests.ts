/** States in the terms of `ip xfrm state`: the flat objects, and the requests for them. */
import { familyOf, type Family } from '../../ip.ts';
import { checkedFunction } from '../../netlink/codec/arguments.ts';
import type { Request } from '../../netlink/connection.ts';
import { inFamily } from '../address.ts';
import {
  algorithmMessage,
  algorithmObject,
  type AeadObject,
  type AlgorithmObject,
  type AuthObject,
} from '../algorithm.ts';
import * as c from '../constants.ts';
import {
  lifetimeMessage,
  lifetimeObject,
  type LifetimeObject,
  type LifetimeSpec,
} from '../lifetime.ts';
import {
  selectorMessage,
  selectorObject,
  type SelectorObject,
  type SelectorSpec,
} from '../selector.ts';
import {
  spi as spiMessage,
  state,
  stateFlush,
  stateId,
  stateList,
  type SpiInput,
  type State,
  type StateFlush,
  type StateFlushInput,
  type StateId,
  type StateIdInput,
  type StateInput,
  type StateListInput,
} from './message.ts';

type Attrs = State['attrs'];
type AttrsInput = NonNullable<StateInput['attrs']>;
type Algorithms = 'algAuth' | 'algAuthTrunc' | 'algCrypt' | 'algComp' | 'algAead';
/** Keys that only other messages have. */
type Alien = 'tmpl' | 'sa' | 'policy' | 'policyType' | 'migrate' | 'proto' | 'addressFilter';

interface AlgorithmsOf {
  readonly auth?: AlgorithmObject;
  readonly authTrunc?: AuthObject;
  readonly enc?: AlgorithmObject;
  readonly comp?: AlgorithmObject;
  readonly aead?: AeadObject;
}

/** ESP in UDP or TCP. */
export interface EncapObject {
  readonly type: NonNullable<Attrs['encap']>['encapType'];
  readonly sport: number;
  readonly dport: number;
  readonly oa: string;
}

/** A state as the kernel describes it. */
export interface StateObject extends Omit<Attrs, Algorithms | Alien | 'encap'>, AlgorithmsOf {
  readonly family: State['family'];
  readonly src: string;
  readonly dst: string;
  readonly proto: State['id']['proto'];
  readonly spi: number;
  readonly reqid: number;
  readonly mode: State['mode'];
  readonly replayWindow: number;
  readonly flags: State['flags'];
  readonly seq: number;
  readonly sel: SelectorObject;
  readonly lft: LifetimeObject;
  readonly curlft: State['curlft'];
  readonly stats: State['stats'];
  readonly encap?: EncapObject;
}

/**
 * A state to add or change. `mode` is `transport` by default; a limit that is left out does not
 * apply.
 */
export interface StateSpec extends Omit<AttrsInput, Algorithms | Alien | 'encap'> {
  readonly src: string;
  readonly dst: string;
  readonly proto: State['id']['proto'];
  readonly spi: number;
  readonly reqid?: number | undefined;
  readonly mode?: State['mode'] | undefined;
  readonly replayWindow?: number | undefined;
  readonly flags?: State['flags'] | undefined;
  readonly seq?: number | undefined;
  readonly sel?: SelectorSpec | undefined;
  readonly lft?: LifetimeSpec | undefined;
  readonly auth?: AlgorithmObject | undefined;
  readonly authTrunc?: AuthObject | undefined;
  readonly enc?: AlgorithmObject | undefined;
  readonly comp?: Pick<AlgorithmObject, 'name'> | undefined;
  readonly aead?: AeadObject | undefined;
  readonly encap?: (Partial<EncapObject> & Pick<EncapObject, 'type'>) | undefined;
}

/** Identifies a state. */
export interface StateName {
  readonly dst: string;
  readonly proto: State['id']['proto'];
  readonly spi: number;
  readonly src?: string | undefined;
  readonly mark?: AttrsInput['mark'];
}

/** An SPI to allocate: between `min` and `max`, by default from 0x100 to 0xfff. */
export interface SpiSpec {
  readonly src: string;
  readonly dst: string;
  readonly proto: State['id']['proto'];
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  readonly mode?: State['mode'] | undefined;
  readonly reqid?: number | undefined;
  readonly seq?: number | undefined;
  readonly mark?: AttrsInput['mark'];
}

/** Keys that must be equal. */
export interface StateFilter {
  readonly src?: string | undefined;
  readonly dst?: string | undefined;
  readonly proto?: State['id']['proto'] | undefined;
  readonly spi?: number | undefined;
  readonly reqid?: number | undefined;
  readonly mode?: State['mode'] | undefined;
}

export function stateObject(value: State): StateObject {
  const { family, id, saddr, sel, lft, curlft, stats, attrs, ...own } = value;
  const { algAuth, algAuthTrunc, algCrypt, algComp, algAead, encap, ...rest } = attrs;
  const { reqid, mode, replayWindow, flags, seq } = own;
  return {
    family,
    src: inFamily(saddr, family),
    dst: inFamily(id.daddr, family),
    proto: id.proto,
    spi: id.spi,
    reqid,
    mode,
    replayWindow,
    flags,
    seq,
    sel: selectorObject(sel),
    lft: lifetimeObject(lft),
    curlft,
    stats,
    // The kernel reports the algorithm with the length of its ICV and, for old programs, without.
    ...(algAuth && { auth: algorithmObject(algAuth) }),
    ...(algAuthTrunc && {
      authTrunc: { ...algorithmObject(algAuthTrunc), truncLen: algAuthTrunc.algTruncLen },
    }),
    ...(algCrypt && { enc: algorithmObject(algCrypt) }),
    ...(algComp && { comp: algorithmObject(algComp) }),
    ...(algAead && { aead: { ...algorithmObject(algAead), icvLen: algAead.algIcvLen } }),
    ...(encap && {
      encap: {
        type: encap.encapType,
        sport: encap.encapSport,
        dport: encap.encapDport,
        oa: inFamily(encap.encapOa, family),
      },
    }),
    ...rest,
  };
}

/** What the kernel reports about a state, but does not accept. */
const TOLD = ['family', 'curlft', 'stats', 'lastused'];

function change(type: number, spec: StateSpec): Request<State, StateInput> {
  const { src, dst, proto, spi, reqid, mode, replayWindow, flags, seq, sel, lft, ...attrs } = spec;
  const { auth, authTrunc, enc, comp, aead, encap, ...rest } = attrs;
  const family = familyOf(dst);
  const others = Object.entries(rest).filter(([key]) => !TOLD.includes(key));
  return {
    message: state,
    type,
    value: {
      sel: selectorMessage(sel ?? {}, family),
      id: { daddr: dst, spi, proto },
      saddr: src,
      lft: lifetimeMessage(lft),
      reqid,
      mode,
      replayWindow,
      flags,
      seq,
      family,
      attrs: {
        ...Object.fromEntries(others),
        algAuth: authTrunc === undefined && auth ? algorithmMessage(auth) : undefined,
        algAuthTrunc: authTrunc && {
          ...algorithmMessage(authTrunc),
          algTruncLen: authTrunc.truncLen,
        },
        algCrypt: enc && algorithmMessage(enc),
        algComp: comp && algorithmMessage({ ...comp, key: '' }),
        algAead: aead && { ...algorithmMessage(aead), algIcvLen: aead.icvLen },
        encap: encap && {
          encapType: encap.type,
          encapSport: encap.sport,
          encapDport: encap.dport,
          encapOa: encap.oa,
        },
      },
    },
  };
}

/**
 * Adds a state. EEXIST if it exists.
 *
 * @throws CodecError for a key that is not hexadecimal, addresses of two families; NetlinkError
 *   EEXIST if it exists, when it is sent
 */
export const addState = checkedFunction('addState', 'spec: object', (spec: StateSpec) =>
  change(c.XFRM_MSG_NEWSA, spec),
);

/**
 * Replaces a state, or completes one that has only an SPI. ESRCH if it does not exist.
 *
 * @throws CodecError for a key that is not hexadecimal, addresses of two families; NetlinkError
 *   ESRCH if it does not exist, when it is sent
 */
export const replaceState = checkedFunction('replaceState', 'spec: object', (spec: StateSpec) =>
  change(c.XFRM_MSG_UPDSA, spec),
);

const named = (
  type: number,
  { dst, proto, spi, src, mark }: StateName,
): Request<StateId, StateIdInput> => ({
  message: stateId,
  type,
  value: { daddr: dst, spi, proto, family: familyOf(dst), attrs: { srcaddr: src, mark } },
});

/**
 * Gets a state. ESRCH if it does not exist.
 *
 * @throws CodecError for a `name` that is not an object; NetlinkError ESRCH if it does not exist,
 *   when it is sent
 */
export const getState = checkedFunction(
  'getState',
  'name: object',
  (name: StateName) => named(c.XFRM_MSG_GETSA, name) as unknown as Request<State, StateIdInput>,
);

/**
 * Deletes a state. ESRCH if it does not exist.
 *
 * @throws CodecError for a `name` that is not an object; NetlinkError ESRCH if it does not exist,
 *   when it is sent
 */
export const deleteState = checkedFunction('deleteState', 'name: object', (name: StateName) =>
  named(c.XFRM_MSG_DELSA, name),
);

const WIDTHS: Readonly<Record<Family, number>> = { inet: 32, inet6: 128 };

/**
 * Lists states. The kernel filters by protocol and addresses; `states.list` applies the rest.
 *
 * @throws CodecError for a `filter` that is not an object
 */
export const listStates = checkedFunction(
  'listStates',
  'filter?: object',
  ({ src, dst, proto }: StateFilter = {}): Request<State, StateListInput> => {
    const address = src ?? dst;
    const family = address === undefined ? undefined : familyOf(address);
    const addressFilter = family && {
      saddr: src,
      daddr: dst,
      family,
      splen: src === undefined ? 0 : WIDTHS[family],
      dplen: dst === undefined ? 0 : WIDTHS[family],
    };
    return {
      message: stateList,
      type: c.XFRM_MSG_GETSA,
      value: { attrs: { proto, addressFilter } },
    } as unknown as Request<State, StateListInput>;
  },
);

/**
 * Deletes all states, or those of one protocol.
 *
 * @throws CodecError for a `proto` of the wrong type
 */
export const flushStates = checkedFunction(
  'flushStates',
  'proto?: string | number',
  (proto: State['id']['proto'] = 'any'): Request<StateFlush, StateFlushInput> => ({
    message: stateFlush,
    type: c.XFRM_MSG_FLUSHSA,
    value: { proto },
  }),
);

/**
 * Allocates an SPI that no state to this address has: the answer is a state without keys, which
 * `replaceState` completes. The kernel forgets it after 30 s.
 *
 * @throws CodecError for a `spec` that is not an object
 */
export const allocSpi = checkedFunction(
  'allocSpi',
  'spec: object',
  ({
    src,
    dst,
    proto,
    min = 0x100,
    max = 0xfff,
    mode,
    reqid,
    seq,
    mark,
  }: SpiSpec): Request<State, SpiInput> => {
    const family = familyOf(dst);
    return {
      message: spiMessage,
      type: c.XFRM_MSG_ALLOCSPI,
      value: {
        info: {
          sel: selectorMessage({}, family),
          id: { daddr: dst, proto },
          saddr: src,
          lft: lifetimeMessage(),
          mode,
          reqid,
          seq,
          family,
        },
        min,
        max,
        attrs: { mark },
      },
    } as unknown as Request<State, SpiInput>;
  },
);
